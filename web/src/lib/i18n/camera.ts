/** Texts of the pulse by camera, in both languages. */
export const cameraEn = {
  title: 'Pulse by camera', start: 'Start the camera', stop: 'Stop', preview: 'What the camera sees',
  explain: 'Hold the face still in the frame, in even light. The video stays in this page; only mean colours go to the gateway.',
  badge: 'Estimated by camera: not a monitor, in no score and no alarm',
  no_camera: 'No camera: allow it in the browser. Browsers give cameras only to pages over HTTPS or from the same machine.',
  no_gateway: 'The gateway does not answer.',
  refusal: {
    too_short: 'Measuring: hold still for 8 s.', too_few_pictures: 'Too few pictures a second: more light, or another camera.', gap: 'The face was lost: keep it in the frame.',
    no_skin: 'No skin is seen: bring the face into the frame.', too_dark: 'Too dark: more light.', too_bright: 'Too bright: less light.', clipped: 'Glare: light from the side.',
    motion: 'Too much motion: hold still.', moves_alike: 'The head moves at the rate that a pulse would have: pause what moves it.', light_alike: 'The light flashes at the rate that a pulse would have: keep flashing light off.',
    weak: 'No pulse stands out. That does not mean that there is none: feel for it.', disagree: 'Two methods disagree: hold still, avoid coloured light.', uncertain: 'Not certain enough: hold still for longer.',
  },
};

export type CameraTexts = typeof cameraEn;

export const cameraZh: CameraTexts = {
  title: '摄像头测脉搏', start: '打开摄像头', stop: '停止', preview: '摄像头画面',
  explain: '让面部在框内保持不动，光线均匀。视频只留在本页面，发送到网关的只有平均颜色。',
  badge: '摄像头估计值：不是监护仪读数，不进入评分和报警',
  no_camera: '没有摄像头：请在浏览器中允许使用。浏览器只向 HTTPS 页面或本机页面提供摄像头。',
  no_gateway: '网关没有应答。',
  refusal: {
    too_short: '测量中：请保持不动 8 秒。', too_few_pictures: '每秒画面太少：请增加光线或换摄像头。', gap: '面部丢失：请保持在框内。',
    no_skin: '未见皮肤：请将面部移入框内。', too_dark: '太暗：请增加光线。', too_bright: '太亮：请减弱光线。', clipped: '反光：请从侧面照明。',
    motion: '移动过大：请保持不动。', moves_alike: '头部以脉搏般的频率移动：请暂停引起移动的操作。', light_alike: '灯光以脉搏般的频率闪烁：请遮挡闪光。',
    weak: '未见明显脉搏。这不代表没有脉搏：请用手触摸。', disagree: '两种方法结果不一致：请保持不动，避免彩色光。', uncertain: '不够确定：请保持不动更久。',
  },
};
