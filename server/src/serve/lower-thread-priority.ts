/**
 * Lets look-ups go first where the writer shares a core with them. Linux gives each thread a
 * priority of its own, under the number that it has as a task; Node does not tell that number, but
 * the task's name is the one that its worker was given.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { setPriority } from 'node:os';

const tasks = '/proc/self/task';

/** As much below normal as an import's own process. */
const lowPriority = 10;

/**
 * Elsewhere than on Linux, where threads have no names to be found by, nothing happens.
 * @param name of the thread, as given to its worker
 */
export function lowerThreadPriority(name: string): void {
  if (process.platform !== 'linux') return;
  const task = readdirSync(tasks).find((id) => {
    return readFileSync(`${tasks}/${id}/comm`, 'utf8').trim() === name;
  });
  if (task !== undefined) setPriority(Number(task), lowPriority);
}
