export type Page = { name: 'console' } | { name: 'hospital'; id: string | null } | { name: 'report' } | { name: 'crew'; id: string | null };

/** Which screen an address asks for; an unknown one is the console. */
export function pageOf(path: string): Page {
  const [, first, second] = path.split('/');
  if (first === 'hospital') return { name: 'hospital', id: second ? decodeURIComponent(second) : null };
  if (first === 'crew') return { name: 'crew', id: second ? decodeURIComponent(second) : null };
  if (first === 'report') return { name: 'report' };
  return { name: 'console' };
}
