/**
 * The house keeps its plan: directions of imports, no rings, sizes, names, and what a file may say.
 * The rules are data in `architecture/house-rules.ts`; the checker is held to them here by planting
 * each fault in a small tree of its own.
 */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { checkHouse } from './architecture/check-house.ts';
import { lentFaults, soundLending } from './architecture/planted-lent-faults.ts';
import { scanSource } from './architecture/scan-source.ts';

test('every file of the tree keeps the rules of the house', () => {
  const root = join(import.meta.dirname, '..', '..');
  assert.deepEqual(checkHouse(root), []);
});

const sound = {
  'contract/package.json': '{ "exports": { "./*": "./src/*.ts" } }',
  'contract/src/problems.ts': '// Problems.\nexport const problems = {};\n',
  'contract/src/routes.ts': '// Routes.\nexport interface Routes {}\n',
  'server/src/domain/token.ts':
    "// Tokens.\nimport { hash } from 'node:crypto';\nexport const digest = () => hash('sha256', '');\n",
  'server/src/stores/store.ts': '// The interface.\nexport interface Store {}\n',
  'server/src/stores/contact-codec.ts': '// Layout.\nexport const recordLayout = {};\n',
  'server/src/stores/embedded/log.ts': '// A log.\nexport const log = 1;\n',
  'server/src/stores/open-store.ts':
    "// Opens.\nimport { log } from './embedded/log.ts';\nexport const openStore = () => log;\n",
  'server/src/compose.ts':
    "// Wires.\nimport { openStore } from './stores/open-store.ts';\nexport const compose = () => openStore();\n",
};

/**
 * Faults, each as a file that is added to the sound tree, with words that the one complaint holds.
 */
