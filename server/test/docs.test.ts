/**
 * The pages say what the code does, both ways: every problem, limit, setting, command, flag, metric
 * and route is documented where readers look for it, and nothing is documented that is not there.
 * Each check reads the code's own table.
 */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { operations } from '@usher/contract/operations';
import { problemKinds, rejectionCodes } from '@usher/contract/problems';
import { sourceKinds } from '../src/administration/document/source-document.ts';
import { addableNormalisations } from '../src/administration/identity-types.ts';
import { fieldTypes, sensitivities } from '../src/domain/contact/field.ts';
import { normalisations } from '../src/domain/contact/identity-type.ts';
import {
  datasetKinds,
  stalePolicies,
  syncModes,
} from '../src/domain/dataset/dataset-definition.ts';
import { scopes } from '../src/domain/token/token.ts';
import { settingTable } from '../src/settings/setting-table.ts';
import { readHouse } from './architecture/read-house.ts';
import { readCommands } from './docs/command-line.ts';
import {
  existingCharts,
  figureCharts,
  performancePage,
  performancePath,
} from './docs/figure-charts.ts';
import { limitsPage } from './docs/limits-page.ts';
import {
  brokenLinks,
  headings,
  reachedPages,
  readPage,
  readPages,
  root,
  tableRows,
  withoutBlocks,
} from './docs/pages.ts';
import { privacyPage, privacyPath } from './docs/places-tables.ts';
import { markedInvariants, readInvariants, specPage, specPath } from './docs/run-spec.ts';
import { identitiesPage, identitiesPath } from './docs/scenario-table.ts';

test('every problem has its section, with its status, and nothing else has one', () => {
  const page = readPage('docs/problems.md');
  assert.deepEqual(headings(page, 2), Object.keys(problemKinds));
  for (const [code, { status }] of Object.entries(problemKinds)) {
    const section = page.split(`\n## ${code}\n`)[1] ?? '';
    assert.ok(section.trimStart().startsWith(`${status}. `), `${code} opens with "${status}. "`);
  }
});

test('every code of rejected rows is explained where imports are', () => {
  const page = readPage('docs/import.md');
  assert.deepEqual(
    rejectionCodes.filter((code) => !page.includes(`\`${code}\``)),
    [],
  );
});

test('every type of field is in the tables of answers and of imports', () => {
  for (const path of ['docs/http.md', 'docs/import.md']) {
    const named = tableRows(readPage(path)).flatMap(([types = '']) => types.split(', '));
    assert.deepEqual(
      fieldTypes.filter((type) => !named.includes(type)),
      [],
      path,
    );
  }
});

