import { describe, expect, it } from 'vitest';
import type { EtaCause, HospitalReason, RemoteCareReason, UnitReason } from '../api/model';
import { clockShort } from '../time/format';
import { en } from './en';
import { sayEtaCause, sayHospitalReason, sayRemoteCare, sayUnitReason, type Speech } from './reasons';
import { zh } from './zh';

const AT = 1_700_000_000_000_000;
const speech = (t: Speech['t']): Speech => ({
  t,
  stationName: (id) => (id === 's1' ? 'North' : id),
  clock: (at) => clockShort(at, 'UTC'),
});
const [english, chinese] = [speech(en), speech(zh)];

type Row<T> = [T, string, string];

const UNIT: { [K in UnitReason['reason']]: Row<Extract<UnitReason, { reason: K }>>[] } = {
  nearest: [[{ reason: 'nearest' }, 'nearest', '最近']],
  within_target: [[{ reason: 'within_target', eta: 300_000, target: 480_000 }, 'in time: 5:00 ≤ 8:00', '可按时到达：5:00 ≤ 8:00']],
  right_capability: [[{ reason: 'right_capability', has: 'als' }, 'right level: ALS', '能力匹配：高级']],
  too_far: [[{ reason: 'too_far', eta: 850_000, target: 480_000 }, 'too far: 14:10 > 8:00', '太远：14:10 > 8:00']],
  may_be_late: [[{ reason: 'may_be_late', last: 520_000, target: 480_000 }, 'may be late: 1 in 10 takes over 8:40 > 8:00', '可能迟到：10% 的行程超过 8:40 > 8:00']],
  wrong_capability: [[{ reason: 'wrong_capability', has: 'bls', needs: 'als' }, 'BLS, but ALS is needed', '为基础车，需要高级车']],
  more_than_needed: [[{ reason: 'more_than_needed', has: 'physician', needs: 'bls' }, 'Physician is more than needed (BLS)', '医师车高于所需（基础）']],
  stale_position: [[{ reason: 'stale_position', age: 41_000, limit: 30_000 }, 'stale position 41 s (limit 30 s)', '位置已 41 秒未更新（上限 30 秒）']],
  no_position: [[{ reason: 'no_position' }, 'no position reported: its home is assumed', '未上报位置：按驻点估算']],
  crew_rest: [[{ reason: 'crew_rest', until: AT }, 'crew rests until 22:13', '班组休息至 22:13']],
  shift_ends: [[{ reason: 'shift_ends', at: AT }, 'shift ends at 22:13', '22:13 下班']],
  would_uncover_area: [
    [{ reason: 'would_uncover_area', station: 's1', next_cover: 610_000 }, 'leaves North uncovered: next unit 10:10', 'North将失去覆盖：最近车辆 10:10'],
    [{ reason: 'would_uncover_area', station: 's9', next_cover: null }, 'leaves s9 uncovered: no other unit', 's9将失去覆盖：无其他车辆'],
  ],
  busy: [[{ reason: 'busy', incident: 12 }, 'busy with call 12', '正执行事件 12']],
  off_duty: [[{ reason: 'off_duty' }, 'off duty', '停班']],
  unreachable: [[{ reason: 'unreachable' }, 'no road leads there', '无道路可达']],
  fills: [[{ reason: 'fills', slot: 'als' }, 'for: als', '担任：als']],
  cannot_transport: [[{ reason: 'cannot_transport' }, 'takes no patient', '不能转运患者']],
  not_on_run_card: [[{ reason: 'not_on_run_card', card: 'als' }, 'not for this kind of call', '不用于此类呼叫']],
  out_of_range: [[{ reason: 'out_of_range', metres: 7_240, limit: 6_000 }, 'out of range: 7.2 km > 6.0 km', '超出航程：7.2 公里 > 6.0 公里']],
  wind_unknown: [[{ reason: 'wind_unknown', limit: 8 }, 'wind not known: the pilot checks it (limit 8 m/s)', '风速未知：由飞手确认（上限 8 米/秒）']],
};

