import { describe, expect, it } from 'vitest';
import type { EtaCause, HospitalReason, PostReason, RemoteCareReason, UnitReason } from '../api/model';
import { clockShort } from '../time/format';
import { en } from './en';
import { sayEtaCause, sayHospitalReason, sayPostReason, sayRemoteCare, sayUnitReason, type Speech } from './reasons';
import { zh } from './zh';

const AT = 1_700_000_000_000_000;
const speech = (t: Speech['t']): Speech & { hospitalName(id: string): string } => ({
  t,
  stationName: (id) => (id === 's1' ? 'North' : id),
  hospitalName: (id) => (id === 'n1' ? 'Luke' : id),
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
  lent: [[{ reason: 'lent', until: AT }, 'lent to another centre until 22:13', '已借给其他中心，至 22:13']],
  unreachable: [[{ reason: 'unreachable' }, 'no road leads there', '无道路可达']],
  diverted_from: [[{ reason: 'diverted_from', incident: 12, rank: 3 }, 'taken from call 12 (rank 3), which waits again', '从事件 12（第 3 级）改派，该事件重新等待']],
  cover_lost: [[{ reason: 'cover_lost', share_ppm: 31_250 }, 'takes 3.1 % of expected cover along', '带走 3.1% 的预期覆盖']],
  harm: [
    [{ reason: 'harm', measure: 'late_calls', milli: 1100 }, 'costs 1.100 late calls, minutes counted', '计 1.100 起迟到（含时间代价）'],
    [{ reason: 'harm', measure: 'lives', milli: 650 }, 'costs 0.650 lives, minutes and late calls counted', '计 0.650 条生命（含时间与迟到代价）'],
  ],
  call_loses: [
    [{ reason: 'call_loses', incident: 7, now: 300_000, then: 600_000 }, 'call 7 is then reached after 10:00, not 5:00', '事件 7 将由 5:00 延至 10:00 到达'],
    [{ reason: 'call_loses', incident: 7, now: 300_000, then: null }, 'call 7, reached after 5:00, has no other free unit', '事件 7 原定 5:00 到达，无其他空闲车辆'],
  ],
  look_ahead: [[{ reason: 'look_ahead', late_milli: 2500, fewer_milli: 300, error_milli: 120, n_futures: 32 }, 'in 32 sampled futures 2.500 calls late, 0.300 ± 0.120 fewer than with the first by the rule', '32 次推演平均迟到 2.500 起，比规则首选少 0.300 ± 0.120']],
  meal_due: [[{ reason: 'meal_due', closes: AT }, 'crew is owed a break until 22:13', '班组应在 22:13 前用餐休息']],
  range_low: [[{ reason: 'range_low', left_km: 28, reserve_km: 40 }, 'range too low: 28 km, reserve 40 km', '续航不足：余 28 公里，须保留 40 公里']],
  fills: [[{ reason: 'fills', slot: 'als' }, 'for: als', '担任：als']],
  cannot_transport: [[{ reason: 'cannot_transport' }, 'takes no patient', '不能转运患者']],
  not_on_run_card: [[{ reason: 'not_on_run_card', card: 'als' }, 'not for this kind of call', '不用于此类呼叫']],
  out_of_range: [[{ reason: 'out_of_range', metres: 7_240, limit: 6_000 }, 'out of range: 7.2 km > 6.0 km', '超出航程：7.2 公里 > 6.0 公里']],
  wind_unknown: [[{ reason: 'wind_unknown', limit: 8 }, 'wind not known: the pilot checks it (limit 8 m/s)', '风速未知：由飞手确认（上限 8 米/秒）']],
};

const POST: { [K in PostReason['reason']]: Row<Extract<PostReason, { reason: K }>>[] } = {
  cover_gained: [[{ reason: 'cover_gained', share_ppm: 9_600 }, 'adds 1.0 % to the expected cover', '预期覆盖增加 1.0%']],
  home: [[{ reason: 'home' }, 'its home: the policy moves no units', '本站：该策略不调动车辆']],
  crew_rest: [[{ reason: 'crew_rest', until: AT }, 'home: crew rests until 22:13', '回本站：班组休息至 22:13']],
  shift_ends: [[{ reason: 'shift_ends', at: AT }, 'home: shift ends at 22:13', '回本站：22:13 下班']],
  better_at: [
    [{ reason: 'better_at', station: 's1', share_ppm: 40_000 }, 'the policy says North: 4.0 %', '策略建议North：4.0%'],
    [{ reason: 'better_at', station: 's9', share_ppm: null }, 'the policy says s9', '策略建议s9'],
  ],
  table_wants: [[{ reason: 'table_wants', n_free: 5 }, 'the compliance table for 5 free units has one there', '驻守表（5 辆空闲）在此需一辆']],
  range_low: [[{ reason: 'range_low', left_km: 28, reserve_km: 40 }, 'home to be refilled: 28 km left, reserve 40 km', '回本站补能：余 28 公里，须保留 40 公里']],
  meal_due: [[{ reason: 'meal_due', closes: AT }, "the crew's break begins there, before 22:13", '班组到站后用餐休息，不晚于 22:13']],
  list_wants: [[{ reason: 'list_wants' }, 'first station of the priority list that lacks a unit', '优先清单中首个缺车的站点']],
  stays: [[{ reason: 'stays' }, 'where it waited before: the policy lacks a unit nowhere else', '返回原待命站：策略认为其他站点不缺车']],
  move_gains: [[{ reason: 'move_gains', share_ppm: 20_000 }, 'moving adds 2.0 % of expected cover, drives counted', '调动增加预期覆盖 2.0%（已计行程）']],
  standard_gains: [[{ reason: 'standard_gains' }, 'moving brings the double standard nearer', '调动使双重覆盖标准更接近']],
  moved: [[{ reason: 'moved', drive: 310_000 }, 'a drive of 5:10', '行程 5:10']],
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
  stroke_outlook: [
    [{ reason: 'stroke_outlook', then: 'n1', to_needle: 6_060_000, to_puncture: 12_900_000, chance_permille: 510, behind_permille: 0 }, 'thrombolysis 101 min, thrombectomy 215 min after onset, on to Luke: 51 % live without help', '发病后101 分钟溶栓，215 分钟取栓，再转Luke：51% 可生活自理'],
    [{ reason: 'stroke_outlook', then: null, to_needle: null, to_puncture: 12_900_000, chance_permille: 506, behind_permille: 43 }, 'thrombectomy 215 min after onset: 50.6 % live without help, 4.3 % less than the best', '发病后215 分钟取栓：50.6% 可生活自理，比最佳低 4.3%'],
    [{ reason: 'stroke_outlook', then: null, to_needle: null, to_puncture: null, chance_permille: 262, behind_permille: 0 }, 'too late for thrombolysis: 26.2 % live without help', '已过溶栓时限：26.2% 可生活自理'],
  ],
  stroke_times: [[{ reason: 'stroke_times', then: null, to_needle: 4_260_000, to_puncture: null }, 'from leaving the scene: thrombolysis 71 min', '离开现场后71 分钟溶栓']],
  reperfusion: [
    [{ reason: 'reperfusion', then: null, how: 'primary_pci', to_wire: 3_660_000, to_bolus: null, goal: 3_600_000, counts_as: 3_660_000 }, 'wire 61 min after the ECG (over the goal of 60)', '心电图后 61 分钟导丝通过（超过目标 60 分钟）'],
    [{ reason: 'reperfusion', then: 'n1', how: 'primary_pci', to_wire: 5_400_000, to_bolus: null, goal: 5_400_000, counts_as: 5_400_000 }, 'wire 90 min after the ECG (within the goal of 90), on to Luke', '心电图后 90 分钟导丝通过（达到目标 90 分钟），再转Luke'],
    [{ reason: 'reperfusion', then: 'n1', how: 'lysis', to_wire: 9_660_000, to_bolus: 1_800_000, goal: 600_000, counts_as: 8_400_000 }, 'lysis first, 30 min after the ECG (over the goal of 10), counts as a wire after 140 min, then wire after 161 min, on to Luke', '先溶栓，心电图后 30 分钟（超过目标 10 分钟），相当于 140 分钟导丝通过，161 分钟后再行介入，再转Luke'],
    [{ reason: 'reperfusion', then: null, how: 'late_pci', to_wire: 7_260_000, to_bolus: null, goal: 7_200_000, counts_as: 13_860_000 }, 'wire 121 min after the ECG, over 120, and no lysis, counts as a wire after 231 min', '心电图后 121 分钟导丝通过，超过 120，且不能溶栓，相当于 231 分钟导丝通过'],
  ],
  has_preferred: [[{ reason: 'has_preferred', capability: 'paediatrics' }, 'has paediatrics, as preferred', '具备优先考虑的儿科']],
  lacks_preferred: [[{ reason: 'lacks_preferred', capability: 'trauma' }, 'no major trauma, which is preferred', '无优先考虑的严重创伤']],
  many_expected: [[{ reason: 'many_expected', n: 3, limit: 2, within: 3_600_000 }, '3 other patients within 60 min (counts from 2)', '60 分钟内另有 3 名患者（2 名起计）']],
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
  it.each(Object.values(POST).flat() as Row<PostReason>[])('post: %j', (reason, inEnglish, inChinese) => {
    expect([sayPostReason(reason, english), sayPostReason(reason, chinese)]).toEqual([inEnglish, inChinese]);
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
