/** An invented city in the API's shapes. */

export const BOUNDS = [14.4, 35.85, 14.56, 35.95];
export const CITY = { name: 'Mocktown', bounds: BOUNDS, attribution: 'invented' };

export const SCHEME = {
  id: 'china',
  name: { en: 'China I-IV', zh: '中国 I-IV 级' },
  levels: [
    { rank: 1, code: 'I', name: { en: 'Critical', zh: '濒危' }, target: 480_000 },
    { rank: 2, code: 'II', name: { en: 'Emergent', zh: '危重' }, target: 720_000 },
    { rank: 3, code: 'III', name: { en: 'Urgent', zh: '急症' }, target: 1_200_000 },
    { rank: 4, code: 'IV', name: { en: 'Non-urgent', zh: '非急症' }, target: null },
  ],
};

const yesNo = [
  { id: 'yes', text: { en: 'yes', zh: '是' } },
  { id: 'no', text: { en: 'no', zh: '否' } },
];
const card = (id, en, zh, questions, rules) => ({
  id,
  name: { en, zh },
  questions: questions.map(([question, en, zh], idx) => ({ id: question, text: { en, zh }, is_red_flag: idx === 0, options: yesNo })),
  rules,
});

const cards = [
  card('chest-pain', 'Chest pain', '胸痛', [
    ['conscious', 'Is the patient conscious?', '患者清醒吗？'],
    ['breathing', 'Is breathing difficult?', '呼吸困难吗？'],
    ['sweat', 'Cold sweat or pale?', '出冷汗或面色苍白吗？'],
  ], [['cold-sweat', 'Chest pain with cold sweat', '胸痛伴冷汗'], ['over-40', 'Chest pain, over 40 years', '胸痛，40 岁以上']]),
  card('stroke', 'Stroke symptoms', '疑似卒中', [
    ['face', 'Does one side of the face hang?', '一侧面部下垂吗？'],
    ['arm', 'Can both arms be raised?', '双臂都能抬起吗？'],
  ], [['fast', 'Positive FAST', 'FAST 阳性']]),
  card('breathing', 'Breathing difficulty', '呼吸困难', [['speech', 'Only single words?', '只能说单词吗？']], [['words', 'Speaks only single words', '仅能说单词']]),
  card('trauma-road', 'Road traffic accident with several injured', '交通事故多人受伤', [['trapped', 'Anyone trapped?', '有人被困吗？']], [['trapped', 'Person trapped', '有人被困']]),
  card('abdominal-pain', 'Abdominal pain', '腹痛', [], []),
  card('minor-injury', 'Minor injury', '轻伤', [], []),
  card('cardiac-arrest', 'Cardiac arrest', '心脏骤停', [], [['no-breathing', 'Not breathing normally', '无正常呼吸']]),
];