const HOSPITAL: { [K in HospitalReason['reason']]: Row<Extract<HospitalReason, { reason: K }>>[] } = {
  nearest: [[{ reason: 'nearest' }, 'nearest suitable', '最近的适合医院']],
  has_capability: [[{ reason: 'has_capability', capability: 'pci' }, 'has PCI', '具备急诊介入（PCI）']],
  lacks_capability: [[{ reason: 'lacks_capability', capability: 'burns' }, 'no burns', '无烧伤']],
  too_far: [[{ reason: 'too_far', drive: 5_460_000, window: 3_600_000 }, 'too far: 1:31:00 > 1:00:00', '太远：1:31:00 > 1:00:00']],
  may_be_too_far: [[{ reason: 'may_be_too_far', last: 3_700_000, window: 3_600_000 }, 'may be too far: 1 in 10 takes over 1:01:40 > 1:00:00', '可能太远：10% 的行程超过 1:01:40 > 1:00:00']],
  overcrowded: [[{ reason: 'overcrowded', nedocs: 159, limit: 100 }, 'overcrowded: NEDOCS 159 (limit 100)', '过度拥挤：NEDOCS 159（上限 100）']],
  crowded: [[{ reason: 'crowded', percent: 116, limit: 100 }, 'full: 116 % (limit 100 %)', '已满：116%（上限 100%）']],
  crowding_unknown: [[{ reason: 'crowding_unknown' }, 'occupancy unknown', '占用情况未知']],
  diverting: [[{ reason: 'diverting', why: 'CT down' }, 'diverting: CT down', '暂停接收：CT down']],
  refused: [[{ reason: 'refused', why: 'no bed' }, 'refused: no bed', '拒收：no bed']],
  unreachable: [[{ reason: 'unreachable' }, 'no road leads there', '无道路可达']],
};

const REMOTE: Row<RemoteCareReason>[] = [
  [
    { reason: 'no_suitable_hospital', needs: ['pci', 'trauma'], window: 5_400_000, nearest: 7_200_000 },
    'No hospital with PCI, major trauma within 1:30:00; the nearest is 2:00:00 away.',
    '1:30:00 内无具备急诊介入（PCI）、严重创伤的医院；最近的需 2:00:00。',
  ],
  [
    { reason: 'no_suitable_hospital', needs: ['burns'], window: 5_400_000, nearest: null },
    'No hospital with burns within 1:30:00, nor beyond.',
    '1:30:00 内及更远均无具备烧伤的医院。',
  ],
];

const CAUSES: { [K in EtaCause['cause']]: Row<Extract<EtaCause, { cause: K }>> } = {
  planned: [{ cause: 'planned' }, 'first estimate', '首次估算'],
  position_reported: [{ cause: 'position_reported' }, 'unit’s position', '车辆位置'],
  traffic_changed: [{ cause: 'traffic_changed' }, 'traffic', '路况变化'],
  step_taken: [{ cause: 'step_taken', step: 'leave_scene' }, 'unit left the scene with the patient', '车组载患者离开现场'],
  scene_time_overrun: [{ cause: 'scene_time_overrun', on_scene: 1_260_000 }, 'care on scene has lasted 21:00', '现场救治已持续 21:00'],
};

describe('reasons', () => {
  it.each(Object.values(UNIT).flat() as Row<UnitReason>[])('unit: %j', (reason, inEnglish, inChinese) => {
    expect([sayUnitReason(reason, english), sayUnitReason(reason, chinese)]).toEqual([inEnglish, inChinese]);
  });
  it.each(Object.values(HOSPITAL).flat() as Row<HospitalReason>[])('hospital: %j', (reason, inEnglish, inChinese) => {
    expect([sayHospitalReason(reason, english), sayHospitalReason(reason, chinese)]).toEqual([inEnglish, inChinese]);
  });
  it.each(REMOTE)('remote care: %j', (reason, inEnglish, inChinese) => {
    expect([sayRemoteCare(reason, english), sayRemoteCare(reason, chinese)]).toEqual([inEnglish, inChinese]);
  });
  it.each(Object.values(CAUSES) as Row<EtaCause>[])('cause: %j', (cause, inEnglish, inChinese) => {
    expect([sayEtaCause(cause, english), sayEtaCause(cause, chinese)]).toEqual([inEnglish, inChinese]);
  });
});
