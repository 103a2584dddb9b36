export type Page = { name: 'console' } | { name: 'hospital'; id: string | null } | { name: 'report' } | { name: 'replay' };

/** Which screen an address asks for; an unknown one is the console. */
export function pageOf(path: string): Page {
  const [, first, second] = path.split('/');
  if (first === 'hospital') return { name: 'hospital', id: second ? decodeURIComponent(second) : null };
  if (first === 'report') return { name: 'report' };
  if (first === 'replay') return { name: 'replay' };
  return { name: 'console' };
}
