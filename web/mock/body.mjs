/** Invented vital signs and a waveform made of Gaussian waves (after McSharry 2003). */

export const HZ = 250;
export const CHUNK_US = 250_000;
const WAVES = [[-0.2, 0.025, 120], [-0.035, 0.009, -80], [0, 0.011, 1100], [0.032, 0.01, -180], [0.24, 0.05, 280]];

export function wave(unit, seq, atUs, rate) {
  const period = 60 / rate;
  const n = (HZ * CHUNK_US) / 1e6;
  const beats = [];
  const microvolts = Array.from({ length: n }, (_, idx) => {
    const t = (atUs / 1e6 + idx / HZ) % period;
    const phase = t > period * 0.6 ? t - period : t;
    if (phase >= 0 && phase < 1 / HZ) beats.push(idx);
    const value = WAVES.reduce((sum, [centre, width, height]) => sum + height * Math.exp(-((phase - centre) ** 2) / (2 * width ** 2)), 0);
    return Math.round(value + 25 * Math.sin(atUs / 9e5 + idx));
  });
  return { type: 'wave', unit, seq, at: atUs, lead: 'II', hz: HZ, microvolts, beats };
}

/** What virtual sensors say of the mock's patient. */
export function derived(unit, seq, at, incident) {
  return {
    type: 'derived', unit, seq, at, incident,
    derived: [
      { quantity: 'shock_index', outcome: { state: 'known', value: 1.23, sd: 0.12 }, chain: [{ id: 'heart_rate', age: 40 }, { id: 'ecg II', age: 40 }, { id: 'systolic', age: 143_000 }] },
      { quantity: 'pulse_breaths', outcome: { state: 'known', value: 23.6, sd: 1.1 }, chain: [{ id: 'wave PLETH', age: 92 }] },
      { quantity: 'systolic_change', outcome: { state: 'missing', why: 'not_calibrated' }, chain: [{ id: 'beats of ecg II', age: 420 }, { id: 'wave PLETH', age: 92 }, { id: 'systolic', age: null }] },
    ],
  };
}

export function vitals(unit, seq, at, incident) {
  const wobble = Math.sin(at / 8e6);
  return {
    type: 'vitals', unit, seq, at, incident,
    vitals: {
      heart_rate: Math.round(118 + 6 * wobble), respiratory_rate: 24, spo2: Math.round(89 + 2 * wobble),
      on_oxygen: true, systolic: 96, diastolic: 58, temperature: null, consciousness: 'voice',
    },
    news2: { score: 12, risk: 'high', missing: ['temperature'] },
    scores: [
      { id: 'news2', low: 12, high: 15, class_low: 'high', class_high: 'high', missing: ['temperature'], standing: 'unknown' },
      { id: 'qsofa', low: 3, high: 3, class_low: 'positive', class_high: 'positive', standing: 'applies' },
      { id: 'sirs', low: 2, high: 4, class_low: 'positive', class_high: 'positive', missing: ['temperature', 'leucocytes'], standing: 'applies' },
      { id: 'shock-index', low: 1.23, high: 1.23, class_low: 'high', class_high: 'high', standing: 'applies' },
      { id: 'rems', low: 9, high: 13, class_low: 'raised', class_high: 'high', missing: ['gcs'], standing: 'applies' },
    ],
  };
}

export const ALARMS = [
  { kind: 'spo2_low', priority: 'high', is_active: true, value: 89, limit: 90 },
  { kind: 'heart_rate_high', priority: 'medium', is_active: true, value: 121, limit: 120 },
];
