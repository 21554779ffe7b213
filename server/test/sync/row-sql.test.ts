/**
 * The SQL of an import has the same results as the JavaScript, or leaves the work to it: for every
 * type, for identities and for whole rows.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { type FieldType, fieldTypes } from '../../src/domain/contact/field.ts';
import { identityDigest } from '../../src/domain/contact/identity.ts';
import {
  normalisations,
  usualBlocked,
  usualSettings,
} from '../../src/domain/contact/identity-type.ts';
import {
  isRowChange,
  type RowMapping,
  readSourceRow,
} from '../../src/domain/dataset/source-row.ts';
import { feedColumns, feedRules } from '../../src/domain/membership/membership-feed.ts';
import { parseMembershipReports } from '../../src/domain/membership/membership-report.ts';
import type { ValueOptions } from '../../src/domain/value/field-value.ts';
import type { SourceRelation } from '../../src/sources/source.ts';
import { openWorkbench, type Workbench } from '../../src/sources/workbench.ts';
import { emptyForms, partEnd, rowEnd } from '../../src/sync/stage/row-sql.ts';
import { stagingSql } from '../../src/sync/stage/stage-rows.ts';
import { email, text } from './awkward-texts.ts';

const folder = mkdtempSync(join(tmpdir(), 'usher-row-sql-'));
let workbench: Workbench;

before(async () => {
  workbench = await openWorkbench({
    folder: join(folder, 'work'),
    allowedPaths: [],
    allowedFolders: [],
    threads: 1,
  });
});

after(async () => {
  await workbench.close();
  rmSync(folder, { recursive: true });
});

/**
 * Stages rows of cells. Compares each row that SQL handled itself with the result of JavaScript.
 * @returns how many rows SQL handled
 */
async function compare(
  mapping: RowMapping,
  rows: readonly (readonly (string | null)[])[],
): Promise<number> {
  const columns = rows[0]?.map((_, place) => `c${place}`) ?? [];
  await workbench.run(
    `CREATE OR REPLACE TABLE cells (n BIGINT, ${columns.map((name) => `${name} VARCHAR`).join(', ')})`,
  );
  await workbench.append(
    'cells',
    rows.map((row, place) => [place, ...row]),
  );
  const relation: SourceRelation = { columns, sql: 'cells', rowNumbers: 'column', notes: [] };
  const names = mapping.identifiers.map((_, at) => `digest${at}`);
  const sql = stagingSql(relation, mapping);
  const plan = await workbench.rows(`EXPLAIN ${sql}`);
  assert.doesNotMatch(JSON.stringify(plan), /JOIN/, 'a join loses the order of the rows');
  const staged = await workbench.rows(
    `SELECT n, is_plain, parts, ${names.join(', ')} FROM (${sql})`,
  );
  let plainRows = 0;
  for (const [place, isPlain, parts, ...digests] of staged) {
    if (isPlain !== true) continue;
    plainRows += 1;
    const cells = rows[Number(place)] ?? [];
    const read = readSourceRow(mapping, cells);
    assert.ok(isRowChange(read), `SQL accepts what JavaScript rejects: ${JSON.stringify(cells)}`);
    const identities = mapping.identifiers.map(({ identityType }, index) => {
      const value = read.identities[index];
      if (value === undefined) return '';
      const digest = identityDigest(identityType.normalisation, value).toString('hex');
      return digest + (identityType.normalisation === 'email-hash' ? '' : value);
    });
    const values = mapping.fields.map(({ type }, index) => read.values[index] || emptyForms[type]);
    const expected = [...identities, ...values].map((part) => part + partEnd).join('') + rowEnd;
    assert.equal(parts, expected, JSON.stringify(cells));
    assert.deepEqual(
      digests.map((digest) => digest ?? ''),
      identities.map((identity) => identity.slice(0, 32)),
    );
  }
  return plainRows;
}

const emailType = { id: 1, name: 'email', normalisation: 'email' as const, ...usualSettings };
const user = { id: 9, name: 'user_id', normalisation: 'exact' as const, ...usualSettings };

function mappingOf(type: FieldType, options: ValueOptions): RowMapping {
  return {
    identifiers: [{ column: 'id', cell: 0, identityType: user }],
    fields: [{ column: 'value', cell: 1, type, options }],
  };
}

