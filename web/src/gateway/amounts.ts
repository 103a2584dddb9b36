/** An amount of data with three figures: 12.3 kB. */
export function bytes(n: number): string {
  return scaled(n, 'B');
}

/** Data a second: 1.25 Mbit/s; a dash where it is not known. */
export function bits(perSecond: number | null): string {
  return perSecond === null ? '–' : `${scaled(perSecond, 'bit')}/s`;
}

function scaled(n: number, unit: string): string {
  const prefixes = ['', 'k', 'M', 'G'];
  let step = 0;
  while (n >= 999.5 && step < prefixes.length - 1) {
    n /= 1000;
    step += 1;
  }
  const decimals = step === 0 || n >= 99.95 ? 0 : n >= 9.995 ? 1 : 2;
  return `${n.toFixed(decimals)} ${prefixes[step]}${unit}`;
}
