import type { CameraFinding, PhotoFlaw } from '../api/model';
import type { Texts } from './en';

/** What a camera in the ambulance keeps of a patient, and how well the gateway sees them. */
export const keepingEn = {
  title: 'Wound photo and capillary refill', wound: 'Wound photo', refill: 'Capillary refill',
  wound_explain: 'Kept with the patient when it is sharp and well lit. Place, time and device are taken out of the file.',
  refill_explain: 'Aim at a nail at heart level, press it for 5 s until it is white, let go and hold still.',
  take: 'Take a photo', again: 'Again', measure: 'Measure', stop: 'Stop', keep_anyway: 'Keep it all the same',
  judging: 'Looking…', press: 'Press the nail, hold the camera still', release: 'Let go, keep still',
  kept: '✓ kept with the patient', no_patient: 'Not kept: this unit is on no call.', no_picture: 'This file is no picture that can be shown: take a photo as JPEG or PNG.',
  no_gateway: 'The gateway does not answer: nothing was kept.', preview: 'What the camera sees',
  note: 'Not a certified medical device. The refill time is that to 90 % of the return of colour; tried on made videos only.',
  remedy: {
    small: 'Too few pixels: use the camera’s full size.', dark: 'Too dark: more light.', bright: 'Too bright: less light.',
    clipped: 'Highlights are cut off: no flash, or from the side.', black: 'Much of it is black: more light, nothing before the lens.',
    blurred: 'Blurred: hold still, a hand’s breadth away.',
  },
  flaw: { small: 'few pixels', dark: 'dark', bright: 'bright', clipped: 'highlights cut off', black: 'partly black', blurred: 'blurred' },
  refill_refusal: {
    too_dark: 'Too dark: more light.', too_bright: 'Too bright: less light.', clipped: 'Too bright in places: no flash.',
    too_few_pictures: 'The camera is too slow: more light, or another camera.', no_blanch: 'The nail did not turn white: press for the whole 5 s.',
    not_back: 'The colour was not back yet: measure again and wait longer.', motion: 'The hand moved: rest it.', odd_course: 'The colour did not come back evenly: rest the hand, keep the light steady.',
  },
  panel: {
    title: 'By camera', wound: 'Wound photo', refill: (secs: string, within: string) => `Capillary refill ${secs} s ±${within}`,
    no_flaws: 'no complaints', flaws: (list: string) => `kept although: ${list}`, by: (unit: string, at: string) => `${unit}, ${at}`,
    open: 'Open at full size', size: (across: number, down: number) => `${across} × ${down}`, comma: ', ',
    unverified: 'unverified', unverified_why: 'Tried on made videos only; 3 s or more on a finger is abnormal after one source read as an abstract (docs/video.md).',
  },
  pulse: (bpm: number, within: number) => `Pulse by camera ${bpm} ±${within}/min`, pulse_mark: 'no monitor',
  leads_title: 'ECG leads',
  report: '12-lead report', report_title: 'The last 10 s of the ECG as a report with intervals and findings, in a new window',
};

export const keepingZh: typeof keepingEn = {
  title: '伤口照片与毛细血管再充盈', wound: '伤口照片', refill: '毛细血管再充盈',
  wound_explain: '清晰且光线充足时随患者保存。文件中的地点、时间和设备信息会被去除。',
  refill_explain: '手与心脏同高，对准指甲，按压 5 秒至变白，松开后保持不动。',
  take: '拍照', again: '重来', measure: '测量', stop: '停止', keep_anyway: '仍然保存',
  judging: '正在检查…', press: '按压指甲，相机保持不动', release: '松开，保持不动',
  kept: '✓ 已随患者保存', no_patient: '未保存：本单元没有任务。', no_picture: '该文件不是可显示的图片：请以 JPEG 或 PNG 拍摄。',
  no_gateway: '网关无应答：没有保存。', preview: '相机画面',
  note: '非认证医疗器械。再充盈时间指颜色恢复 90 % 所需时间；仅用合成视频试验过。',
  remedy: {
    small: '像素太少：请用相机的完整尺寸。', dark: '太暗：请增加光线。', bright: '太亮：请减少光线。',
    clipped: '高光溢出：关闭闪光灯或从侧面拍摄。', black: '大片全黑：增加光线，移开镜头前的遮挡。', blurred: '模糊：保持不动，距离一掌。',
  },
  flaw: { small: '像素少', dark: '偏暗', bright: '偏亮', clipped: '高光溢出', black: '部分全黑', blurred: '模糊' },
  refill_refusal: {
    too_dark: '太暗：请增加光线。', too_bright: '太亮：请减少光线。', clipped: '局部过亮：关闭闪光灯。',
    too_few_pictures: '相机太慢：增加光线或换相机。', no_blanch: '指甲没有变白：请按满 5 秒。',
    not_back: '颜色尚未恢复：请重测并多等一会儿。', motion: '手在动：请放稳。', odd_course: '颜色恢复不均匀：放稳手，保持光线稳定。',
  },
  panel: {
    title: '相机记录', wound: '伤口照片', refill: (secs, within) => `毛细血管再充盈 ${secs} 秒 ±${within}`,
    no_flaws: '无质量问题', flaws: (list) => `仍然保存：${list}`, by: (unit, at) => `${unit}，${at}`,
    open: '打开原图', size: (across, down) => `${across} × ${down}`, comma: '、',
    unverified: '未核实', unverified_why: '仅用合成视频试验过；手指 3 秒及以上为异常，出自只读过摘要的一个来源（docs/video.md）。',
  },
  pulse: (bpm, within) => `相机脉率 ${bpm} ±${within} 次/分`, pulse_mark: '非监护仪',
  leads_title: '心电导联',
  report: '12 导联报告', report_title: '最近 10 秒心电图的报告，含间期和发现，在新窗口打开',
};

/** What was kept, in words; an uncertainty is rounded up. */
export function sayCamera(finding: CameraFinding, t: Pick<Texts, 'keeping'>): string {
  const { panel } = t.keeping;
  if (finding.what === 'refill') return panel.refill((finding.time / 1000).toFixed(1), (Math.ceil(finding.within / 100) / 10).toFixed(1));
  return panel.wound + panel.comma + sayFlaws(finding.flaws, t);
}

/** What is wrong with a photo that was kept. */
export function sayFlaws(flaws: PhotoFlaw[], t: Pick<Texts, 'keeping'>): string {
  const { panel, flaw } = t.keeping;
  return flaws.length === 0 ? panel.no_flaws : panel.flaws(flaws.map((it) => flaw[it]).join(panel.comma));
}
