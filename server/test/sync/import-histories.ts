/**
 * Imports the same random sequences of files into two data folders. One folder compares each file
 * with its baseline, the other applies every row. Both must end with the same contents.
 */
import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import fc from 'fast-check';
import { updateIdentityType } from '../../src/administration/identity-settings.ts';
import { createIdentityType } from '../../src/administration/identity-types.ts';
import { composeReader } from '../../src/compose.ts';
import { identityDigest } from '../../src/domain/contact/identity.ts';
import { keepsAge } from '../../src/stores/section-age.ts';
import { readContact } from '../stores/sample-changes.ts';
import { type Imported, ImportPlace } from './import-place.ts';

interface Row {
  readonly email: string;
  readonly id: string;
  readonly name: string;
  readonly age: string;
}

interface Step {
  readonly rows: readonly Row[];
  readonly mode: 'append' | 'snapshot';
  /** How far the columns are rotated: the number of the column that stands first. */
  readonly turn: number;
  /** Whether the import is stopped while it applies rows, and then repeated. */
  readonly isStopped: boolean;
}

const columns = ['email', 'id', 'name', 'age'] as const;

/** A row with it has no readable key, unless its id is the key. */
const noAddress = 'no address';

const row: fc.Arbitrary<Row> = fc.record({
  email: fc.constantFrom('', 'a@x.org', 'b@x.org', 'B@X.org', 'c@x.org', 'd@x.org', noAddress),
  id: fc.constantFrom('', '', '1', '2', '3'),
  name: fc.constantFrom('Ann', 'Bob', ''),
  age: fc.constantFrom('1', '2', '2', 'old'),
});

/** Most files repeat rows from a small pool, so that later imports find known rows. */
const history: fc.Arbitrary<readonly Step[]> = fc
  .array(row, { minLength: 3, maxLength: 5 })
  .chain((pool) =>
    fc.array(
      fc.record({
        rows: fc.array(fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...pool) }, row), {
          minLength: 1,
          maxLength: 6,
        }),
        mode: fc.constantFrom('append', 'snapshot', 'snapshot'),
        turn: fc.nat(3),
        isStopped: fc.integer({ min: 0, max: 9 }).map((number) => number === 0),
      }),
      { minLength: 3, maxLength: 5 },
    ),
  );

function fileOf({ rows, turn, isStopped }: Step): string {
  const turned = [...columns.slice(turn), ...columns.slice(0, turn)];
  // A row without a readable key counts by whoever answers for its id, which may change with what a
  // stopped import applied.
  const used = rows.map((one) =>
    isStopped && one.email === noAddress ? { ...one, email: '' } : one,
  );
  const lines = used.map((cells) => turned.map((column) => cells[column]).join(','));
  return [turned.join(','), ...lines, ''].join('\n');
}

const asked = {
  identifiers: [
    { type: 'email', column: 'email' },
    { type: 'user_id', column: 'id' },
  ],
  types: new Map([
    ['id', 'string'],
    ['age', 'integer'],
  ]),
};

/** The outcome of an import, or its refusal of a file without a usable row. */
async function outcomeOf(importing: Promise<Imported>) {
  try {
    const { report, rejections } = await importing;
    const { added, changed, unchanged, cleared, rejected, counts, rowsRead } = report;
    return { added, changed, unchanged, cleared, rejected, counts, rowsRead, rejections };
  } catch (error) {
    assert.match(String(error), /No row of [0-9]+ can be used/);
    return 'refused';
  }
}

async function newPlace(context: TestContext, isStable: boolean): Promise<ImportPlace> {
  const place = new ImportPlace(context);
  const administration = await place.administration();
  await createIdentityType(administration, 1, { name: 'user_id', normalisation: 'exact' });
  await updateIdentityType(administration, 1, { name: 'user_id', settings: { isStable } });
  await administration.catalog.close();
  return place;
}

/** Imports the file of a step into both folders, and compares their reports and contents. */
async function importBoth(
  step: Step,
  { compared, anew }: { readonly compared: ImportPlace; readonly anew: ImportPlace },
): Promise<void> {
  const request = { ...asked, mode: step.mode };
  await rm(join(anew.dataFolder, 'snapshots'), { recursive: true, force: true });
  const expected = await outcomeOf(anew.import(anew.write('people.csv', fileOf(step)), request));
  const path = compared.write('people.csv', fileOf(step));
  compared.isInterrupting = step.isStopped;
  if (step.isStopped) await compared.import(path, request).catch(() => undefined);
  compared.isInterrupting = false;
  const found = await outcomeOf(compared.import(path, request));
  if (!step.isStopped) assert.deepEqual(found, expected);
  assert.equal(await compared.contentDigest(), await anew.contentDigest());
  assert.deepEqual(await keptAges(compared), await keptAges(anew));
}

/** Whether each contact keeps the age of an earlier row. */
async function keptAges(place: ImportPlace): Promise<readonly (boolean | undefined)[]> {
  const reader = await composeReader(place.settings);
  try {
    const kept: (boolean | undefined)[] = [];
    for (const name of ['a', 'b', 'c', 'd']) {
      const identity = { typeId: 1, digest: identityDigest('email', `${name}@x.org`) };
      const [section] = (await readContact(reader, 1, identity))?.sections ?? [];
      kept.push(section && keepsAge(section.asOfMs));
    }
    return kept;
  } finally {
    await reader.close();
  }
}

/** Tries this many random histories. */
export async function tryHistories(context: TestContext, count: number): Promise<void> {
  await fc.assert(
    fc.asyncProperty(history, fc.boolean(), async (steps, isStable) => {
      const compared = await newPlace(context, isStable);
      const anew = await newPlace(context, isStable);
      for (const step of steps) await importBoth(step, { compared, anew });
    }),
    { numRuns: count, endOnFailure: true },
  );
}