const optionSets: readonly ValueOptions[] = [
  { timeZone: 'Z', dateOrder: 'month-first', separator: '|', currency: 'USD' },
  {
    ...{ timeZone: 'Europe/Berlin', dateOrder: 'day-first', currency: 'EUR' },
    ...{ decimalComma: true, separator: ';' },
  },
  { timeZone: 'UTC', currency: 'CHF' },
  { timeZone: 'UTC' },
  { timeZone: 'Z', exact: true },
  { timeZone: 'Z', exact: true, decimalComma: true },
  { timeZone: 'Z', exact: true, undecided: true },
];

for (const type of fieldTypes) {
  // Holds the invariant sql-is-javascript of sync/SPEC.md.
  test(`SQL renders ${type} values as JavaScript does, or leaves them to it`, async () => {
    for (const options of optionSets) {
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.option(text, { freq: 20 }), { minLength: 300, maxLength: 400 }),
          async (values) => {
            await compare(
              mappingOf(type, options),
              values.map((value, place) => [`id${place}`, value]),
            );
          },
        ),
        { numRuns: 8 },
      );
    }
  });
}

const usualValues: readonly (readonly [FieldType, readonly string[]])[] = [
  ['string', ['Tom', 'New York', 'Żółw', 'Zoë']],
  ['text', ['a longer one']],
  ['currency', ['$90,000 ', '241.56', '$1,234.50', '0', '-12', '14.30', '-0.50', '7.00']],
  ['float', ['0.25', '12', '1,000.5', '64.75999999999999', '-0.30000000000000004']],
  ['rate', ['25%', '0.5']],
  ['integer', ['0', '12', '-3', '1,234', '12.0']],
  ['positive integer', ['0', '12']],
  ['big integer', ['12345678901234567890']],
  ['boolean', ['Y', 'no', 'TRUE', 'f', '1']],
  [
    'date',
    [
      ...['2026-11-23', '04/08/1966', '5/14/1965', '1965-05-14 10:00:00', '2026-11-23T05:00:00Z'],
      ...['2026-11-23T05:00:00.000Z', '2026-11-23 05:00:00+00'],
      'Tue, 31 Dec 2019 23:00:00 GMT',
    ],
  ],
  ['set', ['a|b', 'red', '["a b","c","d"]', '["a"]', '[]']],
];

for (const [type, values] of usualValues) {
  test(`SQL handles the usual ${type} values itself`, async () => {
    const rows = values.map((value, place) => [`id${place}`, value]);
    assert.equal(
      await compare(mappingOf(type, optionSets[0] ?? { timeZone: 'Z' }), rows),
      rows.length,
    );
  });
}

for (const normalisation of normalisations) {
  test(`SQL normalises ${normalisation} identities as JavaScript does, or leaves them to it`, async () => {
    const identityType = { id: 2, name: 'tried', normalisation, ...usualSettings };
    const mapping: RowMapping = {
      identifiers: [{ column: 'id', cell: 0, identityType }],
      fields: [{ column: 'value', cell: 1, type: 'string', options: { timeZone: 'Z' } }],
    };
    const hex = fc.stringMatching(/^[0-9a-f]{63,65}$/);
    const phone = fc.stringMatching(/^\+?[0-9 ().-]{5,18}$/);
    const uuid = fc.uuid({ version: 7 });
    const usual = usualBlocked.map((value) => (value.endsWith('@') ? `${value}x.org` : value));
    const blocked = fc.mixedCase(fc.constantFrom(...usual, '000', ' 0 ', 'x@y.org'));
    const identity = fc.oneof(text, email, email, hex, phone, uuid, blocked);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.option(identity, { freq: 20 }), { minLength: 300, maxLength: 400 }),
        async (values) => {
          await compare(
            mapping,
            values.map((value) => [value, 'x']),
          );
        },
      ),
      { numRuns: 12 },
    );
  });
}

test('SQL handles ordinary e-mail addresses itself', async () => {
  const mapping: RowMapping = {
    identifiers: [{ column: 'id', cell: 0, identityType: emailType }],
    fields: [{ column: 'value', cell: 1, type: 'string', options: { timeZone: 'Z' } }],
  };
  const rows = ['Tom@Hello.com', ' a+b@c.org', "o'neil@x-y.co.uk"].map((value) => [value, null]);
  assert.equal(await compare(mapping, rows), 3);
});

