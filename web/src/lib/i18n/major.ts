/** Texts of major incidents, in both languages. */
export const majorEn = {
  title: 'Major incident', page: 'Casualties and hospitals', declare: 'Declare major incident', declared: 'Major incident declared',
  stood_down: 'Stood down', stand_down: 'Stand down', confirm: 'Confirm', back: 'Back', none: 'There is no major incident.', unknown: (id: number) => `Incident ${id} is no major incident.`,
  found: (n: number) => (n === 1 ? '1 casualty found' : `${n} casualties found`), on_scene: (n: number) => `${n} on scene`, on_the_way: (n: number) => `${n} in ambulances`, brought: (n: number) => `${n} at hospital`,
  tag: { immediate: 'Immediate', delayed: 'Delayed', minor: 'Minor', expectant: 'Expectant', deceased: 'Deceased' },
  age_group: { child: 'child', adult: 'adult', unknown: 'age not known' },
  state: {
    tagged: 'on scene, no hospital', allotted: 'on scene', loaded: 'in ambulance', at_hospital: 'at hospital',
    dead_on_scene: 'dead on scene', walked_away: 'walked away', released: 'released on scene',
  },
  how: { dead: 'dead on scene', walked_away: 'walked away', released: 'released on scene' },
  number: 'No.', where: 'Where', hospital: 'Hospital', advised: 'Recommended', casualties: 'Casualties', hospitals: 'Hospitals', no_casualties: 'Nobody has been tagged yet.',
  accept: 'Accept', accept_all: (n: number) => `Accept all ${n} recommendations`, other: 'Another hospital', why: 'Why not the recommended hospital?', nowhere: 'no hospital has told a place: ask for places, or for mutual aid',
  tagged_by: (who: string, at: string) => `${who}, ${at}`, tree_says: (tag: string) => `the tree says ${tag}`, tags: (n: number) => `${n} tags`,
  left: 'Places left', told: 'told', told_ago: (age: string) => `told ${age} ago`, not_told: 'nothing told of late', beds: (n: number) => `${n} beds free`, given: 'Given', there: 'there', drive: 'Drive', all: 'all', only_given: 'only those with casualties',
  staging: 'Staging', areas: 'Areas', area_units: (n: number, max: number) => `${n} of ${max} units`, no_units: 'no units wait', call_forward: 'Call forward', stage: 'Send to staging', no_staging: 'No staging area is named.',
  unit_to_stage: 'Unit on its way', collection: 'Casualty collection point', report: 'First report (METHANE)',
  methane: { kind: 'Type of incident', hazards: 'Hazards', access: 'Access', casualties: 'Casualties, as first told', services: 'Emergency services' },
  staging_name: 'Name of the staging area', staging_size: 'Units it holds', staging_here: 'Position (lat, lon)', add_area: 'Name a staging area',
  reason: {
    has_capability: (what: string) => `has ${what}`, lacks_capability: (what: string) => `lacks ${what}`, places_told: (n: number) => `${n} promised places left after this`,
    beds_free: (n: number) => `${n} beds left after this`, places_unknown: 'places not known: call first', full: 'what it told is taken', diverting: (why: string) => `diverting: ${why}`, unreachable: 'no road leads there',
  },
  event: {
    declared: 'Major incident declared', reported: 'Areas or report changed', unit_staged: (unit: string, area: string) => `${unit} waits at ${area}`, unit_called_forward: (unit: string) => `${unit} called forward`,
    casualty_tagged: (n: number, tag: string) => `Casualty ${n}: ${tag}`, casualty_tagged_other: (n: number, tag: string, tree: string, why: string) => `Casualty ${n}: ${tag} instead of ${tree} (${why})`,
    casualty_allotted: (n: number, name: string) => `Casualty ${n} to ${name}`, casualty_allotted_other: (n: number, name: string, why: string) => `Casualty ${n} to ${name}, not as recommended: ${why}`,
    casualty_loaded: (n: number, unit: string) => `Casualty ${n} in ${unit}`, casualty_unloaded: (n: number, unit: string, why: string) => `Casualty ${n} out of ${unit}: ${why}`,
    casualty_brought: (n: number, name: string, unit: string) => `Casualty ${n} at ${name}, by ${unit}`, casualty_ended: (n: number, how: string) => `Casualty ${n}: ${how}`, stood_down: 'Major incident stood down',
    surge_declared: (name: string, places: string) => `${name} promises places: ${places}`,
  },
  card: {
    title: 'Triage card', pick: 'Which incident?', tree: 'Method', next: 'Next casualty', tag_now: 'Give this tag', yes: 'Yes', no: 'No', undo: 'Back one question', done: (n: number) => `Casualty ${n} is`,
    other_tag: 'Another tag', why: 'Why another tag?', burns: 'burns', keys: 'Keys: Y yes, N no, ⌫ back, Enter give the tag', retag: (n: number) => `Casualty ${n}, again`, as: (who: string) => `as ${who}`, sending: 'Telling the centre.', load: 'Load', loaded_in: 'into', age: 'Looks like',
  },
  board: { casualties: 'Casualties of a major incident', surge: 'Places promised for casualties', surge_none: 'none promised', promise: 'Promise', expected_in: (span: string) => `in ${span}`, not_loaded: 'not yet on the way' },
};

