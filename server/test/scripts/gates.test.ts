/** The gates: what passed is not run again on the same inputs, and on others it is. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { digestInputs } from '../../../scripts/gate-inputs.ts';
import { Slots } from '../../../scripts/slots.ts';

function makeTree(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'usher-gates-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, 'src/node_modules/tool'), { recursive: true });
  for (const [file, text] of Object.entries({
    'src/a.ts': 'a',
    'src/b.ts': 'b',
    'src/node_modules/.package-lock.json': 'tool 1.0.0',
    'src/node_modules/tool/index.js': 'tool',
  })) {
    writeFileSync(join(folder, file), text);
  }
  return folder;
}

const changes: Readonly<Record<string, (folder: string) => void>> = {
  'a file changes': (folder) => writeFileSync(join(folder, 'src/a.ts'), 'c'),
  'a file is added': (folder) => writeFileSync(join(folder, 'src/c.ts'), ''),
  'a file is removed': (folder) => rmSync(join(folder, 'src/b.ts')),
  'text moves from one file to the next': (folder) => {
    writeFileSync(join(folder, 'src/a.ts'), 'ab');
    writeFileSync(join(folder, 'src/b.ts'), '');
  },
  'another version of a package is installed': (folder) =>
    writeFileSync(join(folder, 'src/node_modules/.package-lock.json'), 'tool 1.0.1'),
};

for (const [name, change] of Object.entries(changes)) {
  test(`a gate runs again when ${name}`, (t) => {
    const folder = makeTree(t);
    const inputs = { command: 'check', reads: [join(folder, 'src')] };
    const before = digestInputs(inputs);
    assert.equal(digestInputs(inputs), before);
    change(folder);
    assert.notEqual(digestInputs(inputs), before);
    assert.notEqual(digestInputs({ ...inputs, command: 'check --more' }), digestInputs(inputs));
  });
}

test('slots run as much work at a time as there are slots, also after work that failed', async () => {
  const slots = new Slots(2);
  const begun: number[] = [];
  const ends: (() => void)[] = [];
  const work = [0, 1, 2, 3].map((place) =>
    slots.run(async () => {
      begun.push(place);
      await new Promise<void>((resolve) => ends.push(resolve));
      if (place === 0) throw new Error('planted');
    }),
  );
  assert.deepEqual(begun, [0, 1]);
  ends[0]?.();
  await assert.rejects(work[0] ?? Promise.resolve(), /planted/);
  assert.deepEqual(begun, [0, 1, 2]);
  for (const place of [1, 2]) ends[place]?.();
  await work[1];
  await work[2];
  ends[3]?.();
  await work[3];
  assert.deepEqual(begun, [0, 1, 2, 3]);
});
