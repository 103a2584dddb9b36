/** Texts of mutual aid, in both languages. */
export const aidEn = {
  title: 'Mutual aid', none: 'No aid was asked for.', ask: 'Ask another centre', of: 'Centre', minutes: 'For how many minutes', message: 'What they should know', send: 'Ask',
  asked_of: (name: string) => `Asked of ${name}`, asked_by: (name: string) => `${name} asks`, wants: (n: number, kind: string) => `${n} × ${kind}`, until: (at: string) => `until ${at}`,
  pending: (at: string) => `not delivered yet, sent since ${at}`, delivered: (at: string) => `delivered ${at}`, failed: (why: string) => `not delivered: ${why}`,
  waits: 'Waits for an answer.', answer_due: 'Choose the units to lend.', lend: (n: number) => (n === 1 ? 'Lend 1 unit' : `Lend ${n} units`), decline: 'Decline', why: 'Why is none lent?', declined: (why: string) => `Declined: ${why}`,
  lent_units: 'Lent', guests: 'Guests', longer: 'Ask for longer', longer_asked: (at: string) => `longer asked: until ${at}`, over: 'over', free_units: 'Free units', no_free: 'No unit is free.', open: (n: number) => `Mutual aid (${n})`,
  guest_of: (name: string) => `of ${name}`, due_back: 'due back', unit_lent: (at: string) => `lent until ${at}`, eta: (span: string) => `${span} away as lent`,
  reason_lent: (at: string) => `lent to another centre until ${at}`,
  event: {
    asked: (name: string) => `Aid asked of ${name}`, asked_by: (name: string) => `${name} asks for aid`, consented: (name: string, n: number) => `${name}: ${n} units lent`, declined: (name: string, why: string) => `Aid with ${name} declined: ${why}`,
    delivered: (name: string) => `${name} has the message`, failed: (name: string, why: string) => `Message to ${name} not delivered: ${why}`, unit_lent: (unit: string, name: string, at: string) => `${unit} lent to ${name} until ${at}`,
    guest_came: (unit: string, at: string) => `${unit} can be sent until ${at}`, unit_returned: (unit: string) => `${unit} is back`, ended: (name: string) => `Aid with ${name} is over`,
  },
};

export type AidTexts = typeof aidEn;

export const aidZh: AidTexts = {
  title: '跨中心支援', none: '没有支援请求。', ask: '向其他中心请求', of: '中心', minutes: '时长（分钟）', message: '告知对方', send: '请求',
  asked_of: (name) => `已向 ${name} 请求`, asked_by: (name) => `${name} 请求支援`, wants: (n, kind) => `${kind} ${n} 辆`, until: (at) => `至 ${at}`,
  pending: (at) => `尚未送达，自 ${at} 起持续发送`, delivered: (at) => `${at} 已送达`, failed: (why) => `未送达：${why}`,
  waits: '等待答复。', answer_due: '请选择借出的车辆。', lend: (n) => `借出 ${n} 辆`, decline: '拒绝', why: '为何不借？', declined: (why) => `已拒绝：${why}`,
  lent_units: '已借出', guests: '外援车辆', longer: '请求延长', longer_asked: (at) => `已请求延长至 ${at}`, over: '已结束', free_units: '空闲车辆', no_free: '没有空闲车辆。', open: (n) => `支援请求（${n}）`,
  guest_of: (name) => `属 ${name}`, due_back: '应归还', unit_lent: (at) => `借出至 ${at}`, eta: (span) => `借出时车程 ${span}`,
  reason_lent: (at) => `已借给其他中心，至 ${at}`,
  event: {
    asked: (name) => `向 ${name} 请求支援`, asked_by: (name) => `${name} 请求支援`, consented: (name, n) => `${name}：借出 ${n} 辆`, declined: (name, why) => `与 ${name} 的支援被拒绝：${why}`,
    delivered: (name) => `${name} 已收到消息`, failed: (name, why) => `发往 ${name} 的消息未送达：${why}`, unit_lent: (unit, name, at) => `${unit} 借给 ${name}，至 ${at}`,
    guest_came: (unit, at) => `${unit} 可派用，至 ${at}`, unit_returned: (unit) => `${unit} 已归还`, ended: (name) => `与 ${name} 的支援结束`,
  },
};
