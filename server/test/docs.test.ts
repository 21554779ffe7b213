/**
 * The pages say what the code does, both ways: every problem, limit, setting, command, flag, metric and route is documented
 * where readers look for it, and nothing is documented that is not there. Each check reads the code's own table.
 */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { problemKinds, rejectionCodes } from '@usher/contract/problems';
import * as limits from '../src/domain/limits.ts';
import {
  brokenLinks,
  headings,
  readPage,
  readPages,
  root,
  tableRows,
  withoutBlocks,
} from './docs/pages.ts';

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

test('every limit is documented with its value, and nothing else is', () => {
  const rows = new Map(
    tableRows(readPage('docs/limits.md')).map(([name = '', value]) => [name, value]),
  );
  const expected = Object.entries(limits).map(([name, value]) => [name, limitText(value)]);
  assert.deepEqual([...rows].sort(), expected.sort());
});

/** `1,000`, or for a range `1 to 100,000 (50)` with what holds unless said otherwise. */
function limitText(value: unknown): string {
  if (typeof value === 'number') return value.toLocaleString('en-US');
  if (typeof value !== 'object' || value === null) return String(value);
  const { min, max, default: usual } = value as { min: number; max: number; default?: number };
  const range = `${limitText(min)} to ${limitText(max)}`;
  return usual === undefined ? range : `${range} (${limitText(usual)})`;
}

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

/** `├─ server/` and, indented below it, `│  ├─ src/  what it is` become `server/` and `server/src/`. */
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