export const REFERENCE = {
  destination: [],
  scores: [
    {
      id: 'news2', title: { en: 'National Early Warning Score 2', zh: '国家早期预警评分2' }, edition: 'mock', is_verified: true, decimals: 0,
      items: { temperature: { en: 'temperature', zh: '体温' } },
      classes: { low: { en: 'low', zh: '低' }, low_medium: { en: 'low to medium', zh: '低至中' }, medium: { en: 'medium', zh: '中' }, high: { en: 'high', zh: '高' } },
    },
    {
      id: 'qsofa', title: { en: 'quick SOFA', zh: '快速序贯器官衰竭评分' }, edition: 'mock', is_verified: true, decimals: 0,
      items: {},
      classes: { negative: { en: 'below 2', zh: '低于2' }, positive: { en: '2 or more: think of sepsis', zh: '2分及以上：考虑脓毒症' } },
    },
    {
      id: 'sirs', title: { en: 'Systemic inflammatory response syndrome', zh: '全身炎症反应综合征' }, edition: 'mock', is_verified: true, decimals: 0,
      items: { temperature: { en: 'temperature', zh: '体温' }, leucocytes: { en: 'leucocytes or immature forms', zh: '白细胞或杆状核' } },
      classes: { negative: { en: 'below 2', zh: '低于2' }, positive: { en: '2 or more: SIRS', zh: '2分及以上：SIRS' } },
    },
    {
      id: 'shock-index', title: { en: 'Shock index', zh: '休克指数' }, edition: 'mock', is_verified: true, decimals: 2,
      items: {},
      classes: { usual: { en: '0.7 or less', zh: '0.7及以下' }, raised: { en: 'above 0.7', zh: '高于0.7' }, high: { en: 'above 1.0', zh: '高于1.0' } },
    },
    {
      id: 'rems', title: { en: 'Rapid Emergency Medicine Score', zh: '快速急诊内科评分' }, edition: 'mock', is_verified: false, decimals: 0,
      items: { gcs: { en: 'Glasgow Coma Scale', zh: '格拉斯哥昏迷评分' } },
      classes: { low: { en: 'below 3', zh: '低于3' }, raised: { en: '3 to 10', zh: '3至10' }, high: { en: 'above 10', zh: '高于10' } },
    },
  ],
  complaints: cards.map(({ rules, ...shown }) => shown),
  rules: Object.fromEntries(
    cards.flatMap(({ id, name, rules }) => [
      [`${id}.default`, { en: `No rule of the card “${name.en}” applies`, zh: `“${name.zh}”卡片中没有适用的规则` }],
      [`${id}.unknown-age`, { en: 'Not known: the patient’s age', zh: '尚不清楚：患者年龄' }],
      ...rules.map(([rule, en, zh]) => [`${id}.${rule}`, { en, zh }]),
    ]),
  ),
  tasks: {
    tenecteplase: { en: 'Tenecteplase ready', zh: '替奈普酶备药' },
    'cath-lab': { en: 'Cath lab ready', zh: '导管室就绪' },
    cardiologist: { en: 'Cardiologist called', zh: '通知心内科医师' },
    'resus-bay': { en: 'Resuscitation bay free', zh: '腾空抢救室' },
  },
};

const at = (lat, lon) => ({ lat, lon });
const hospital = (id, name, name_zh, position, capabilities, beds) => ({
  id, name, name_zh, position, capabilities, emergency_beds: beds, is_invented: true,
  crowding: null, nedocs: null, doors: { state: 'open' }, receptions: [],
});

export const HOSPITALS = [
  hospital('n1', 'Saint Luke General Hospital', '圣路加综合医院', at(35.905, 14.476), ['emergency', 'pci', 'stroke_thrombolysis', 'trauma', 'intensive_care'], 30),
  hospital('n2', 'Harbour Hospital', '港口医院', at(35.885, 14.515), ['emergency', 'stroke_thrombolysis'], 12),
  hospital('n3', 'Children’s Clinic', null, at(35.93, 14.45), ['paediatrics'], null),
];

export const STATIONS = [
  { id: 's1', name: 'North station', position: at(35.93, 14.48), is_placed: false },
  { id: 's2', name: 'Harbour station', position: at(35.88, 14.5), is_placed: true },
  { id: 's3', name: 'West station', position: at(35.9, 14.43), is_placed: true },
];

const KINDS = ['als', 'bls', 'als', 'physician', 'bls', 'als'];

export function makeUnits(n, now) {
  return Array.from({ length: n }, (_, idx) => {
    const station = STATIONS[idx % STATIONS.length];
    return {
      id: `A${101 + idx}`,
      kind: KINDS[idx % KINDS.length],
      state: idx === n - 1 ? { state: 'off_duty' } : { state: 'available', last: null },
      since: now,
      home: station.position,
      station: station.id,
      crew: {
        id: `c${idx}`,
        state: idx === n - 2
          ? { state: 'resting', until: now + 1_800_000_000, shift_until: now + 2e10 }
          : { state: 'on_shift', until: now + 2e10 },
      },
      position: { lat: station.position.lat + idx * 0.0021, lon: station.position.lon - idx * 0.0017 },
      position_at: idx === 4 ? now - 95_000_000 : now,
    };
  });
}
