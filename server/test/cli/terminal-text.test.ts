/** No input of a command can control the terminal that shows its output. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import SqliteDatabase from 'better-sqlite3';
import { parse } from 'yaml';
import { suggestedCommands } from '../../src/cli/suggested-command.ts';
import { dataFiles } from '../../src/domain/data-files.ts';
import { terminalName, terminalText } from '../../src/domain/terminal-text.ts';
import { createLog } from '../../src/observe/log.ts';
import { mustRunCommand, runCommand } from '../launch/run-command.ts';
import { makeDataFolder } from '../launch/run-usher.ts';

/**
 * Clears the screen, sets colours, changes the text direction, and begins a line that looks like
 * our output. Leaves out characters that a file name cannot have.
 */
const hostile = 'a\u001b[2J\u009b31m\u202e\u2066\u2028\u2029\u007f\rb\nusher: forged\tc';

/** Compares code numbers, because a pattern of control characters would be unreadable. */
function isUnsafe(code: number): boolean {
  const isControl = code < 0x20 || (code >= 0x7f && code < 0xa0);
  const isTurned = (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
  const isInvisible = code === 0xad || code === 0x200b || code === 0x2060 || code === 0xfeff;
  const isTag = code >= 0xe0000 && code < 0xe0080;
  return (
    (isControl && code !== 0x0a && code !== 0x09) ||
    [isTurned, isInvisible, isTag, code === 0x2028, code === 0x2029].some(Boolean)
  );
}

function findUnsafe(text: string): string | undefined {
  const at = [...text].findIndex((character) => isUnsafe(character.codePointAt(0) ?? 0));
  return at < 0
    ? undefined
    : JSON.stringify([...text].slice(Math.max(0, at - 80), at + 80).join(''));
}

function checkOutput(text: string): void {
  assert.equal(findUnsafe(text), undefined);
  assert.doesNotMatch(text, /^usher: forged/m);
}

test('no character of any text reaches a terminal unless it is safe', () => {
  for (let code = 0; code < 0x1_0000; code += 1) {
    const text = `a${String.fromCharCode(code)}b`;
    assert.equal(findUnsafe(terminalText(text)), undefined);
    assert.ok(!/[\n\t]/.test(terminalName(text)), `${code}`);
    // A program that parses the JSON gets exactly the text that was written.
    assert.equal(JSON.parse(terminalText(JSON.stringify(text))), text);
  }
  assert.equal(terminalText('Zoë 👩‍💻\n\tשלום\n'), 'Zoë 👩‍💻\n\tשלום\n');
});

test('hostile names of files, columns, keys and flags are shown without control characters', async (context) => {
  const data = makeDataFolder(context);
  const folder = join(dirname(data), hostile);
  mkdirSync(folder);
  const csv = join(folder, `${hostile}.csv`);
  writeFileSync(csv, `email,"${hostile}"\ntom@hello.com,1\nbroken,2\n`);
  const noIdentity = join(folder, `x${hostile}.csv`);
  writeFileSync(noIdentity, `"${hostile}",b\n1,2\n`);
  const yaml = join(folder, `${hostile}.yaml`);
  writeFileSync(yaml, JSON.stringify({ [hostile]: 1, datasets: { [hostile]: { kind: hostile } } }));
  const word = hostile.split('\n')[0] ?? '';
  const calls: readonly (readonly string[])[] = [
    ['import', csv, '--dataset', 'crm', '--identifier', 'email=email'],
    ['import', noIdentity],
    ['import', join(folder, `${hostile}-missing.csv`), '--json'],
    ['apply', '-f', yaml],
    ['apply', '-f', yaml, '--json'],
    ['get', 'email:tom@hello.com', '--fields', word, '--organization', word],
    [word],
    ['restore', folder],
  ];
  for (const call of calls) {
    const { stdout, stderr } = await runCommand(data, call);
    assert.ok(stdout + stderr !== '', call.join(' '));
    checkOutput(stdout);
    checkOutput(stderr);
  }
});

test('a backup with a hostile release name is refused without its control characters', async (context) => {
  const data = makeDataFolder(context);
  await mustRunCommand(data, ['token', 'create', '--email', 'ana@example.com']);
  const backup = join(dirname(data), 'backup');
  await mustRunCommand(data, ['backup', backup]);
  const [path = ''] = globSync(join(backup, '**/backup.json'));
  const manifest = JSON.parse(readFileSync(path, 'utf8'));
  writeFileSync(path, JSON.stringify({ ...manifest, format_version: 999, release: hostile }));
  const refused = await runCommand(join(dirname(data), 'other'), [
    'restore',
    backup,
    '--no-suppression',
  ]);
  assert.match(refused.stderr, /A newer release of Usher \(a\?/);
  checkOutput(refused.stderr);
});

test('a catalog with hostile texts is exported to a terminal and read back unchanged', async (context) => {
  const data = makeDataFolder(context);
  // Descriptions cannot have such characters; values can.
  const implied_value = 'one\u202etwo\u009bthree\u2028four';
  const fields = { a: { type: 'string', implied_value } };
  const source = { kind: 'push' };
  const crm = { kind: 'contact', source, identifiers: { email: 'mail' }, mode: 'append', fields };
  const file = join(dirname(data), 'usher.yaml');
  const document = { version: 1, datasets: { crm } };
  writeFileSync(file, JSON.stringify(document));
  const applied = await runCommand(data, ['apply', '-f', file, '--yes']);
  assert.equal(applied.code, 0, applied.stderr);
  checkOutput(applied.stdout + applied.stderr);
  const exported = await mustRunCommand(data, ['export']);
  checkOutput(exported);
  writeFileSync(file, exported);
  const again = await runCommand(data, ['apply', '-f', file, '--dry-run', '--json']);
  assert.equal(again.code, 0, again.stderr);
  const json = await mustRunCommand(data, ['export', '--json']);
  checkOutput(json);
  assert.equal(JSON.parse(json).datasets.crm.fields.a.implied_value, implied_value);
});

test('a stored rule with hidden characters is shown with escapes, and read back unchanged', async (context) => {
  const data = makeDataFolder(context);
  const csv = join(dirname(data), 'people.csv');
  writeFileSync(csv, 'email,city\ntom@hello.com,Bern\n');
  await mustRunCommand(data, ['import', csv, '--dataset', 'crm', '--yes']);
  await mustRunCommand(data, ['segment', 'create', 'Odd', '--rule', 'city == "PLACE" || false']);
  // Such a rule is refused now, but an earlier release may have saved it.
  const hidden = `a\u001b[2J\u009b31m\u202e\u2066\u200b\u00ad\ufeff${String.fromCodePoint(0xe0041)}`;
  const catalog = new SqliteDatabase(join(data, dataFiles.catalog));
  const escapes = JSON.stringify(hidden).slice(1, -1);
  const { changes } = catalog
    .prepare("update segments set rule = replace(rule, 'PLACE', ?)")
    .run(escapes);
  assert.equal(changes, 1);
  catalog.close();
  const file = join(dirname(data), 'usher.yaml');
  await mustRunCommand(data, ['export', '--out', file]);
  checkOutput(readFileSync(file, 'utf8'));
  const same = await mustRunCommand(data, ['apply', '-f', file, '--dry-run']).catch(String);
  checkOutput(same);
  const other = join(dirname(data), 'other.yaml');
  writeFileSync(other, JSON.stringify({ version: 1, segments: { Odd: { rule: 'true' } } }));
  const calls = [
    ...[['list'], ['show', 'Odd']].map((call) => {
      return ['segment', ...call];
    }),
    ['explain', 'email:tom@hello.com'],
    ['apply', '-f', other, '--dry-run'],
    ['export'],
  ];
  for (const call of calls) {
    for (const more of [[], ['--json']]) {
      const { stdout, stderr } = await runCommand(data, [...call, ...more]);
      assert.match(stdout, /a(?:\\{1,2}(?:u001b|e)|\?)\[2J/, call.join(' '));
      checkOutput(stdout);
      checkOutput(stderr);
    }
  }
  const { segments } = JSON.parse(await mustRunCommand(data, ['export', '--json']));
  const read = parse(await mustRunCommand(data, ['export']));
  assert.equal(segments.Odd.rule, `city == "${hidden}" || false`);
  assert.deepEqual(read.segments.Odd.rule, segments.Odd.rule);
  assert.deepEqual(parse(readFileSync(file, 'utf8')).segments, read.segments);
});

test('a suggested command with a hostile text is shown safely and still means that text', () => {
  const command = {
    ...{ args: [hostile], options: [], parent: null },
    name: () => 'echo',
    getOptionValueSource: () => undefined,
  };
  const line = suggestedCommands(command as never, []).again();
  checkOutput(line);
  const said = execFileSync('sh', ['-c', line.replace(/^echo/, 'printf %s')]).toString();
  assert.equal(said, hostile);
});

test('log lines hold no control characters, and keep what was logged', () => {
  const lines: string[] = [];
  const log = createLog({ level: 'info', part: 'test', write: (line) => lines.push(line) });
  log.info({ file: hostile }, hostile);
  checkOutput(lines.join(''));
  const { file, msg } = JSON.parse(lines[0] ?? '{}');
  assert.deepEqual([file, msg], [hostile, hostile]);
});
