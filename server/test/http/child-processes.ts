/** The processes that the test's own process has started, as Linux shows them (proc(5)). */
import { readdirSync, readFileSync } from 'node:fs';

/** The parts of a line of /proc/PID/stat from the state on; none if it is gone. */
export function statOf(path: string): readonly string[] {
  try {
    const line = readFileSync(path, 'utf8');
    return line.slice(line.lastIndexOf(')') + 2).split(' ');
  } catch {
    return [];
  }
}

/** The processes that this one has started with this word in their command. */
export function childPids(word: string): readonly number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => Number(statOf(`/proc/${pid}/stat`)[1]) === process.pid)
    .filter((pid) => commandOf(pid).includes(word));
}

/** None if the process has ended meanwhile. */
function commandOf(pid: number): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    return [];
  }
}
