import type { DerivedQuantity, WhyMissing } from '../api/model';

/** Alarms of the ECG that are held back against a pulse wave. */
export const heldEn = {
  title: 'Held back',
  held: (alarm: string, channel: string, secs: number) => `${alarm} by the ECG, held for ${secs} s: ${channel} shows`,
  shows: {
    longest_pause: (value: string) => `no pause longer than ${value} s`,
    slowest_five: (value: string) => `no five pulses slower than ${value}/min`,
    fastest_beat: (value: string) => `no pulse faster than ${value}/min`,
    steady_pulse: (value: string) => `a steady pulse of ${value}/min`,
  },
  counted: (n: number) => `${n} suppressed:`,
  why: {
    longest_pause: 'pulse without a pause', slowest_five: 'pulse not so slow',
    fastest_beat: 'pulse not so fast', steady_pulse: 'steady pulse',
  },
};

/** What virtual sensors say. */
export const derivedEn = {
  title: 'Derived', mark: 'derived',
  note: 'Computed, not measured; ± is one standard deviation. No score and no alarm uses it.',
  chain: 'From:', missing: 'missing',
  age: (secs: string) => `${secs} s old`,
  quantity: {
    shock_index: 'Shock index', pulse_rate: 'Pulse rate of the wave', perfusion_index: 'Perfusion index',
    uncalibrated_spo2: 'SpO₂ of the light, not calibrated', impedance_breaths: 'Breaths by impedance',
    pulse_breaths: 'Breaths by the pulse wave', ecg_breaths: 'Breaths by the ECG',
    pulse_transit_time: 'Pulse transit time', systolic_change: 'Systolic, change since the cuff',
    relative_cardiac_output: 'Cardiac output, of the first minute’s', end_tidal_co2: 'End-tidal CO₂',
    inspired_co2: 'Inspired CO₂', capnogram_breaths: 'Breaths by CO₂', plateau_slope: 'CO₂ plateau slope',
    since_last_breath: 'Since the last breath out',
  } satisfies Record<DerivedQuantity, string> as Record<DerivedQuantity, string>,
  why: {
    no_input: 'an input was not measured', too_old: 'an input is too old', bad_quality: 'an input is no clean wave',
    too_short: 'an input is too short yet', disagree: 'ways of finding it disagree', not_calibrated: 'no reference was measured',
  } satisfies Record<WhyMissing, string> as Record<WhyMissing, string>,
};
