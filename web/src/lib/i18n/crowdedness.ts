/** The degrees of NEDOCS: Weiss et al., Acad Emerg Med 2004;11:38-50. A score above a limit has the next word. */
const LIMITS = [20, 60, 100, 140, 180];

/** The word for a score, of six from "not busy" on. */
export function crowdedness(score: number, words: readonly [string, string, string, string, string, string]): string {
  return words[LIMITS.filter((limit) => score > limit).length] ?? words[5];
}