test('every normalisation rule that organizations may choose is where they choose it', () => {
  const rowOf = (path: string, pattern: RegExp) => pattern.exec(readPage(path))?.[0] ?? '';
  const rows = {
    'docs/http.md': rowOf('docs/http.md', /^\| the organization's own.*/m),
    'docs/catalog-file.md': rowOf('docs/catalog-file.md', /^\| `identity_types`.*/m),
  };
  for (const [path, row] of Object.entries(rows)) {
    assert.deepEqual(
      addableNormalisations.filter((rule) => !row.includes(`\`${rule}\``)),
      [],
      path,
    );
  }
});

test('every scope is on the page of tokens', () => {
  const page = readPage('docs/tokens.md');
  assert.deepEqual(
    scopes.filter((scope) => !page.includes(`\`${scope}\``)),
    [],
  );
});

test('the schemas of the API know every word that definitions and tokens may use', () => {
  const known = enumsOf(JSON.parse(readFileSync(join(root, 'contract/openapi.json'), 'utf8')));
  const lists = {
    ...{ fieldTypes, sensitivities, scopes, datasetKinds, syncModes, stalePolicies },
    ...{ normalisations, addableNormalisations },
  };
  for (const [name, list] of Object.entries(lists)) {
    const isKnown = known.some((words) => list.every((word) => words.includes(word)));
    assert.ok(isKnown, `no schema allows all of ${name}`);
  }
  // Each kind of source has a schema of its own.
  const kinds = known.filter((words) => words.length === 1).flat();
  assert.deepEqual(
    sourceKinds.filter((kind) => !kinds.includes(kind)),
    [],
  );
});

/** The lists of words that a JSON Schema allows, wherever they are in the document. */
function enumsOf(schema: unknown): unknown[][] {
  if (schema === null || typeof schema !== 'object') return [];
  return Object.entries(schema).flatMap(([key, value]) => {
    if (key === 'const') return [[value]];
    return key === 'enum' && Array.isArray(value) ? [value] : enumsOf(value);
  });
}

test('the patterns of published schemas have no form that only JavaScript reads', () => {
  const schemas = ['contract/openapi.json', 'contract/usher.schema.json'];
  for (const path of [...schemas, 'docs/privacy-export.schema.json']) {
    const patterns = readPage(path).match(/"pattern": ".*"/g) ?? [];
    assert.ok(patterns.length > 0, path);
    const peculiar = patterns.filter((line) => /\[\^?\]|\\(?:[pP]|u)\{|\(\?</.test(line));
    assert.deepEqual(peculiar, [], path);
  }
});

test('every file that the guides for contributors name exists', () => {
  for (const path of ['CONTRIBUTING.md', 'docs/architecture.md']) {
    const named = [...readPage(path).matchAll(/`([a-z][\w./-]*(?:\.ts|\/))`/g)];
    const folders = ['', 'server/src', 'server/test', 'server/src/http/connection'];
    // A bare name, such as `limits.ts`, stands for one of many files.
    const isThere = (name: string) => folders.some((at) => existsSync(join(root, at, name)));
    assert.deepEqual(
      named.map(([, name = '']) => name).filter((name) => name.includes('/') && !isThere(name)),
      [],
      path,
    );
  }
});

test('the page of limits is as the limits are (npm run docs)', async () => {
  assert.equal(readPage('docs/limits.md'), await limitsPage());
});

test('the table of run states is as the code is (npm run docs)', () => {
  const page = readPage(specPath);
  assert.equal(page, specPage(page));
});

test('the table of scenarios says what the tests write, and who answers (npm run docs)', async () => {
  const page = readPage(identitiesPath);
  assert.equal(page, await identitiesPage(page));
});

test('every invariant of a run names the test that holds it, and each such test names it', () => {
  const invariants = readInvariants();
  for (const { file, test, name } of invariants) {
    assert.ok(readPage(file).includes(test), `${name}: ${file} has no test "${test}"`);
  }
  const named = invariants.map(({ file, name }) => `${file}: ${name}`);
  assert.deepEqual([...markedInvariants()].sort(), named.sort());
});

test('every setting is documented with its flag and what usually holds, and nothing else is', () => {
  const rows = tableRows(readPage('docs/settings.md'));
  const expected = Object.values(settingTable).map(({ variable, flag, usual }) => {
    // What depends on the machine is said in words of the page's own.
    return [variable, flag, typeof usual === 'string' ? usual : undefined];
  });
  const documented = rows.map(([variable, flag, usual], place) => {
    return [variable, flag, expected[place]?.[2] === undefined ? undefined : usual];
  });
  assert.deepEqual(documented, expected);
});

test('every command and every flag is documented, and nothing else is (npm run docs)', async () => {
  const commands = await readCommands();
  const page = readPage('docs/cli.md');
  assert.deepEqual(
    headings(page, 3),
    commands.map(({ call }) => call),
  );
  const sections = page.split(/^### /m).slice(1);
  for (const [place, { call, flags }] of commands.entries()) {
    assert.deepEqual(
      tableRows(sections[place] ?? '').map(([flag]) => flag),
      flags.map((flag) => flag.flags),
      call,
    );
  }
});

test('every command that takes flags of its own shows an example in its help', async () => {
  const [, ...commands] = await readCommands();
  const without = commands.filter(
    ({ flags, help }) => flags.length > 0 && !/^Examples?[:,].*\n {2}\S*.*usher /m.test(help),
  );
  assert.deepEqual(
    without.map(({ call }) => call),
    [],
  );
});

test('every command that a page tells to run is one, with the flags that it takes', async () => {
  const commands = await readCommands();
  const everywhere = commands[0]?.flags ?? [];
  const wrong = [...readPages()].flatMap(([path, page]) =>
    calledCommands(page).flatMap(({ words, flags }) => {
      const known = commands.find(
        ({ call }) => words.startsWith(call.replace(/ [<[].*$/, '')) && call !== 'usher',
      );
      if (known === undefined) return [`${path}: ${words}`];
      const taken = [...known.flags, ...everywhere].flatMap((flag) => flag.flags.split(/[ ,]+/));
      return flags
        .filter((flag) => !taken.includes(flag))
        .map((flag) => `${path}: ${words} ${flag}`);
    }),
  );
  assert.deepEqual(wrong, []);
});

/**
 * Calls of `usher` in code: `npx usher COMMAND ...` anywhere, and `usher COMMAND` in marks of its
 * own.
 */
function calledCommands(page: string): { words: string; flags: string[] }[] {
  const calls = page.matchAll(/(?:npx |`)(usher [a-z][^`|&\n]*)/g);
  return [...calls].map(([, call = '']) => ({
    words: call.trim(),
    flags: call.match(/(?<= )--?[a-z][a-z-]*/g) ?? [],
  }));
}

test('every script that a page tells to run is one', () => {
  const { scripts } = JSON.parse(readPage('package.json')) as { scripts: Record<string, string> };
  const wrong = [...readPages()].flatMap(([path, page]) => {
    const named = [...page.matchAll(/npm run ([a-z:-]+)/g)].map((match) => match[1] ?? '');
    return named.filter((name) => !Object.hasOwn(scripts, name)).map((name) => `${path}: ${name}`);
  });
  assert.deepEqual(wrong, []);
});

test('every route is documented, and nothing else is', () => {
  const pages = readPage('docs/http.md') + readPage('docs/users.md');
  const found = pages.matchAll(/`([A-Z]+) (\/[^\s`?]*)`/g);
  const documented = new Set([...found].map(([, method, path]) => `${method} ${path}`));
  const routes = operations.map(({ method, path }) => `${method} ${path}`);
  // HEAD is GET without the body, and documented where it matters.
  const heads = routes.map((route) => route.replace('GET', 'HEAD'));
  assert.deepEqual(
    routes.filter((route) => !documented.has(route)),
    [],
  );
  assert.deepEqual(
    [...documented].filter((route) => !routes.includes(route) && !heads.includes(route)),
    [],
  );
});

test('every metric is documented, and nothing else is', () => {
  const modules = [...readHouse(root).values()];
  const source = modules.filter(({ path }) => path.startsWith('server/src/'));
  const named = source.flatMap(({ text }) => [...text.matchAll(/['"`](usher_[a-z0-9_]+)['"`]/g)]);
  const documented = readPage('docs/operations.md').matchAll(/`(usher_[a-z0-9_]+)`/g);
  assert.deepEqual(unique(documented), unique(named));
});

function unique(matches: Iterable<RegExpExecArray | RegExpMatchArray>): string[] {
  return [...new Set([...matches].map((match) => match[1] ?? ''))].sort();
}

test('every page is reached from the README', () => {
  const pages = readPages();
  assert.deepEqual(
    [...pages.keys()].filter((path) => !reachedPages(pages, 'README.md').has(path)),
    [],
  );
});

test('every link between pages leads somewhere', () => {
  assert.deepEqual(brokenLinks(readPages()), []);
});

test('the tree in the README names rooms that exist, and every room', () => {
  const tree = /```\nusher\/\n([\s\S]*?)```/.exec(readPage('README.md'))?.[1] ?? '';
  const named = treePaths(tree);
  assert.ok(named.length > 0, 'the README has a tree');
  assert.deepEqual(
    named.filter((path) => !existsSync(join(root, path))),
    [],
  );
  const rooms = tableRows(readPage('docs/architecture.md')).map(([room = '']) => room);
  assert.deepEqual(
    rooms.filter((room) => room.endsWith('/') && !named.includes(room)),
    [],
  );
});

/**
 * `├─ server/` and, indented below it, `│  ├─ src/  what it is` become `server/` and `server/src/`.
 */
function treePaths(tree: string): string[] {
  const above: string[] = [];
  return tree.split('\n').flatMap((line) => {
    const match = /^([│ ]*)[├└]─ (\S+)/.exec(line);
    if (match === null) return [];
    const depth = (match[1] ?? '').length / 3;
    above.splice(depth, above.length, match[2] ?? '');
    return [above.join('')];
  });
}

/** The product's list of words, each of which the glossary explains. */
const words = [
  ...['organization', 'contact', 'identity', 'identity type', 'field', 'field value', 'content'],
  ...[
    'condition',
    'implied value',
    'dataset',
    'source',
    'row',
    'change',
    'rejection',
    'sync',
    'run',
  ],
  ...[
    'event',
    'segment',
    'flow',
    'variant',
    'holdout',
    'journey',
    'campaign',
    'membership',
    'token',
  ],
  ...['scope', 'catalog', 'store', 'node', 'problem'],
];

test('the glossary explains every word of the product once', () => {
  const explained = tableRows(readPage('docs/glossary.md')).map(([word]) => word ?? '');
  assert.deepEqual(
    words.filter((word) => !explained.includes(word)),
    [],
  );
  assert.equal(new Set(explained).size, explained.length);
});

test('the pages use one word for one thing: a contact is no customer and no profile', () => {
  const wrong = [...readPages()].flatMap(([path, page]) => {
    const prose = withoutBlocks(page).replace(/`[^`\n]*`/g, '');
    const found = prose.match(/\b(?:customers?|profiles?)\b/gi) ?? [];
    return found.map((word) => `${path}: ${word}`);
  });
  assert.deepEqual(wrong, []);
});

test('who claims a speed names the command that measures it', () => {
  const claim =
    /\b(?:times|%) (?:as fast|faster|slower)\b|\b(?:microseconds|requests\/s|rows\/s)\b/;
  const wrong = [...readPages()].flatMap(([path, page]) => {
    const claims = page.split(/\n\s*\n/).filter((paragraph) => claim.test(paragraph));
    return claims.filter((paragraph) => !paragraph.includes('npm run bench')).map(() => path);
  });
  assert.deepEqual(wrong, []);
});

test('the page of privacy has every place that keeps data of contacts (npm run docs)', () => {
  const page = readPage(privacyPath);
  assert.equal(privacyPage(page), page);
});

test('the figures of performance and their charts are as the results are (npm run docs)', () => {
  const page = readPage(performancePath);
  assert.equal(performancePage(page), page);
  const charts = figureCharts();
  assert.deepEqual(existingCharts(), [...charts.keys()].sort());
  for (const [path, chart] of charts) assert.equal(readPage(path), chart);
});
