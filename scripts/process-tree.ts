/**
 * The processes that belong to another, found in /proc, which only Linux has: elsewhere there are
 * none.
 */
import { readdirSync, readFileSync } from 'node:fs';

interface ListedProcess {
  readonly id: number;
  readonly parent: number;
  readonly session: number;
}

/** The processes below `root`, of all generations. */
export function descendantsOf(root: number): number[] {
  return withDescendants(new Set([root]), listProcesses()).filter((id) => id !== root);
}

/** Whether it runs; a process that has ended and was not asked for its exit code does not. */
export function isRunning(id: number): boolean {
  return listProcesses().some((process) => process.id === id);
}

/**
 * What belongs to a process that leads a session of its own: its session, all whose environment
 * holds the mark, and what is below these.
 */
export function belongingsOf(leader: number, mark: string): number[] {
  const listed = listProcesses();
  const own = listed.filter(
    ({ id, session }) => id === leader || session === leader || environmentOf(id).includes(mark),
  );
  return withDescendants(new Set(own.map(({ id }) => id)), listed);
}

function withDescendants(roots: ReadonlySet<number>, listed: readonly ListedProcess[]): number[] {
  const found = new Set(roots);
  // A process can have a lower number than its parent's: until nothing more is found.
  for (let before = -1; before !== found.size; ) {
    before = found.size;
    for (const { id, parent } of listed) if (found.has(parent)) found.add(id);
  }
  return [...found];
}

function listProcesses(): ListedProcess[] {
  return entriesOf('/proc').flatMap((name) => {
    // The name of the program stands in brackets, and may hold anything.
    const fields = textOf(`/proc/${name}/stat`).split(') ').at(-1)?.split(' ') ?? [];
    const [state = 'X', parent, , session] = fields;
    const isThere = /^\d+$/.test(name) && fields.length > 4 && state !== 'Z' && state !== 'X';
    return isThere ? [{ id: Number(name), parent: Number(parent), session: Number(session) }] : [];
  });
}

function environmentOf(id: number): string {
  return textOf(`/proc/${id}/environ`);
}

function entriesOf(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** Nothing of what has ended meanwhile, and of what is another account's. */
function textOf(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
