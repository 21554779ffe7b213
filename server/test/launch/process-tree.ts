/** Which processes a process has started, and theirs, as the kernel lists them. */
import { readdirSync, readFileSync } from 'node:fs';

/** The processes below `root`, of all generations. */
export function descendantsOf(root: number): number[] {
  const children = new Map<number, number[]>();
  for (const { id, parent } of listProcesses()) {
    children.set(parent, [...(children.get(parent) ?? []), id]);
  }
  const found: number[] = [];
  for (let next = [root]; next.length > 0; ) {
    next = next.flatMap((id) => children.get(id) ?? []);
    found.push(...next);
  }
  return found;
}

/** Whether it runs; a process that has ended and was not asked for its exit code does not. */
export function isRunning(id: number): boolean {
  return listProcesses().some((process) => process.id === id);
}

function listProcesses(): { readonly id: number; readonly parent: number }[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      const fields = statusOf(name)?.split(') ').at(-1)?.split(' ');
      const isThere = fields !== undefined && fields[0] !== 'Z' && fields[0] !== 'X';
      return isThere ? [{ id: Number(name), parent: Number(fields[1]) }] : [];
    });
}

function statusOf(name: string): string | undefined {
  try {
    return readFileSync(`/proc/${name}/stat`, 'latin1');
  } catch {
    // It has ended meanwhile.
    return undefined;
  }
}
