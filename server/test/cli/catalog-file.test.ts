/**
 * The catalog file: reading it with line numbers, the cost of a hostile file, and that writing and
 * reading it back changes nothing.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { buildCatalogFileSchema } from '@usher/contract/catalog-file-schema';
import fc from 'fast-check';
import { Compile } from 'typebox/compile';
import { applyCatalog, exportCatalog } from '../../src/administration/document/apply-catalog.ts';
import { readCatalogFile } from '../../src/cli/catalog-file/catalog-file.ts';
import { writeCatalogText } from '../../src/cli/catalog-file/write-catalog-file.ts';
import { maxCatalogFileBytes } from '../../src/cli/limits.ts';
import { UsherError } from '../../src/domain/errors.ts';
import { inCatalog } from '../administration/in-catalog.ts';
import { runCommand } from '../launch/run-command.ts';
import { makeDataFolder } from '../launch/run-usher.ts';
import { arbitraryCatalog } from './arbitrary-catalog.ts';

function inFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'usher-file-'));
  return {
    folder,
    write: (text: string | Buffer) => {
      const path = join(folder, 'usher.yaml');
      writeFileSync(path, text);
      return path;
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true }),
  };
}

test('a file that is not valid YAML is refused with line and column', async () => {
  using place = inFolder();
  const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
  const bomb = ['a: &a [x, x, x, x, x, x, x, x, x, x]'];
  for (const [one, other] of [...'abcdefgh'].map((name, at) => [name, 'abcdefghi'[at + 1]])) {
    bomb.push(`${other}: &${other} [${Array(10).fill(`*${one}`).join(', ')}]`);
  }
  const cases: readonly (readonly [string, string | Buffer, RegExp])[] = [
    ['a repeated key', 'version: 1\nversion: 2\n', /yaml:2:1: The name version is used twice\./],
    ['an open quote', 'version: "1\n', /yaml:\d+:\d+: /],
    ['two documents', 'version: 1\n---\nversion: 1\n', /yaml:\d+:\d+: /],
    ['a custom tag', 'version: !!js/function 1\n', /yaml:1:10: Unresolved tag/],
    ['deep nesting', `version: ${nested(30)}\n`, /deeper than 20 levels/],
    ['nesting without end', `version: ${nested(100_000)}\n`, /deeper than 20 levels/],
    ['a key that is a list', '? [a]\n: 1\n', /A name must be text/],
    ['aliases of aliases', `${bomb.join('\n')}\n`, /aliases expand to too many/],
    [
      'an alias to nothing',
      'version: *nothing\n',
      /yaml:1:10: \*nothing without quotes is a YAML alias/,
    ],
    [
      'a glob without quotes',
      'a:\n  b: [*.csv]\n',
      /yaml:2:7: \*\.csv without quotes .*in quotes\.$/,
    ],
    ['no UTF-8', Buffer.from([0x61, 0xff, 0xfe]), /not UTF-8/],
    ['too many bytes', Buffer.alloc(maxCatalogFileBytes + 1, 0x20), /larger than/],
  ];
  for (const [title, text, words] of cases) {
    await assert.rejects(
      readCatalogFile(place.write(text)),
      (error: unknown) =>
        error instanceof UsherError &&
        error.code === 'definition_invalid' &&
        words.test(error.detail),
      title,
    );
  }
  await assert.rejects(readCatalogFile(join(place.folder, 'none.yaml')), {
    code: 'resource_not_found',
  });
});

test('a path of the document is found in the file, or its nearest parent is', async () => {
  using place = inFolder();
  const path = place.write(
    'version: 1\ndatasets:\n  crm:\n    source: { kind: file, paths: [a.csv, b.csv] }\n    "a/b": 1\n',
  );
  const { placeOf, document } = await readCatalogFile(path);
  assert.equal(placeOf('/datasets/crm/source/paths/1'), `${path}:4:42`);
  assert.equal(placeOf('/datasets/crm/a~1b'), `${path}:5:5`);
  assert.equal(placeOf('/datasets/crm/identifiers'), `${path}:3:3`);
  assert.equal(placeOf('/datasets/crm/source/url/x'), `${path}:4:5`);
  assert.equal(placeOf(''), `${path}:1:1`);
  const datasets = (document as Map<string, Map<string, Map<string, Map<string, unknown>>>>).get(
    'datasets',
  );
  assert.deepEqual(datasets?.get('crm')?.get('source')?.get('paths'), [
    join(place.folder, 'a.csv'),
    join(place.folder, 'b.csv'),
  ]);
});

const schema = Compile(buildCatalogFileSchema());

test('the schema for editors names what is wrong', () => {
  const crm = { identifiers: { email: 'Mail' }, fields: { city: { type: 'string' } } };
  assert.ok(schema.Check({ version: 1, datasets: { crm } }));
  for (const wrong of [
    { version: 2 },
    { version: 1, dataset: {} },
    { version: 1, datasets: { Crm: crm } },
    { version: 1, datasets: { crm: { ...crm, mode: 'sometimes' } } },
    { version: 1, datasets: { crm: { ...crm, fields: { city: { type: 'strin' } } } } },
    { version: 1, datasets: { crm: { ...crm, source: { kind: 'file', sql: 'SELECT 1' } } } },
  ]) {
    assert.ok(!schema.Check(wrong), JSON.stringify(wrong));
  }
});

test('a catalog is the same after it is written and read again, whatever it holds', async () => {
  using place = inFolder();
  await fc.assert(
    fc.asyncProperty(arbitraryCatalog, async (document) => {
      await using catalog = await inCatalog();
      const { operator } = catalog;
      const usual = { prune: true, force: false, dryRun: false, sectionsOf: async () => 0 };
      await applyCatalog(operator, 1, { ...usual, document });
      const exported = await exportCatalog(operator, 1);
      assert.deepEqual(schema.Errors(exported), [], 'editors find nothing wrong with it');
      const read = await readCatalogFile(place.write(writeCatalogText(exported)));
      const again = await applyCatalog(operator, 1, { ...usual, document: read.document });
      assert.deepEqual(again.differences, []);
      assert.deepEqual(again.kept, []);
      assert.deepEqual(await exportCatalog(operator, 1), exported);
      // Applied to another catalog, it makes the same definitions.
      await using other = await inCatalog();
      await applyCatalog(other.operator, 1, { ...usual, document: read.document });
      assert.deepEqual(await exportCatalog(other.operator, 1), exported);
    }),
    { numRuns: 25 },
  );
});

test('apply shows what changes, says so when nothing does, and names line and column', async (context) => {
  const data = makeDataFolder(context);
  using place = inFolder();
  const text = [
    'version: 1',
    'datasets:',
    '  crm:',
    '    identifiers: { email: Mail }',
    '    fields:',
    '      city: { column: City, type: string }',
    '',
  ].join('\n');
  const path = place.write(text);
  const tried = await runCommand(data, ['apply', '-f', path, '--dry-run']);
  assert.equal(tried.code, 0, tried.stderr);
  assert.match(tried.stdout, /^\+ datasets:\n\+ {3}crm:/);
  assert.ok(!tried.stdout.includes('\u001b'), 'no colours without a terminal');
  const applied = await runCommand(data, ['apply', '-f', path]);
  assert.equal(applied.stdout, tried.stdout);
  const again = await runCommand(data, ['apply', '-f', path]);
  assert.equal(again.stdout, 'nothing to change\n');
  place.write(text.replace('type: string', 'type: strin'));
  const wrong = await runCommand(data, ['apply', '-f', path]);
  assert.equal(wrong.code, 1);
  assert.match(wrong.stderr, /usher\.yaml:6:29: \/datasets\/crm\/fields\/city\/type: Give one of/);
  place.write(text.replace('City', 'Town'));
  const changed = await runCommand(data, ['apply', '-f', path, '--json']);
  const { differences } = JSON.parse(changed.stdout) as { differences: unknown };
  assert.deepEqual(differences, [
    { path: '/datasets/crm/fields/city/column', before: 'City', after: 'Town' },
  ]);
  const shown = await runCommand(data, ['dataset', 'history', 'crm']);
  assert.match(shown.stdout, /^2 {2}\S+ {2}operator:\S+\n {2}- fields\.city\.column: "City"/);
});

test('blocked values are set, exported and applied, and faults name their place', async (context) => {
  const data = makeDataFolder(context);
  using place = inFolder();
  const set = await runCommand(data, ['identity-type', 'set', 'email', '--block', 'Info@']);
  assert.match(set.stderr, /^email blocks: null, .*, noreply@, info@\.$/m);
  const unset = ['identity-type', 'set', 'email', '--unblock', 'GUEST', '--unblock', '0'];
  assert.match((await runCommand(data, unset)).stderr, /^email blocks: (?!.*guest).*info@\.$/m);
  const exported = (await runCommand(data, ['export'])).stdout;
  assert.match(exported, /email:\n {4}blocked:\n/);
  const file = place.write(exported);
  assert.match((await runCommand(data, ['apply', '-f', file])).stdout, /nothing to change/i);
  const faults = place.write(
    'version: 1\nidentity_types:\n  email: { normalisation: exact }\n  id: { blocked: [x] }\n' +
      '  own: { blocked: [a, ""] }\n  more: { blocks: [x] }\n  two: { blocked: [a, null, 007] }\n',
  );
  const refused = await runCommand(data, ['apply', '-f', faults]);
  assert.equal(refused.code, 1, refused.stderr);
  assert.match(refused.stderr, /:3:.*built in: give only its settings/);
  assert.match(refused.stderr, /:4:.*cannot block values/);
  assert.match(refused.stderr, /:5:.*1 to 254 characters/);
  assert.match(refused.stderr, /:6:.*Did you mean blocked\?/);
  assert.match(refused.stderr, /:7:.*blocked\/1: Give a string: write the value in quotes/);
  assert.match(refused.stderr, /:7:.*blocked\/2: Give a string/);
  const bare = place.write('version: 1\n');
  assert.doesNotMatch((await runCommand(data, ['apply', '-f', bare])).stderr, /prune/);
  const none = await runCommand(data, ['identity-type', 'set', 'email']);
  assert.match(none.stderr, /Give a setting to change.*--block VALUE/);
});

test('the schema for editors is printed, and an export names it', async (context) => {
  const data = makeDataFolder(context);
  using place = inFolder();
  await runCommand(data, [
    'apply',
    '-f',
    place.write('version: 1\nidentity_types: { user_id: exact }\n'),
  ]);
  const schema = await runCommand(data, ['export', '--schema']);
  assert.deepEqual(JSON.parse(schema.stdout), buildCatalogFileSchema());
  const exported = await runCommand(data, ['export']);
  assert.match(exported.stdout, /^# yaml-language-server: \$schema=\.\/usher\.schema\.json\n/);
});
