/**
 * Finds the processes that belong to another process, in /proc. Only Linux has /proc; on other
 * systems none are found.
 */
import { readdirSync, readFileSync } from 'node:fs';

interface ListedProcess {
  readonly id: number;
  readonly parent: number;
  readonly session: number;
}

/** All descendants of the process `root`. */
export function descendantsOf(root: number): number[] {
  return withDescendants(new Set([root]), listProcesses()).filter((id) => id !== root);
}

/** Whether the process runs. A process that has ended but was not waited for does not run. */
export function isRunning(id: number): boolean {
  return listProcesses().some((process) => process.id === id);
}

/**
 * All processes that belong to the leader of a session: its session, every process with the mark in
 * its environment, and their descendants.
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
  // A process can have a lower number than its parent, so repeat until nothing more is found.
  for (let before = -1; before !== found.size; ) {
    before = found.size;
    for (const { id, parent } of listed) if (found.has(parent)) found.add(id);
  }
  return [...found];
}

function listProcesses(): ListedProcess[] {
  return entriesOf('/proc').flatMap((name) => {
    // The name of the program is in brackets, and may contain anything.
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

/** Returns nothing for processes that have ended in the meantime or belong to another account. */
function textOf(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
