/** How differences of a catalog are shown to people. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { differenceLines } from '../../src/cli/catalog-file/difference-lines.ts';

function shown(before: unknown, after: unknown): string {
  const path = '/datasets/crm/source/sql';
  return differenceLines([{ path, before, after }]).join('\n');
}

test('a changed query is shown by its changed lines', () => {
  const query = 'SELECT email,\n  name\nFROM people\nWHERE active\n';
  assert.equal(
    shown(query, query.replace('FROM people', 'FROM persons')),
    '  datasets.crm.source.sql, line 3:\n-   FROM people\n+   FROM persons',
  );
  assert.equal(
    shown(query, query.replace('  name\n', '  name,\n  city\n')),
    '  datasets.crm.source.sql, line 2:\n-     name\n+     name,\n+     city',
  );
  assert.equal(
    shown('a\na\n', 'a\na\na\n'),
    '  datasets.crm.source.sql, line 3:\n+   a',
    'lines that stand more than once',
  );
});

test('an added or removed query is shown as it stands in the file', () => {
  assert.equal(
    shown(undefined, 'SELECT 1\nFROM a\n'),
    '+ datasets.crm.source.sql: |\n+   SELECT 1\n+   FROM a',
  );
  assert.equal(
    shown('SELECT 1', 'SELECT 2'),
    '- datasets.crm.source.sql: "SELECT 1"\n+ datasets.crm.source.sql: "SELECT 2"',
  );
});
