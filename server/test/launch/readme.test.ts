/**
 * The README and `docs/http.md` are true: their calls are run unchanged against the demo, and must
 * give the answers that the pages show.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { UsherClient } from '@usher/client';
import { readPage, root } from '../docs/pages.ts';
import { mustRunUsher } from './run-usher.ts';
import { type Demo, startDemo } from './start-demo.ts';

/** A call takes milliseconds. Starting a process on a busy machine takes a second or two. */
const runMs = 20_000;

let demo: Demo;
before(async () => {
  demo = await startDemo();
});
after(() => demo.stop());

for (const page of ['README.md', 'docs/http.md']) {
  test(`every call of ${page} that shows its answer gets that answer`, async () => {
    const examples = answeredCalls(readPage(page));
    assert.ok(examples.length > 0);
    for (const { call, answer } of examples) {
      assert.deepEqual(JSON.parse(await runCall(call)), JSON.parse(answer));
    }
  });
}

test('the README shows its answer byte for byte', async () => {
  const [example] = answeredCalls(readPage('README.md'));
  assert.ok(example !== undefined);
  assert.equal(await runCall(example.call), example.answer.trim());
});

test('the command that the demo prints explains the variant of Tom as the README shows', async () => {
  assert.equal(demo.explain, 'npx usher explain email:tom@hello.com --organization demo');
  const page = readPage('README.md');
  assert.ok(page.includes(`\n${demo.explain}\n`));
  const args = demo.explain.replace('npx usher ', '').split(' ');
  const printed = await mustRunUsher(demo.dataFolder, args);
  const [, shown = 'no output'] = /```text\n(FLOWS[^`]*)```/.exec(page) ?? [];
  assert.ok(printed.trimEnd().endsWith(shown.trimEnd()), printed);
  assert.match(printed, /segment 31 "Good customers"[\s\S]*order_count >= 3/);
});

test('the example greets Tom, and a stranger without a name', async () => {
  assert.match(await runExample('tom@hello.com'), /^Hello Tom, how is New York\?$/m);
  assert.match(await runExample('nobody@hello.com'), /^Hello!$/m);
});

test('the next steps of the README work while the demo runs', async (context) => {
  const steps = /```sh\n(npx usher import [^`]*)```/.exec(readPage('README.md'))?.[1] ?? '';
  const [importing = '', creating = '', serving] = steps.split('\n');
  assert.match(readPage('README.md'), /If the demo is still running, leave out `usher serve`/);
  assert.equal(serving, 'npx usher serve');
  const folder = await mkdtemp(join(tmpdir(), 'usher-readme-'));
  context.after(() => rm(folder, { recursive: true, force: true }));
  await writeFile(join(folder, 'people.csv'), 'email,first_name\nann@example.com,Ann\n');
  const run = async (step: string) => {
    const words = step.replace('npx usher ', '').split(' ');
    const args = words.map((word) => (word === 'people.csv' ? join(folder, word) : word));
    return mustRunUsher(demo.dataFolder, args);
  };
  await run(importing);
  const token = await run(creating);
  const own = new UsherClient({ url: demo.url, token });
  const ann = await own.getContact('email:ann@example.com', { fields: ['first_name'] });
  assert.deepEqual(ann, { first_name: 'Ann' });
  const answer = await fetch(`${demo.url}/audience/v2/contacts?identity=email:tom@hello.com`, {
    headers: { authorization: `Bearer ${token}` },
  });
  assert.match(await answer.text(), /No contact of the organization default has this identity/);
});

test('the client reads contacts of a real server', async () => {
  const client = new UsherClient({ url: demo.url, token: demo.token });
  const fields = ['first_name', 'total_lifetime_value_jde'];
  assert.deepEqual(await client.getContact('email:tom@hello.com', { fields, format: 'raw' }), {
    first_name: 'Tom',
    total_lifetime_value_jde: 241.56,
  });
  assert.equal(await client.getContact('email:nobody@hello.com'), null);
  const identities = ['email:nobody@hello.com', 'email:tom@hello.com'];
  assert.deepEqual(await client.getContacts(identities, { fields: ['first_name'] }), [
    null,
    { first_name: 'Tom' },
  ]);
});

test('the client reports the problems of a real server', async () => {
  const client = new UsherClient({ url: demo.url, token: demo.token });
  const strict = { fields: ['no_such_field'], strict: true };
  await assert.rejects(client.getContact('email:tom@hello.com', strict), {
    name: 'UsherClientError',
    code: 'field_unavailable',
    status: 400,
  });
  const stranger = new UsherClient({ url: demo.url, token: 'ush_none' });
  const refused = await stranger.getContact('email:tom@hello.com').catch((error: unknown) => error);
  assert.ok(refused instanceof Error && 'code' in refused && 'requestId' in refused);
  assert.equal(refused.code, 'token_invalid');
  assert.equal(typeof refused.requestId, 'string');
});

/** Each `sh` block with a `curl` command that is followed by a `json` block. */
function answeredCalls(page: string): { call: string; answer: string }[] {
  const blocks = page.matchAll(/```sh\n(curl [^`]*)```\n+```json\n([^`]*)```/g);
  return [...blocks].map(([, call = '', answer = '']) => ({ call, answer }));
}

async function runCall(call: string): Promise<string> {
  const here = call
    .replaceAll('http://127.0.0.1:8080', '$USHER')
    .replace(/^curl /, 'curl -sS --max-time 10 ');
  const env = { ...process.env, USHER: demo.url, TOKEN: demo.token };
  return (await promisify(execFile)('sh', ['-c', here], { env, timeout: runMs })).stdout;
}

async function runExample(email: string): Promise<string> {
  const env = { ...process.env, USHER: demo.url, TOKEN: demo.token };
  const example = join(root, 'examples/greet-a-visitor.ts');
  return (await promisify(execFile)(process.execPath, [example, email], { env, timeout: runMs }))
    .stdout;
}
