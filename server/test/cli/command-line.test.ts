/**
 * The command line as operators and scripts use it: output and exit codes.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  cpSync,
  existsSync,
  mkdtempSync,
  openSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import type { CommandIo } from '../../src/cli/command-io.ts';
import { cleanIo } from '../../src/cli/terminal/clean-io.ts';
import { parseTokenId } from '../../src/domain/token/token.ts';
import { settingNames, settingTable } from '../../src/settings/setting-table.ts';
import { mustRunCommand, runCommand } from '../launch/run-command.ts';
import { makeDataFolder, program, runUsher, spawnUsher } from '../launch/run-usher.ts';

test('a command reads the signals to stop only when it asks for them', () => {
  let reads = 0;
  const world: Pick<CommandIo, 'stdout' | 'stderr' | 'interrupted'> = {
    stdout: process.stdout,
    stderr: process.stderr,
    get interrupted() {
      reads += 1;
      return new AbortController().signal;
    },
  };
  const io = cleanIo(world as CommandIo);
  assert.equal(reads, 0, 'otherwise no command could be stopped at once');
  assert.equal(io.interrupted.aborted, false);
  assert.equal(reads, 1);
});

test('a new token is alone on stdout, so that it can be piped into a secrets store', async (context) => {
  const data = makeDataFolder(context);
  const made = await runCommand(data, [
    'token',
    'create',
    '--email',
    'ana@example.com',
    '--expires',
    '90d',
  ]);
  assert.equal(made.code, 0, made.stderr);
  const token = made.stdout.trimEnd();
  assert.equal(made.stdout, `${token}\n`);
  assert.ok(parseTokenId(token) !== undefined);
  assert.match(made.stderr, /shown only once/);
  assert.ok(!made.stderr.includes(token));
  assert.equal(statSync(data).mode & 0o077, 0, "the data folder is its owner's only");
  const listed = await runCommand(data, ['token', 'list']);
  assert.match(listed.stdout, new RegExp(`${token.slice(4, 16)} +${token.slice(-3)} `));
  assert.ok(!listed.stdout.includes(token.slice(17)));
});

test('a token is rotated and revoked by its last 3 characters, quietly if asked', async (context) => {
  const data = makeDataFolder(context);
  const made = await runCommand(data, ['token', 'create', '--email', 'ana@example.com', '--json']);
  const first = JSON.parse(made.stdout) as { token: string; id: string };
  assert.equal(parseTokenId(first.token), first.id);
  const rotated = await runCommand(data, ['token', 'rotate', first.token.slice(-3), '--quiet']);
  assert.equal(rotated.code, 0, rotated.stderr);
  assert.equal(rotated.stderr, '');
  const second = rotated.stdout.trimEnd();
  const ambiguous = await runCommand(data, ['token', 'revoke', 'ana@example.com']);
  assert.equal(ambiguous.code, 1);
  assert.match(ambiguous.stderr, /matches 2 tokens: .* Nothing was changed/);
  assert.match(ambiguous.stderr, new RegExp(`${first.id} .*ana@example.com`));
  const revoked = await runCommand(data, ['token', 'delete', second.slice(-3)]);
  assert.equal(revoked.code, 0, revoked.stderr);
  const live = JSON.parse((await runCommand(data, ['token', 'list', '--json'])).stdout) as {
    id: string;
  }[];
  assert.deepEqual(
    live.map(({ id }) => id),
    [first.id],
  );
});

test('the limit is raised from 50 by one command', async (context) => {
  const data = makeDataFolder(context);
  await runCommand(data, ['token', 'create', '--email', 'ana@example.com']);
  const set = await runCommand(data, [
    'organization',
    'set',
    'default',
    '--rate-limit',
    '200',
    '--json',
  ]);
  assert.equal(set.code, 0, set.stderr);
  assert.equal((JSON.parse(set.stdout) as { rate_limit: number }).rate_limit, 200);
  const listed = await runCommand(data, ['organization', 'list']);
  assert.match(listed.stdout, /^NAME +RATE LIMIT.*\ndefault +200 /);
});

test('a command acts on the organization that it names, and on no other', async (context) => {
  const data = makeDataFolder(context);
  assert.equal(
    (await runCommand(data, ['organization', 'create', 'shop', '--currency', 'EUR'])).code,
    0,
  );
  const email = ['--email', 'ana@example.com'];
  await runCommand(data, ['token', 'create', ...email, '--organization', 'shop']);
  const ofDefault = await runCommand(data, ['token', 'list', '--json']);
  assert.deepEqual(JSON.parse(ofDefault.stdout), []);
  const ofShop = await runCommand(data, ['token', 'list', '--json', '--organization', 'shop']);
  assert.equal((JSON.parse(ofShop.stdout) as unknown[]).length, 1);
  const nowhere = await runCommand(data, ['token', 'list', '--organization', 'nowhere']);
  assert.equal(nowhere.code, 3);
});

test('identity types and built-in fields are set, and irreversible changes ask first', async (context) => {
  const data = makeDataFolder(context);
  assert.equal((await runCommand(data, ['identity-type', 'create', 'user_id'])).code, 0);
  const refused = await runCommand(data, ['identity-type', 'delete', 'user_id']);
  assert.equal(refused.code, 2);
  assert.match(refused.stderr, /add --yes/);
  assert.equal((await runCommand(data, ['identity-type', 'delete', 'user_id', '--yes'])).code, 0);
  assert.equal((await runCommand(data, ['identity-type', 'delete', 'user_id'])).code, 3);
  assert.equal((await runCommand(data, ['identity-type', 'delete', 'email'])).code, 2);
  const set = await runCommand(data, ['field', 'set', 'segment_membership', '--content', 'on']);
  assert.equal(set.code, 0, set.stderr);
  const fields = await runCommand(data, ['field', 'list']);
  assert.match(fields.stdout, /segment_membership +built-in +- +on /);
});

test('exit codes distinguish wrong usage, not found and failed', async (context) => {
  const data = makeDataFolder(context);
  const codeOf = async (...args: string[]) => (await runCommand(data, args)).code;
  assert.equal(await codeOf('token', 'list'), 3, 'there is no catalog yet');
  assert.ok(!existsSync(data), 'reading makes nothing');
  assert.equal(await codeOf('token', 'create', '--email', 'ana@example.com'), 0);
  assert.equal(await codeOf(), 2);
  assert.equal(await codeOf('tokn'), 2);
  assert.equal(await codeOf('token', 'create'), 2);
  assert.equal(await codeOf('token', 'create', '--email', 'nobody'), 2);
  assert.equal(await codeOf('token', 'create', '--email', 'a@b.co', '--max-share', 'much'), 2);
  assert.equal(await codeOf('token', 'revoke', 'zzz'), 3);
  assert.equal(await codeOf('organization', 'create', 'default'), 1);
  assert.equal(await codeOf('organization', 'set', 'default'), 2);
  assert.equal(await codeOf('--help'), 0);
  assert.equal(await codeOf('token', 'create', '--help'), 0);
  // The process exits with the code that the command returned.
  assert.equal((await runUsher(data, ['token', 'revoke', 'zzz'])).code, 3);
  assert.equal((await runUsher(data, ['token', 'list'])).code, 0);
});

test('errors say what to do, and show a stack only on request', async (context) => {
  const data = makeDataFolder(context);
  const plain = await runCommand(data, ['token', 'list']);
  assert.match(plain.stderr, /^usher: There is no catalog in .*--data/);
  assert.doesNotMatch(plain.stderr, /\n +at /);
  assert.equal(plain.stdout, '');
  const debug = await runCommand(data, ['token', 'list', '--log-level', 'debug']);
  assert.match(debug.stderr, /\n +at /);
  const json = await runCommand(data, ['token', 'list', '--json']);
  assert.equal((JSON.parse(json.stderr) as { code: string }).code, 'resource_not_found');
});

test('every command refuses wrong and unknown settings, and lists all of them', async (context) => {
  const data = makeDataFolder(context);
  const { code, stderr } = await runCommand(data, ['settings'], {
    USHER_PROT: '1',
    USHER_PORT: 'x',
  });
  assert.equal(code, 2);
  assert.match(stderr, /USHER_PROT is not a setting\. Did you mean USHER_PORT\?/);
  assert.match(stderr, /USHER_PORT must be a whole number/);
});

test('settings are shown with their values and origins', async (context) => {
  const data = makeDataFolder(context);
  const { code, stdout } = await runCommand(data, ['settings', '--port', '9001'], {
    USHER_HOST: '::1',
  });
  assert.equal(code, 0);
  assert.match(stdout, /USHER_PORT +--port +9001 +flag/);
  assert.match(stdout, /USHER_HOST +--host +::1 +environment/);
});

test('the doctor reports warnings, and fails only for failures', async (context) => {
  const data = makeDataFolder(context);
  const nothing = await runCommand(data, ['doctor']);
  assert.equal(nothing.code, 1);
  assert.match(nothing.stdout, /failed +data folder: There is no data folder/);
  await runCommand(data, ['token', 'create', '--email', 'ana@example.com']);
  const exposed = await runCommand(data, ['doctor', '--json'], { USHER_HOST: '0.0.0.0' });
  assert.equal(exposed.code, 0, exposed.stdout);
  const findings = JSON.parse(exposed.stdout) as { check: string; state: string }[];
  const stateOf = (check: string) => findings.find((one) => one.check === check)?.state;
  assert.equal(stateOf('network'), 'warning');
  assert.equal(stateOf('catalog'), 'ok');
  assert.equal(stateOf('permissions'), 'ok');
  writeFileSync(join(data, 'catalog.sqlite'), 'this is no database at all, sorry');
  const broken = await runCommand(data, ['doctor']);
  assert.equal(broken.code, 1);
  assert.match(broken.stdout, /failed +catalog: /);
});

test('a command ends silently if the reader of its output goes away', async (context) => {
  const data = makeDataFolder(context);
  const child = spawnUsher(data, ['--help']);
  child.stdout.destroy();
  const [stderr, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
  assert.equal(stderr, '');
  assert.equal(code, 0);
});

test('a command whose output is lost fails, and says so', async (context) => {
  const data = makeDataFolder(context);
  const full = openSync('/dev/full', 'w');
  const env = { PATH: process.env['PATH'], USHER_DATA: data };
  const file = join(data, '..', 'people.csv');
  writeFileSync(file, 'email\nann@x.com\n');
  await mustRunCommand(data, ['import', file, '--dataset', 'crm', '--yes']);
  for (const args of [
    ...[['--help'], ['settings'], ['organization', 'create', 'other', '--json']],
    ...[
      ['contact', 'export'],
      ['contact', 'export', '--ndjson', '--out', '/dev/full', '--yes'],
    ],
  ]) {
    const child = spawn(process.execPath, [program, ...args], {
      ...{ env, stdio: ['ignore', full, 'pipe'] },
    });
    assert.ok(child.stderr !== null);
    const [stderr, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
    assert.equal(code, 1, args.join(' '));
    assert.match(stderr, /could not be written \(ENOSPC\)/, args.join(' '));
    assert.equal(stderr.match(/ENOSPC/g)?.length, 1, stderr);
  }
  closeSync(full);
});

test('the server has the flag of each setting that only it reads', async () => {
  const { stdout } = await runCommand('', ['serve', '--help']);
  const others: readonly string[] = ['store', 'catalog', 'sourceAddresses'];
  for (const name of settingNames) {
    const flag = settingTable[name].flag.split(' ')[0] ?? '';
    assert.equal(new RegExp(`^ .*${flag}\\b`, 'm').test(stdout), !others.includes(name), flag);
  }
});

test('help loads neither the database, the store, the importer nor the server', async () => {
  const script =
    `const { registerHooks } = await import('node:module');` +
    `registerHooks({ load(url, context, next) { if (/better-sqlite3|kysely|lmdb|duckdb|find-my-way|pino/.test(url)) ` +
    `console.error(url); return next(url, context); } });` +
    `process.argv.splice(1, 0, 'usher'); await import(${JSON.stringify(`file://${program}`)});`;
  const args = ['--input-type=module', '--eval', script, '--', 'token', 'create', '--help'];
  const child = spawn(process.execPath, args, { env: {}, stdio: ['ignore', 'pipe', 'pipe'] });
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  assert.match(stdout, /Usage: usher token create/);
  assert.equal(stderr, '');
});

test('an old node without a newer one beside it says what to install', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'usher-launcher-'));
  try {
    cpSync(program, join(folder, 'usher.mjs'));
    const script =
      `Object.defineProperty(process.versions, 'node', { value: '20.1.0' });` +
      `await import(${JSON.stringify(`file://${join(folder, 'usher.mjs')}`)});`;
    const args = ['--input-type=module', '--eval', script];
    const child = spawn(process.execPath, args, { env: {}, stdio: ['ignore', 'pipe', 'pipe'] });
    const [stderr, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
    assert.equal(code, 1);
    assert.match(stderr, /needs Node\.js 24 or newer, and this is 20\.1\.0.*npm install/s);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
