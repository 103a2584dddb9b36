import type { Texts } from './en';

type Reasons = Pick<
  Texts['hospital_reason'],
  | 'stroke_outlook' | 'stroke_times' | 'needle' | 'no_needle' | 'puncture' | 'after_onset' | 'then' | 'behind_percent' | 'counts_as'
  | 'primary_pci' | 'lysis' | 'wire' | 'late_pci' | 'has_preferred' | 'lacks_preferred' | 'many_expected'
>;

export const findings: Texts['findings'] = {
  title: '现场所见', none: '尚无记录。', record: '记录现场所见', save: '记录', saved: '已记录。',
  not_looked: '未查', yes: '是', no: '否', normal: '正常', abnormal: '异常',
  by: (unit, at) => `${unit}，${at}`,
  unverified: '数值未核对', unverified_why: '尚未与出处核对：',
  missing: (names) => `未查：${names}`,
  asks: (what) => `需要${what}`,
  prefers: (what) => `优先${what}`,
  kind: { stroke: '卒中', ecg: '心电图', injury: '创伤', burn: '烧伤', obstetric: '妊娠分娩', child: '患病儿童' },
  race: {
    face: '面瘫', arm: '上肢无力', leg: '下肢无力', gaze: '头眼偏向一侧',
    cortex: '右侧无力：不能照做“闭眼”“握拳”；左侧无力：不认得患肢或不知无力。',
  },
  race_short: { face: '面', arm: '上肢', leg: '下肢', gaze: '凝视', cortex: '言语或忽视' },
  points: {
    face: ['无', '轻', '中重'], arm: ['超过10秒', '不足10秒', '不能抬'],
    leg: ['超过5秒', '不足5秒', '不能抬'], gaze: ['无', '有'], cortex: ['均正确', '错一项', '均错'],
  },
  last_known_well: '最后正常时间', onset: '疼痛开始时间', recorded_at: '心电图时间',
  time_unknown: '不详', ago: (span) => `${span} 前`,
  is_stemi: 'ST段抬高', crew_gives_lysis: '车上可溶栓',
  motor: '最佳运动反应（GCS）',
  motor_levels: ['无', '伸展', '屈曲', '躲避', '定位', '遵嘱'],
  breaths: '呼吸 次/分', saturation: '未吸氧 SpO₂ %', systolic: '收缩压 mmHg', pulse: '脉搏 次/分',
  short: { motor: '运动反应', breaths: '呼吸', saturation: 'SpO₂', systolic: '收缩压', pulse: '脉搏' },
  from_monitor: '已按监护仪填入，请核对。',
  tbsa: '烧伤面积 %（不计红斑）', depth: '最深处',
  depths: { superficial: '红斑', partial: '水疱', deep_partial: '苍白、痛觉迟钝', full: '焦痂' },
  weeks: '孕周', appearance: '外观', breathing: '呼吸做功', circulation: '皮肤循环',
  bad_number: (name, min, max) => `${name}：请填 ${min} 至 ${max}`,
  grade: {
    red: '红色', yellow: '黄色', immediate: '烧伤中心', consult: '请烧伤中心会诊', imminent: '正在分娩',
    level: '救治级别', none: '未符合任何标准', child: '儿童',
  },
  criterion: {
    motor: '不能遵嘱', breaths: '呼吸频率', saturation: 'SpO₂', systolic: '血压低于该年龄', 'shock-index': '脉搏高于收缩压',
    'full-thickness': '全层', 'partial-large': '面积大', child: '儿童', 'deep-partial': '可能较深', 'partial-small': '面积小',
    age: '年龄', pulse: '脉搏', tbsa: '面积', depth: '深度', weeks: '孕周', 'weeks-below-32': '不足32周', 'weeks-below-35': '不足35周',
    appearance: '外观', breathing: '呼吸', circulation: '循环',
    face: '面', arm: '上肢', leg: '下肢', gaze: '凝视', cortex: '言语或忽视',
  },
  verdict: {
    race: (race, from) => `RACE ${race}/9（${from} 分起为阳性）`,
    race_incomplete: (race, from) => `RACE 至少 ${race}/9（${from} 分起为阳性）`,
    occlusion: (percent) => `该分值的缺血性卒中 ${percent}% 有大血管闭塞`,
    since_well: (mins) => `离开现场时距最后正常 ${mins} 分钟`,
    unknown_well: '最后正常时间不详：无法估计机会',
    stemi: (mins, max) => `ST段抬高：离开现场时距心电图 ${mins} 分钟；心电图后 ${max} 分钟内导丝通过，否则先溶栓`,
    since_pain: (mins) => `距疼痛开始 ${mins} 分钟`,
  },
  no_stemi: '无ST段抬高', weeks_found: (n) => `${n} 周`, tbsa_found: (n) => `体表面积 ${n}%`,
  well_at: (at) => `最后正常 ${at}`,
  all_normal: '均正常',
};

export const findingsReasons: Reasons = {
  stroke_outlook: (treatments, chance) => `${treatments}：${chance}% 可生活自理`,
  stroke_times: (treatments) => `离开现场后${treatments}`,
  needle: (mins) => `${mins} 分钟溶栓`,
  no_needle: '已过溶栓时限',
  puncture: (mins) => `${mins} 分钟取栓`,
  after_onset: (treatments) => `发病后${treatments}`,
  then: (hospital) => `再转${hospital}`,
  behind_percent: (percent) => `比最佳低 ${percent}%`,
  counts_as: (mins) => `相当于 ${mins} 分钟导丝通过`,
  primary_pci: (mins, goal) => `心电图后 ${mins} 分钟导丝通过（${mins > goal ? '超过' : '达到'}目标 ${goal} 分钟）`,
  lysis: (mins, goal) => `先溶栓，心电图后 ${mins} 分钟（${mins > goal ? '超过' : '达到'}目标 ${goal} 分钟）`,
  wire: (mins) => `${mins} 分钟后再行介入`,
  late_pci: (mins, goal) => `心电图后 ${mins} 分钟导丝通过，超过 ${goal}，且不能溶栓`,
  has_preferred: (what) => `具备优先考虑的${what}`,
  lacks_preferred: (what) => `无优先考虑的${what}`,
  many_expected: (n, mins, limit) => `${mins} 分钟内另有 ${n} 名患者（${limit} 名起计）`,
};