const faults: readonly (readonly [path: string, text: string, words: RegExp])[] = [
  [
    'server/src/sync/a.ts',
    "// A.\nimport { writeFile } from 'node:fs/promises';\nexport const a = writeFile;",
    /imports writeFile, by which a kill leaves half a file/,
  ],
  [
    'server/src/sync/a.ts',
    "// A.\nimport { open } from 'node:fs/promises';\nexport const a = () => open('a', 'w', 0o600);",
    /opens a file to write it/,
  ],
  [
    'server/src/domain/a.ts',
    "// A.\nimport type { Store } from '../stores/store.ts';",
    /may not import stores/,
  ],
  [
    'server/src/domain/a.ts',
    "// A.\nexport { type Store } from '../stores/store.ts';\nexport const a = 1;",
    /may not import stores/,
  ],
  [
    'server/src/domain/a.ts',
    "// A.\nimport { randomBytes } from 'node:crypto';",
    /may not import randomBytes/,
  ],
  ['server/src/domain/a.ts', "// A.\nimport crypto from 'node:crypto';", /may not import \*/],
  [
    'server/src/domain/a.ts',
    "// A.\nimport { readFileSync } from 'node:fs';",
    /may not import readFileSync/,
  ],
  ['server/src/domain/a.ts', "// A.\nimport { z } from 'zod';", /may not import z of zod/],
  [
    'server/src/domain/a.ts',
    "// A.\nimport type { Routes } from '@usher/contract/routes';",
    /may not import contract/,
  ],
  ['server/src/domain/a.ts', '// A.\nexport const a = async () => 1;', /waits/],
  ['server/src/domain/a.ts', '// A.\nexport const a = () => Date.now();', /reads the clock/],
  [
    'server/src/stores/a.ts',
    "// A.\nexport const a = () => import('../catalog/a.ts');",
    /which does not exist/,
  ],
  [
    'server/src/stores/a.ts',
    '// A.\nexport const a = (name: string) => import(name);',
    /computed name/,
  ],
  [
    'server/src/sync/a.ts',
    "// A.\nimport { log } from '../stores/embedded/log.ts';",
    /only server\/src\/stores\/open-\*\.ts may/,
  ],
  [
    'server/src/sync/a.ts',
    "// A.\nimport { openStore } from '../stores/open-store.ts';",
    /only compose may/,
  ],
  [
    'server/src/http/a.ts',
    "// A.\nimport { open } from 'lmdb';",
    /at home in server\/src\/stores\/embedded/,
  ],
  [
    'server/src/stores/embedded/a.ts',
    "// A.\nimport { recordLayout } from '../contact-codec.ts';",
    /imports recordLayout of server\/src\/stores\/contact-codec\.ts/,
  ],
  [
    'server/src/catalog/sql/a.ts',
    "// A.\nimport { sql } from 'kysely';",
    /raw statements belong to one database's folder/,
  ],
  [
    'server/src/catalog/sql/a.ts',
    "// A.\nimport Database from 'better-sqlite3';",
    /at home in server\/src\/catalog\/sqlite/,
  ],
  ['server/src/http/a.ts', '// A.\nexport const a = process.env["A"];', /process\.env/],
  ['server/src/http/a.ts', '// A.\nstart();\nfunction start() {}', /runs on import/],
  ['server/src/cli/a.ts', '// A.\nexport const a = () => process.stdout.write(b);', /clean-io/],
  ['server/src/cli/a.ts', '// A.\nexport const a = () => console.error(b);', /clean-io/],
  ['server/src/cli/a.ts', '// A.\nexport const a = () => rawStream(b);', /clean-io/],
  ['server/src/http/a.ts', '// A.\nexport default 1;', /default export/],
  ['server/src/http/a.ts', "// A.\nexport { problems } from '@usher/contract/problems';", /barrel/],
  ['server/src/http/a.ts', 'export const a = 1;', /open with a comment/],
  ['server/src/http/a.ts', `// A.\n${'\n'.repeat(400)}export const a = 1;`, /402 lines/],
  ['server/src/http/a.ts', `// A${' a'.repeat(50)}.`, /line 1 has 105 columns/],
  ['docs/a.md', `# A\n\nA${' a'.repeat(50)}.\n`, /line 3 has 102 columns/],
  [
    'server/src/sync/a.ts',
    "// A.\nexport const a = 'secret.key';",
    /names secret\.key in the data/,
  ],
  [
    'server/src/sync/a.ts',
    '// A.\nexport const a = (b: string) => `$'.concat('{b}/writer.lock`;'),
    /names writer\.lock in the data/,
  ],
  [
    'server/src/sync/a.ts',
    "// A.\nimport { join } from 'node:path';\nexport const a = (b: string) => join(b, 'snapshots');",
    /names a folder in the data/,
  ],
  [
    'server/src/sync/a.ts',
    "// A.\nexport const a = 'SELECT count(*) FROM staged_rows';",
    /names the table staged_rows/,
  ],
  [
    'server/src/sync/a.ts',
    '// A.\nexport const a = (b: string) => `INSERT INTO $'.concat('{b} SELECT c FROM d`;'),
    /names the table d,/,
  ],
  [
    'server/src/sync/a.ts',
    "// A.\nexport const a = (b: B) => b.append('staged_rows', []);",
    /appends to a table/,
  ],
  [
    'server/src/sync/a.ts',
    '// A.\nexport const a = (b: string) => `CREATE TABLE $'.concat('{b} (c BIGINT)`;'),
    /makes a table past/,
  ],
  ['server/src/http/utils.ts', '// A.\nexport const a = 1;', /banned name/],
  ['server/src/http/token-manager.ts', '// A.\nexport const a = 1;', /banned name/],
  ['server/src/helpers/a.ts', '// A.\nexport const a = 1;', /banned name/],
  ['server/src/http/camelCase.ts', '// A.\nexport const a = 1;', /kebab-case/],
  ['server/src/http/a.ts', '// A. TODO finish\nexport const a = 1;', /work to do/],
  ['server/test/a.test.ts', "// A.\nimport { setTimeout } from 'node:timers/promises';", /sleeps/],
  ['server/test/a.test.ts', '// A.\nawait new Promise((done) => setTimeout(done, 50));', /sleeps/],
  ['server/test/a.test.ts', '// A.\nawait page.getByText("a").first().waitFor();', /nobody sees/],
  [
    'client/src/a.ts',
    "// A.\nimport { problems } from '@usher/contract/problems';",
    /other than as types/,
  ],
  [
    'contract/src/a.ts',
    "// A.\nimport type { Store } from '../../server/src/stores/store.ts';",
    /may not import stores/,
  ],
];

