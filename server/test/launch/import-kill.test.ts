/**
 * An import that is killed leaves nothing torn, and the next one ends as if there had been no kill.
 */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { composeReader } from '../../src/compose.ts';
import { runUsher, spawnUsher, waitFor } from './run-usher.ts';

const rowCount = 12_000;
const kills = 5;

/** So many bytes that a thread reads the rows ahead of the writer. */
function rows(mark: string): string {
  const long = ['a', 'b', 'c', 'd', 'e', 'f'].map((letter) => letter.repeat(240));
  const lines = Array.from(
    { length: rowCount },
    (_, n) => `p${n}@x.org,${mark} ${n},${n % 90},${long.join(',')}`,
  );
  return `email,name,age,a,b,c,d,e,f\n${lines.join('\n')}\n`;
}

function startImport(dataFolder: string, path: string) {
  const child = spawnUsher(dataFolder, ['import', path, '--json', '-q']);
  let output = '';
  child.stdout.on('data', (piece) => {
    output += String(piece);
  });
  child.stderr.on('data', (piece) => {
    output += String(piece);
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  return { child, ended, output: () => output };
}

async function counted(dataFolder: string): Promise<number> {
  if (
    !existsSync(join(dataFolder, 'contacts.mdb')) ||
    statSync(join(dataFolder, 'contacts.mdb')).size === 0
  )
    return 0;
  try {
    const reader = await composeReader({ dataFolder });
    const { contacts } = await reader.counts(1);
    await reader.close();
    return contacts;
  } catch {
    // The store is being created at this moment.
    return 0;
  }
}

test('an import that is killed five times has the same result as one that was never killed', {
  timeout: 120_000,
}, async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'usher-kill-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'people.csv');
  const killed = join(folder, 'killed');
  writeFileSync(path, rows('first'));
  for (let kill = 1; kill <= kills; kill += 1) {
    const { child, ended } = startImport(killed, path);
    let isOver = false;
    void ended.then(() => {
      isOver = true;
    });
    // Each kill comes a little later in the import.
    const wanted = Math.floor((rowCount * (kill - 1)) / kills) + 1;
    await waitFor(
      async () => (isOver || (await counted(killed)) >= wanted ? true : undefined),
      20_000,
    );
    child.kill('SIGKILL');
    await ended;
    // The doctor reports an import that was killed while it applied rows.
    if (kill === 2 && !isOver) {
      const { stdout } = await runUsher(killed, ['doctor']);
      assert.match(stdout, /warning {2}run: the import run [0-9a-f]{8} of people was killed/);
    }
    if (existsSync(join(killed, 'contacts.mdb'))) {
      const reader = await composeReader({ dataFolder: killed });
      assert.deepEqual(await reader.verify(), {
        tornContacts: 0,
        danglingIdentities: 0,
        wrongCounts: 0,
      });
      await reader.close();
    }
  }
  for (const mark of ['first', 'second']) {
    writeFileSync(path, rows(mark));
    for (const dataFolder of [killed, join(folder, 'whole')]) {
      const { ended, output } = startImport(dataFolder, path);
      assert.equal(await ended, 0, output());
    }
  }
  const digests = await Promise.all(
    [killed, join(folder, 'whole')].map(async (dataFolder) => {
      const reader = await composeReader({ dataFolder });
      const digest = await reader.digest('content');
      await reader.close();
      return digest;
    }),
  );
  assert.equal(digests[0], digests[1]);
  assert.deepEqual(
    readdirSync(join(killed, 'tmp')),
    [],
    'files that killed imports left are removed',
  );
});
