import type { derivedEn, heldEn } from './derived-en';

export const heldZh: typeof heldEn = {
  title: '暂缓的报警',
  held: (alarm, channel, secs) => `心电${alarm}已暂缓 ${secs} 秒：${channel} 显示`,
  shows: {
    longest_pause: (value) => `停搏不超过 ${value} 秒`, slowest_five: (value) => `连续五次脉搏不低于 ${value} 次/分`,
    fastest_beat: (value) => `脉搏不超过 ${value} 次/分`, steady_pulse: (value) => `稳定脉搏 ${value} 次/分`,
  },
  counted: (n) => `抑制 ${n} 次：`,
  why: { longest_pause: '脉搏无停顿', slowest_five: '脉搏不慢', fastest_beat: '脉搏不快', steady_pulse: '脉搏稳定' },
};

export const derivedZh: typeof derivedEn = {
  title: '推算值', mark: '推算',
  note: '由计算得出，并非测量；± 为一个标准差。评分与报警均不使用。',
  chain: '来源：', missing: '缺失',
  age: (secs) => `${secs} 秒前`,
  quantity: {
    shock_index: '休克指数', pulse_rate: '脉搏波脉率', perfusion_index: '灌注指数',
    uncalibrated_spo2: '光学血氧（未校准）', impedance_breaths: '阻抗法呼吸', pulse_breaths: '脉搏波法呼吸',
    ecg_breaths: '心电法呼吸', pulse_transit_time: '脉搏传导时间', systolic_change: '收缩压自袖带测量后的变化',
    relative_cardiac_output: '心输出量（相对首分钟）', end_tidal_co2: '呼气末 CO₂', inspired_co2: '吸入 CO₂',
    capnogram_breaths: 'CO₂ 法呼吸', plateau_slope: 'CO₂ 平台斜率',
    since_last_breath: '距上次呼气',
  },
  why: {
    no_input: '缺少一项输入', too_old: '一项输入已过时', bad_quality: '一项输入波形不佳',
    too_short: '一项输入时间尚短', disagree: '几种方法结果不一致', not_calibrated: '没有参考测量',
  },
};
