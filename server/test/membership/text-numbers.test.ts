/** Which texts are numbers: rules and the query of `docs/rules.md` agree. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DuckDBInstance } from '@duckdb/node-api';
import { readPage } from '../docs/pages.ts';
import { RuleTrial } from './rule-trial.ts';

const numbers: readonly (readonly [string, number])[] = [
  ...([
    ['12', 12],
    ['12.9', 12.9],
    ['12.0', 12],
    ['-7', -7],
    ['+5', 5],
    ['.5', 0.5],
  ] as const),
  ...([
    ['5.', 5],
    ['1e3', 1000],
    ['1E+3', 1000],
    ['-.5e1', -5],
    ['1e-400', 0],
    ['007', 7],
  ] as const),
  ...([
    ['1e308', 1e308],
    ['1e+21', 1e21],
    ['9'.repeat(110), 1e110],
  ] as const),
];

const others = [
  ...[
    '',
    ' 5',
    '5 ',
    '1,000',
    '1_000',
    '0x10',
    '$5',
    '1e',
    'e5',
    '.',
    '+',
    '--5',
    '1.2.3',
    '1e1.5',
  ],
  ...['inf', 'Infinity', 'NaN', '1e400', '-1e400', '1e1000', '٣', '½', '9'.repeat(111)],
];

test('rules and the query of the docs take the same texts for numbers', async () => {
  const trial = new RuleTrial({
    fields: { state: 'string' },
    computed: {
      number: ['float', 'double(state)'],
      whole: ['float', 'double(int(state))'],
    },
    implied: { number: 'null', whole: 'null' },
  });
  const sql = /```sql\n(CASE [\s\S]*?)```/.exec(readPage('docs/rules.md'))?.[1] ?? '';
  const connection = await (await DuckDBInstance.create()).connect();
  const wanted = [...numbers, ...others.map((text) => [text, null] as const)];
  for (const [text, number] of wanted) {
    const evaluation = trial.begin({ values: { state: text } }, 0);
    const whole = number === null ? null : Math.trunc(number);
    const isSafe = whole !== null && Number.isSafeInteger(whole);
    assert.equal(trial.value(evaluation, 'number'), number, text);
    assert.equal(trial.value(evaluation, 'whole'), isSafe ? whole : null, text);
    const read = await connection.runAndReadAll(`SELECT ${sql} FROM (SELECT $1 AS state)`, [text]);
    assert.equal(read.getRowsJson()[0]?.[0], number, `${text} in DuckDB`);
  }
  connection.closeSync();
});