test('SQL joins rows of many types as JavaScript does, or leaves them to it', async () => {
  const mapping: RowMapping = {
    identifiers: [
      { column: 'mail', cell: 0, identityType: emailType },
      { column: 'id', cell: 1, identityType: user },
    ],
    fields: fieldTypes.map((type, place) => ({
      column: type,
      cell: place + 2,
      type,
      options: optionSets[0] ?? { timeZone: 'Z' },
    })),
  };
  const plain = usualValues.flatMap(([, values]) => values);
  const cell = fc.option(
    fc.oneof({ weight: 6, arbitrary: fc.constantFrom(...plain) }, { weight: 1, arbitrary: text }),
    { freq: 3 },
  );
  const usual = fc.tuple(
    ...fieldTypes.map((type) => {
      const values = usualValues.find(([known]) => known === type)?.[1] ?? [];
      return fc.option(
        fc.oneof(
          { weight: 12, arbitrary: fc.constantFrom(...values) },
          { weight: 1, arbitrary: cell },
        ),
        { freq: 5 },
      );
    }),
  );
  const row = fc
    .tuple(fc.option(email), fc.option(fc.constantFrom('7', 'x y', '"q"')), usual)
    .map(([mail, id, values]) => [
      mail ?? null,
      id ?? null,
      ...values.map((value) => value ?? null),
    ]);
  let plainRows = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(row, { minLength: 200, maxLength: 300 }), async (rows) => {
      plainRows += await compare(mapping, rows);
    }),
    { numRuns: 15 },
  );
  assert.ok(plainRows > 100, 'SQL left too many rows to JavaScript');
});

for (const feed of ['flow', 'campaign'] as const) {
  test(`SQL accepts only the rows of a ${feed} feed that report something`, async () => {
    const columns = feedColumns(feed);
    const names = columns.map(({ name }) => name);
    const mapping: RowMapping = {
      identifiers: [{ column: 'id', cell: 0, identityType: user }],
      fields: columns.map(({ name, type }, place) => ({
        ...{ column: name, cell: place + 1, type },
        options: { timeZone: 'Z' },
      })),
      rules: feedRules(feed, [8], (name) => names.indexOf(name)),
    };
    const words = ['', ' ', '7', 'add', 'remove', 'Add', 'remove ', '"', '2026-11-01', 'NULL'];
    const usual = fc.constantFrom('7', '2026-11-01', 'add');
    const cell = fc.option(fc.oneof(usual, usual, fc.constantFrom(...words)), { freq: 3 });
    const row = fc.tuple(fc.constant('t'), ...columns.map(() => cell));
    let plainRows = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 300, maxLength: 400 }), async (rows) => {
        plainRows += await compare(mapping, rows);
        for (const cells of rows) requireTwin(mapping, cells);
      }),
      { numRuns: 10 },
    );
    assert.ok(plainRows > 20, 'SQL left too many rows to JavaScript');
  });
}

test('SQL rejects the reports of a computed flow in every form of its id', async () => {
  const columns = feedColumns('flow');
  const names = columns.map(({ name }) => name);
  const mapping: RowMapping = {
    identifiers: [{ column: 'id', cell: 0, identityType: user }],
    fields: columns.slice(0, 1).map((column) => ({
      ...{ column: column.name, cell: 1, type: column.type, options: { timeZone: 'Z' } },
    })),
    rules: feedRules('flow', [1234, 8], (name) => [0][names.indexOf(name)]),
  };
  const forms = ['1234', '1,234', ' 1234', '1234.0', '01234', '8', '+8'];
  for (const form of forms) {
    const read = readSourceRow(mapping, ['t', form]);
    assert.ok(!isRowChange(read), form);
    assert.match(read[0]?.code ?? '', /^(flow_computed|value_invalid)$/, form);
  }
  const plain = await compare(
    mapping,
    [...forms, '7', '1235', '2,234'].map((form) => ['t', form]),
  );
  assert.ok(plain >= 2, `SQL handled ${plain} rows itself`);
});

/**
 * Checks that the row rules and the store agree on whether a row with valid values reports
 * something.
 */
function requireTwin(mapping: RowMapping, cells: readonly (string | null)[]): void {
  // The store does not know which flows are computed.
  const rules = (mapping.rules ?? []).filter(({ kind }) => kind !== 'not');
  const fitting = readSourceRow({ ...mapping, rules: [] }, cells);
  if (!isRowChange(fitting)) return;
  const members = mapping.fields.flatMap(({ column }, place) => {
    const value = fitting.values[place] ?? '';
    return value === '' ? [] : [`"${column}":${value}`];
  });
  const isFlow = mapping.fields.some(({ column }) => column === 'timestamp');
  if (isFlow) members.push('"reported_at":"2026-11-02T00:00:00Z"');
  const reports = parseMembershipReports(Buffer.from(`{${members.join(',')}}`));
  const isTaken = isRowChange(readSourceRow({ ...mapping, rules }, cells));
  assert.equal(isTaken, reports !== undefined, JSON.stringify(cells));
}
