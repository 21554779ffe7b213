/**
 * Uses strace to kill a restore with suppression lists at a system call that writes. Whatever the
 * moment: the data folder is refused or complete, no erased person can be seen in it, no list is
 * lost, and the next restore is complete.
 */
import assert from 'node:assert/strict';
import {
  cpSync,
  existsSync,
  globSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { erasePeople } from '../administration/erase-people.ts';
import { type KillPoint, runKilled } from './kill-at-writes.ts';
import { mustRunCommand, runCommand } from './run-command.ts';

const erased = 'p1@x.org';

/** One thread for files, so that the calls of a restore are counted together. */
const environment = { UV_THREADPOOL_SIZE: '1' };

export interface RestoreTrial {
  /** @returns `false` if the restore makes fewer calls in each thread */
  killAt(point: KillPoint): Promise<boolean>;
  remove(): void;
}

/** A backup from before an erasure, and the list from after it. */
export async function prepareRestores(): Promise<RestoreTrial> {
  const folder = mkdtempSync(join(tmpdir(), 'usher-kill-'));
  const path = (name: string) => join(folder, name);
  const rows = Array.from({ length: 40 }, (_, n) => `p${n}@x.org,person ${n}\n`);
  writeFileSync(path('people.csv'), `email,name\n${rows.join('')}`);
  const data = path('data');
  await mustRunCommand(data, ['import', path('people.csv'), '--dataset', 'people']);
  await mustRunCommand(data, ['backup', path('backup')]);
  await erasePeople(data, [`email:${erased}`]);
  const [given = ''] = globSync(join(data, 'suppression/*.list'));
  const other = path('other');
  await mustRunCommand(other, ['restore', path('backup'), '--no-suppression']);
  await erasePeople(other, ['email:p2@x.org']);
  const targetLists = join(other, 'suppression');
  const names = readdirSync(targetLists).sort();
  const target = path('target');
  const isThere = (name: string) => existsSync(join(target, name));
  const args = ['restore', path('backup'), '--suppression', given];
  return {
    killAt: async (point) => {
      rmSync(target, { recursive: true, force: true });
      cpSync(targetLists, join(target, 'suppression'), { recursive: true });
      const wasKilled = await runKilled(target, args, { ...point, environment });
      const at = `killed at ${JSON.stringify(point)}`;
      checkUnseen(target, at);
      // The lists that were there before are there.
      const found = readdirSync(join(target, 'suppression'));
      assert.deepEqual(
        names.filter((name) => !found.includes(name)),
        [],
        at,
      );
      if (isThere('restore.unfinished')) {
        const { stderr } = await runCommand(target, ['get', 'email:p3@x.org']);
        assert.match(stderr, /was killed.*remove everything .* except suppression/, at);
      }
      const isDone = isThere('contacts.mdb') && !isThere('restore.unfinished');
      if (!isDone) {
        for (const name of readdirSync(target)) {
          if (name !== 'suppression') rmSync(join(target, name), { recursive: true });
        }
        await mustRunCommand(target, args);
      }
      await checkWhole(target, [...names, basename(given)], at);
      return wasKilled;
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** What is in its place never has an erased person, not even in free space. */
function checkUnseen(target: string, at: string): void {
  const contacts = join(target, 'contacts.mdb');
  if (existsSync(contacts)) assert.ok(!readFileSync(contacts).includes(erased), at);
}

async function checkWhole(target: string, lists: readonly string[], at: string): Promise<void> {
  const codes: number[] = [];
  for (const n of [1, 2, 3]) {
    codes.push((await runCommand(target, ['get', `email:p${n}@x.org`])).code ?? 0);
  }
  assert.deepEqual(codes, [3, 3, 0], at);
  for (const name of lists) assert.ok(existsSync(join(target, 'suppression', name)), at);
  const { code, stdout } = await runCommand(target, ['doctor']);
  assert.equal(code, 0, at);
  assert.match(stdout, /suppression: 2 lists with 2 keyed digests/, at);
}
