import type { Reception, Task } from '../lib/api/model';

export const isExpected = ({ state }: Reception): boolean =>
  state.state === 'requested' || state.state === 'acknowledged' || state.state === 'accepted';

/** When a task must be started at the latest, µs. */
export const startBy = ({ start_by, due, lead }: Task): number => start_by ?? due - lead * 1000;

/** How many tasks should have been started and were not. */
export const nLate = (tasks: Task[], now: number): number =>
  tasks.filter((task) => task.state === 'planned' && startBy(task) < now).length;

const DONE_LAST = { planned: 0, acknowledged: 0, ready: 1, cancelled: 2 };

/** The task that must be started first comes first; those that are done come last. */
export function inOrderOfStart(tasks: Task[]): Task[] {
  const place = ({ state }: Task) => DONE_LAST[state];
  return [...tasks].sort((a, b) => place(a) - place(b) || startBy(a) - startBy(b) || a.id - b.id);
}

/** Expected patients, the next to arrive first; then those who are there or went elsewhere. */
export function byArrival(receptions: Reception[]): { expected: Reception[]; done: Reception[] } {
  const sorted = [...receptions].sort((a, b) => a.eta - b.eta || a.incident - b.incident);
  return {
    expected: sorted.filter(isExpected),
    done: sorted.filter((reception) => !isExpected(reception)).reverse(),
  };
}
