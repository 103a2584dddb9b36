import type { DerivedQuantity, DerivedTold } from '../api/model';

/** How each quantity is shown; units as in docs/virtual-sensors.md. */
const SHOWN: Record<DerivedQuantity, { unit: string; decimals: number }> = {
  shock_index: { unit: '', decimals: 2 },
  pulse_rate: { unit: '/min', decimals: 1 },
  perfusion_index: { unit: '%', decimals: 1 },
  uncalibrated_spo2: { unit: '%', decimals: 0 },
  impedance_breaths: { unit: '/min', decimals: 1 },
  pulse_breaths: { unit: '/min', decimals: 1 },
  ecg_breaths: { unit: '/min', decimals: 1 },
  pulse_transit_time: { unit: 'ms', decimals: 0 },
  systolic_change: { unit: 'mmHg', decimals: 0 },
  relative_cardiac_output: { unit: '×', decimals: 2 },
  end_tidal_co2: { unit: 'mmHg', decimals: 0 },
  inspired_co2: { unit: 'mmHg', decimals: 0 },
  capnogram_breaths: { unit: '/min', decimals: 1 },
  plateau_slope: { unit: 'mmHg/s', decimals: 1 },
  since_last_breath: { unit: 's', decimals: 0 },
};

/** A number with its deviation, `1.10 ± 0.09`; `null` where it is missing. */
export function sayEstimate({ quantity, outcome }: DerivedTold): string | null {
  if (outcome.state === 'missing') return null;
  const { unit, decimals } = SHOWN[quantity];
  const sign = quantity === 'systolic_change' && outcome.value > 0 ? '+' : '';
  return `${sign}${outcome.value.toFixed(decimals)} ± ${outcome.sd.toFixed(decimals)} ${unit}`.trim();
}
