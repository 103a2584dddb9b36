/** What carries an ambulance's data to the centre. */
export const carriersEn = {
  title: 'Links to the centre', clock_title: 'Clock of the centre', clock_unknown: 'not known',
  clock: (ahead: string, within: string) => `${ahead} ms ahead of this one, ±${within} ms`,
  link: 'Link', from: 'From', standing: 'State', round_trip: 'Round trip', queue: 'Queue', loss: 'Loss', rate: 'Rate', sent: 'Sent',
  state: { good: 'answers', suspect: 'owes an answer', fresh: 'not heard yet', down: 'down' },
  not_kept: (name: string, fiveQi: number, delayMs: number | null, loss: number | null) =>
    `The network does not keep what ${name} asks for (5QI ${fiveQi}): ${[delayMs === null ? '' : `${delayMs} ms one way`, loss === null ? '' : `at most ${Number((loss * 100).toPrecision(2))} % lost`].filter(Boolean).join(', ')}`,
  class_title: 'What is sent', class: 'Class', waiting: 'Waiting', frames: 'Frames', late: 'Late',
  late_why: 'Stored by the centre later than the deadline of its class', within: (ms: number) => `within ${ms < 1000 ? `${ms} ms` : `${ms / 1000} s`}`,
  outbox: (of: { alarms: number; vitals: number; records: number; waves: number }) =>
    `On the disk: ${of.alarms} alarms, ${of.vitals} vital signs, ${of.records} records, ${of.waves} waves`,
  given_up: (expired: number, noSpace: number) => `given up: ${expired} too old, ${noSpace} for want of space`,
  in_memory: (n: number, max: number) => `The disk takes nothing: ${n} of at most ${max} frames wait in memory`,
  classes: {
    alarm: 'Alarms', command: 'Commands', voice: 'Voice', vitals: 'Vital signs', waveform: 'Waves', video: 'Video',
    image: 'Images', record: 'Records', backfill: 'Backlog', bulk: 'Bulk',
  },
};

export const carriersZh: typeof carriersEn = {
  title: '至指挥中心的链路', clock_title: '中心时钟', clock_unknown: '未知',
  clock: (ahead, within) => `比本机快 ${ahead} 毫秒，±${within} 毫秒`,
  link: '链路', from: '起点', standing: '状态', round_trip: '往返', queue: '排队', loss: '丢包', rate: '速率', sent: '已发',
  state: { good: '有应答', suspect: '应答迟', fresh: '尚无应答', down: '断开' },
  not_kept: (name, fiveQi, delayMs, loss) =>
    `网络未达到“${name}”所请求的等级（5QI ${fiveQi}）：${[delayMs === null ? '' : `单向 ${delayMs} 毫秒`, loss === null ? '' : `丢包不超过 ${Number((loss * 100).toPrecision(2))} %`].filter(Boolean).join('，')}`,
  class_title: '发送内容', class: '类别', waiting: '待发', frames: '帧', late: '迟到',
  late_why: '中心入库晚于该类别的时限', within: (ms) => `${ms < 1000 ? `${ms} 毫秒` : `${ms / 1000} 秒`}内`,
  outbox: (of) => `本机磁盘：报警 ${of.alarms}、生命体征 ${of.vitals}、记录 ${of.records}、波形 ${of.waves} 帧`,
  given_up: (expired, noSpace) => `已放弃：过期 ${expired} 帧，空间不足 ${noSpace} 帧`,
  in_memory: (n, max) => `磁盘无法写入：内存中暂存 ${n} 帧（上限 ${max}）`,
  classes: {
    alarm: '报警', command: '指令', voice: '语音', vitals: '生命体征', waveform: '波形', video: '视频',
    image: '图像', record: '记录', backfill: '积压', bulk: '批量',
  },
};
