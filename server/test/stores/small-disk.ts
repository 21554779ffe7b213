/** A disk that fills soon, for tests of what happens then. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

/** The folder it is mounted at; both go when the test ends. */
export function mountSmallDisk(context: Pick<TestContext, 'after'>, megabytes = 16): string {
  const folder = mkdtempSync(join(tmpdir(), 'usher-disk-'));
  const mounted = mount(folder, `size=${megabytes}m`);
  context.after(() => {
    spawnSync('umount', ['--lazy', folder]);
    rmSync(folder, { recursive: true, force: true });
  });
  const words = 'This test mounts a tmpfs, for which it needs Linux and root (sudo npm test).';
  assert.equal(mounted.status, 0, `${words} ${mounted.stderr}`);
  return folder;
}

/** Makes room on it. */
export function enlargeDisk(folder: string, megabytes: number): void {
  const mounted = mount(folder, `remount,size=${megabytes}m`);
  assert.equal(mounted.status, 0, String(mounted.stderr));
}

function mount(folder: string, options: string) {
  return spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder]);
}
