export type Page = { name: 'console' | 'report' | 'replay' | 'aid' } | { name: 'hospital' | 'crew'; id: string | null }
  | { name: 'major' | 'tag'; incident: number | null };

/** Which screen an address asks for; an unknown one is the console. */
export function pageOf(path: string): Page {
  const [, first, second] = path.split('/');
  if (first === 'hospital') return { name: 'hospital', id: second ? decodeURIComponent(second) : null };
  if (first === 'crew') return { name: 'crew', id: second ? decodeURIComponent(second) : null };
  if (first === 'report') return { name: 'report' };
  if (first === 'aid') return { name: 'aid' };
  if (first === 'major' || first === 'tag') return { name: first, incident: second && /^\d+$/.test(second) ? Number(second) : null };
  if (first === 'replay') return { name: 'replay' };
  return { name: 'console' };
}
