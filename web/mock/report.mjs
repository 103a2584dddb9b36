/** An invented report in the shape of GET /api/report. */

function clockReport(id, en, zh, priority, targetMs, required, meanMs, n) {
  const width = meanMs > 60_000 ? 60_000 : 1000;
  const bins = Array.from({ length: 20 }, (_, idx) => ({
    from_ms: idx * width,
    to_ms: (idx + 1) * width,
    n: Math.round(n * Math.exp(-((idx * width - meanMs) ** 2) / (2 * (0.4 * meanMs) ** 2)) * (width / meanMs)),
  }));
  const total = bins.reduce((sum, bin) => sum + bin.n, 0);
  const within = bins.filter(({ to_ms }) => to_ms <= targetMs).reduce((sum, bin) => sum + bin.n, 0);
  return {
    id, name: { en, zh }, source: 'invented for the mock', verified: id !== 'nfpa', priority,
    target_ms: targetMs, required_share: required, n: total, n_missing: 3, n_running: 1, within, is_met: total === 0 ? null : within / total >= required, share: total === 0 ? null : within / total,
    mean_ms: meanMs, p50_ms: meanMs * 0.95, p90_ms: meanMs * 1.5, p95_ms: meanMs * 1.7, max_ms: meanMs * 2.2, bins,
  };
}

export function makeReport(now, units, hospitals) {
  return {
    generated_at: now,
    clocks: [
      clockReport('answer', 'Call answered', '接听', null, 10_000, 0.95, 6000, 240),
      clockReport('turnout', 'Turn-out', '出车', null, 180_000, 0.95, 95_000, 230),
      clockReport('arp', 'ARP category 1 response', 'ARP 一类响应', 'I', 420_000, 0.9, 460_000, 60),
      clockReport('nfpa', 'NFPA 1710 first unit on scene', 'NFPA 1710 首车到场', null, 480_000, 0.9, 400_000, 200),
    ],
    units: units.map(({ id }, idx) => ({ unit: id, busy_ms: 600_000 * (idx + 2), on_duty_ms: 43_200_000 / 4, share: (600_000 * (idx + 2)) / 10_800_000 })),
    calls_per_hour: Array.from({ length: 24 }, (_, idx) => ({ from: now - (24 - idx) * 3.6e9, n: Math.round(6 + 4 * Math.sin(idx / 3.5)) })),
    priorities: [{ code: 'I', n: 22 }, { code: 'II', n: 61 }, { code: 'III', n: 97 }, { code: 'IV', n: 40 }],
    overruled: { n: 7, of: 212 },
    hospitals: hospitals.map(({ id }, idx) => ({ hospital: id, requested: 40 - idx * 10, accepted: 36 - idx * 10, diverted: idx, tasks: 120 - idx * 30, tasks_late: 4 })),
  };
}
