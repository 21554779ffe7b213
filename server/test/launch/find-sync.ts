/** Kills the process of a sync that a server started. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { descendantsOf } from '../../../scripts/process-tree.ts';

export function killSync(serverId: number | undefined): void {
  assert.ok(serverId !== undefined);
  const id = descendantsOf(serverId).find((one) => /usher\.js\0sync\0run/.test(commandOf(one)));
  assert.ok(id !== undefined, 'no sync runs');
  process.kill(id, 'SIGKILL');
}

/** Empty for a process that is gone. */
export function commandOf(id: number): string {
  try {
    return readFileSync(`/proc/${id}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}