for (const [path, text, words] of [...faults, ...lentFaults]) {
  test(`a planted fault is found: ${path} where ${words.source}`, () => {
    const found = checkPlanted({ [path]: text });
    assert.equal(found.length, 1, found.join('\n'));
    assert.match(found[0] ?? '', words);
    assert.ok(found[0]?.startsWith(`${path}: `));
  });
}

test('a tree without faults has none', () => {
  assert.deepEqual(checkPlanted({}), []);
  assert.deepEqual(checkPlanted({ 'server/src/sync/a.ts': soundLending }), []);
});

test('a ring of imports is found, also when it is of types alone', () => {
  const found = checkPlanted({
    'server/src/sync/a.ts':
      "// A.\nimport type { B } from './b.ts';\nexport interface A extends B {}",
    'server/src/sync/b.ts': "// B.\nimport { c } from './c.ts';\nexport type B = typeof c;",
    'server/src/sync/c.ts': "// C.\nimport type { A } from './a.ts';\nexport const c: A[] = [];",
  });
  assert.equal(found.length, 1);
  assert.match(found[0] ?? '', /ring: .*a\.ts > .*b\.ts > .*c\.ts/);
});

test('a file that a thread begins with may run, and counts as imported by who loads it', () => {
  const found = checkPlanted({
    'server/src/domain/a.ts':
      "// A.\nexport const a = () => new URL('../http/b.ts', import.meta.url);",
    'server/src/http/b.ts': '// B.\nstart();\nfunction start() {}',
  });
  assert.deepEqual(found.length, 1);
  assert.match(found[0] ?? '', /may not import http/);
});

test('imports in comments, strings, templates and patterns are none', () => {
  const source = scanSource(
    [
      "// import a from 'a';",
      "/* import b from 'b'; */",
      `const c = "import c from 'c'";`,
      "const d = `import d from 'd' $".concat("{`import('e')`}`;"),
      "const f = /import f from 'f'/;",
      'const g = 1 / 2; const h = "/";',
      "import i from 'i';",
    ].join('\n'),
  );
  assert.deepEqual(
    source.imports.map((item) => item.specifier),
    ['i'],
  );
});

test('every way to import is seen', () => {
  const { imports } = scanSource(
    [
      "import a, { b } from 'a';",
      "import type { C } from 'c';",
      "import { type D, type E as F } from 'd';",
      "import 'g';",
      "export { h } from 'h';",
      "export * from 'i';",
      "const j = await import('j');",
      'const k = `$'.concat("{await import('k')}`;"),
      "import {\n  l,\n  type M,\n} from 'l';",
      "new Worker(new URL('./n.ts', import.meta.url));",
    ].join('\n'),
  );
  const seen = new Map(imports.map((item) => [item.specifier, item]));
  assert.deepEqual([...seen.keys()].sort(), [
    './n.ts',
    'a',
    'c',
    'd',
    'g',
    'h',
    'i',
    'j',
    'k',
    'l',
  ]);
  const typeOnly = imports.filter((item) => item.typeOnly).map((item) => item.specifier);
  assert.deepEqual(typeOnly.sort(), ['c', 'd']);
  assert.deepEqual(seen.get('d')?.names, ['D', 'E']);
  assert.deepEqual(seen.get('l')?.names, ['l', 'M']);
});

/** What the checker says of the sound tree with some files added. */
function checkPlanted(added: Readonly<Record<string, string>>): string[] {
  const root = mkdtempSync(join(tmpdir(), 'usher-house-'));
  try {
    for (const [path, text] of Object.entries({ ...sound, ...added })) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    }
    return checkHouse(root);
  } finally {
    rmSync(root, { recursive: true });
  }
}
