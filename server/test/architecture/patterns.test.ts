/**
 * The gate on regular expressions, held to its promise by planting patterns in a small tree of its
 * own.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';

const root = mkdtempSync(join(tmpdir(), 'usher-patterns-'));
after(() => rmSync(root, { recursive: true }));

const gate = join(import.meta.dirname, '../../../scripts/check-patterns.ts');

/**
 * Each is a file of its own; the gate reads them all at once, because it takes a second to start.
 */
const faults: ReadonlyMap<string, string> = new Map([
  ['server/src/a-nested.ts', 'export const pattern = /^(?:[a-z]+)+$/;'],
  ['server/src/b-two-neighbours.ts', 'export const pattern = /^[0-9]+\\.?[0-9]*$/;'],
  [
    'server/src/c-blanks-at-the-end.ts',
    "export const trim = (text: string) => text.replace(/\\s+$/, '');",
  ],
  ['server/src/d-blanks-at-both-ends.ts', 'export const pattern = /^\\s+|\\s+$/g;'],
  [
    'server/src/e-around-a-value.ts',
    'export const pattern = /^a:[ \\t]*([\\x21-\\x7e][\\x20-\\x7e]*)?[ \\t]*$/;',
  ],
  ['server/src/f-repeated-words.ts', 'export const pattern = /^".*" is not "(.*)"$/s;'],
  ['server/src/g-looks-around.ts', 'export const pattern = /\\B(?=(?:\\d{3})+$)/g;'],
  ['server/src/h-refers-back.ts', 'export const pattern = /^([-/])[0-9]\\1\\s\\s*(.+)?!$/;'],
  ['server/src/i-made-of-a-text.ts', "export const pattern = new RegExp('^(a|a)*$', 'u');"],
  [
    'server/src/j-matched-by-a-text.ts',
    "export const is = (text: string) => text.match('^(a|a)*$');",
  ],
  [
    'server/src/k-in-a-template.ts',
    ['export const is = (text: string) => `$', '{/(a|a)*b/.test(text)}`;'].join(''),
  ],
  ['client/src/l-of-the-client.ts', 'export const pattern = /x+x+y/;'],
  ['contract/src/m-of-the-contract.ts', 'export const pattern = /x+x+y/;'],
  ['scripts/n-of-a-script.ts', 'export const pattern = /x+x+y/;'],
  ['server/bin/o-plain.js', 'export const pattern = /x+x+y/;'],
  ['contract/p-schema.json', '{ "a": [{ "pattern": "^(a|a)*$" }] }'],
  ['server/src/q-computed.ts', 'export const of = (text: string) => new RegExp(text);'],
]);

const sound: ReadonlyMap<string, string> = new Map([
  ['server/src/sound-1.ts', 'export const pattern = /^[a-z]+(?:-[a-z]+)*$/;'],
  [
    'server/src/sound-2.ts',
    'export const of = (text: string) => text.length / 2 / 1; // /(a|a)*$/',
  ],
  ['server/src/sound-3.ts', "export const words = 'not a pattern: /(a|a)*$/';"],
  ['contract/sound-4.json', '{ "pattern": { "type": "string", "pattern": "^[a-z]{1,64}$" } }'],
]);

function runGate(files: ReadonlyMap<string, string>) {
  const folder = mkdtempSync(join(root, 'tree-'));
  for (const [path, text] of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return spawnSync(process.execPath, [gate, folder], { encoding: 'utf8' });
}

test('the gate names every pattern that is not linear, wherever it is written', () => {
  const { status, stdout } = runGate(new Map([...faults, ...sound]));
  const named = stdout
    .split('\n')
    .filter((line) => line.includes(': '))
    .map((line) => line.slice(0, line.indexOf(':')));
  assert.deepEqual(named.sort(), [...faults.keys()].sort(), stdout);
  assert.equal(status, 1);
});

test('the gate lets linear patterns pass, and texts that look like patterns', () => {
  const { status, stdout } = runGate(sound);
  assert.equal(stdout, '2 patterns, 0 faults\n');
  assert.equal(status, 0);
});