export type MajorTexts = typeof majorEn;

export const majorZh: MajorTexts = {
  title: '重大伤亡事件', page: '伤员与医院', declare: '宣布重大伤亡事件', declared: '已宣布重大伤亡事件',
  stood_down: '已解除', stand_down: '解除', confirm: '确认', back: '返回', none: '目前没有重大伤亡事件。', unknown: (id) => `事件 ${id} 不是重大伤亡事件。`,
  found: (n) => `发现伤员 ${n} 名`, on_scene: (n) => `现场 ${n} 名`, on_the_way: (n) => `转运中 ${n} 名`, brought: (n) => `已到院 ${n} 名`,
  tag: { immediate: '立即（红）', delayed: '延缓（黄）', minor: '轻伤（绿）', expectant: '期待（灰）', deceased: '死亡（黑）' },
  age_group: { child: '儿童', adult: '成人', unknown: '年龄不详' },
  state: {
    tagged: '现场，未定医院', allotted: '现场', loaded: '救护车上', at_hospital: '已到院',
    dead_on_scene: '现场死亡', walked_away: '自行离开', released: '现场放行',
  },
  how: { dead: '现场死亡', walked_away: '自行离开', released: '现场放行' },
  number: '编号', where: '位置', hospital: '医院', advised: '推荐', casualties: '伤员', hospitals: '医院', no_casualties: '尚无已检伤的伤员。',
  accept: '采纳', accept_all: (n) => `采纳全部 ${n} 条推荐`, other: '其他医院', why: '为何不选推荐医院？', nowhere: '没有医院报告空位：请询问空位或请求支援',
  tagged_by: (who, at) => `${who}，${at}`, tree_says: (tag) => `流程结果为${tag}`, tags: (n) => `检伤 ${n} 次`,
  left: '剩余容量', told: '报告', told_ago: (age) => `${age} 前报告`, not_told: '近期未报告', beds: (n) => `空床 ${n} 张`, given: '已分配', there: '已到', drive: '车程', all: '全部', only_given: '仅已分配的医院',
  staging: '集结', areas: '区域', area_units: (n, max) => `${n} / ${max} 辆`, no_units: '无待命车辆', call_forward: '调往现场', stage: '前往集结区', no_staging: '未设集结区。',
  unit_to_stage: '途中车辆', collection: '伤员集中点', report: '首次报告（METHANE）',
  methane: { kind: '事件类型', hazards: '危险因素', access: '进出路线', casualties: '伤员情况（首报）', services: '应急力量' },
  staging_name: '集结区名称', staging_size: '可容纳车辆', staging_here: '位置（纬度, 经度）', add_area: '设置集结区',
  reason: {
    has_capability: (what) => `具备${what}`, lacks_capability: (what) => `缺少${what}`, places_told: (n) => `此后剩余承诺名额 ${n}`,
    beds_free: (n) => `此后剩余空床 ${n}`, places_unknown: '容量不明：请先致电', full: '已报告容量已用完', diverting: (why) => `分流中：${why}`, unreachable: '无路可达',
  },
  event: {
    declared: '宣布重大伤亡事件', reported: '区域或报告已更新', unit_staged: (unit, area) => `${unit} 在 ${area} 待命`, unit_called_forward: (unit) => `${unit} 调往现场`,
    casualty_tagged: (n, tag) => `伤员 ${n}：${tag}`, casualty_tagged_other: (n, tag, tree, why) => `伤员 ${n}：${tag}，流程为${tree}（${why}）`,
    casualty_allotted: (n, name) => `伤员 ${n} 送往 ${name}`, casualty_allotted_other: (n, name, why) => `伤员 ${n} 送往 ${name}，未按推荐：${why}`,
    casualty_loaded: (n, unit) => `伤员 ${n} 上车 ${unit}`, casualty_unloaded: (n, unit, why) => `伤员 ${n} 下车 ${unit}：${why}`,
    casualty_brought: (n, name, unit) => `伤员 ${n} 由 ${unit} 送达 ${name}`, casualty_ended: (n, how) => `伤员 ${n}：${how}`, stood_down: '重大伤亡事件解除',
    surge_declared: (name, places) => `${name} 承诺名额：${places}`,
  },
  card: {
    title: '检伤卡', pick: '哪个事件？', tree: '方法', next: '下一名伤员', tag_now: '确定此级别', yes: '是', no: '否', undo: '退回一题', done: (n) => `伤员 ${n}：`,
    other_tag: '改为其他级别', why: '为何改变级别？', burns: '烧伤', keys: '按键：Y 是，N 否，⌫ 退回，Enter 确定', retag: (n) => `伤员 ${n} 复检`, as: (who) => `身份 ${who}`, sending: '正在上报。', load: '上车', loaded_in: '到', age: '看上去是',
  },
  board: { casualties: '重大伤亡事件伤员', surge: '承诺接收名额', surge_none: '未承诺', promise: '承诺', expected_in: (span) => `${span} 后`, not_loaded: '尚未出发' },
};
