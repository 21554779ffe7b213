/** A disk that soon fills up, for tests of full disks. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

/** The folder where the disk is mounted. Both are removed when the test ends. */
export function mountSmallDisk(context: Pick<TestContext, 'after'>, megabytes = 16): string {
  const folder = mkdtempSync(join(tmpdir(), 'usher-disk-'));
  const mounted = mount(folder, `size=${megabytes}m`);
  context.after(() => {
    spawnSync('umount', ['--lazy', folder]);
    rmSync(folder, { recursive: true, force: true });
  });
  const words = 'This test mounts a tmpfs, which needs Linux and root. Run it with sudo npm test.';
  assert.equal(mounted.status, 0, `${words} ${mounted.stderr}`);
  return folder;
}

/** Frees space on it. */
export function enlargeDisk(folder: string, megabytes: number): void {
  const mounted = mount(folder, `remount,size=${megabytes}m`);
  assert.equal(mounted.status, 0, String(mounted.stderr));
}

function mount(folder: string, options: string) {
  return spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder]);
}
