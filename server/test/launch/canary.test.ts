/**
 * No token, e-mail or field value reaches a log line, a metric or a problem. The test plants such
 * values and searches everything that is written for them.
 */
import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { mustRunCommand } from './run-command.ts';
import { freePort, makeDataFolder, runUsher, startUsher } from './run-usher.ts';

const plantedEmail = 'canary.person@planted-mail.example';
const plantedName = 'Canarella';
const plantedNumber = '987654.3219';
const plantedPhone = '+4915112345678';

const file = [
  'email,first_name,amount,phone,birth_date',
  `${plantedEmail},${plantedName},${plantedNumber},${plantedPhone},1980-02-03`,
  // Each row is rejected for another reason and contains a planted value.
  `not-a-mail-${plantedName},x,1,,1980-02-03`,
  `second.${plantedEmail},${plantedName},${plantedNumber}x,,1980-02-03`,
  `third.${plantedEmail},${plantedName},1,,1980-02-31 ${plantedName}`,
].join('\n');

/** Sends raw bytes, and reads until the server closes or falls silent. */
function sendRaw(port: number, bytes: string): Promise<string> {
  return new Promise((resolve) => {
    let received = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    socket.on('data', (chunk) => {
      received += chunk;
    });
    socket.setTimeout(500, () => socket.destroy());
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(received));
  });
}

async function provoke(url: string, port: number, token: string): Promise<string> {
  const headers = { authorization: `Bearer ${token}` };
  const json = { ...headers, 'content-type': 'application/json' };
  const body = (value: unknown) => ({ method: 'POST', headers: json, body: JSON.stringify(value) });
  const contacts = `${url}/audience/v2/contacts`;
  const calls: (readonly [string, RequestInit])[] = [
    [`${contacts}?identity=email:${plantedEmail}`, { headers }],
    [`${contacts}?identity=email:unknown.${plantedEmail}`, { headers }],
    [`${contacts}?identity=nope:${plantedEmail}`, { headers }],
    [`${contacts}?identity=${plantedEmail}`, { headers }],
    [`${contacts}?identity=phone:${plantedName}`, { headers }],
    [`${contacts}?identity=email:${plantedEmail}&format=${plantedName}`, { headers }],
    [`${contacts}?identity=email:${plantedEmail}%`, { headers }],
    [
      `${contacts}?identity=email:${plantedEmail}`,
      { headers: { authorization: `Bearer ${token}x` } },
    ],
    [`${contacts}/lookup`, body({ identity: `email:${plantedEmail}` })],
    [`${contacts}/lookup`, body({ identity: `email ${plantedEmail}` })],
    [`${contacts}/lookup`, { ...body({}), body: `{"identity":"email:${plantedEmail}"` }],
    [`${contacts}/batch`, body({ identities: [`email:${plantedEmail}`, plantedName] })],
    [`${url}/${plantedEmail}`, { headers }],
    [`${url}/admin/v1/tokens/${plantedEmail}`, { headers }],
    [`${url}/admin/v1/tokens`, body({ created_by: plantedName })],
  ];
  const problems: string[] = [];
  for (const [target, init] of calls) {
    const answer = await fetch(target, init);
    const text = await answer.text();
    if (answer.status >= 400) problems.push(text);
  }
  const broken = `GET /audience/v2/contacts?identity=email:${plantedEmail} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${token}\r\n`;
  for (const rest of [': broken\r\n\r\n', 'Content-Length: x\r\n\r\n', '\u0000\r\n\r\n']) {
    problems.push(await sendRaw(port, broken + rest));
  }
  return problems.join('\n');
}

test('logs, metrics, problems and reports contain nothing of a caller or a contact', async (t) => {
  const data = makeDataFolder(t);
  const token = await mustRunCommand(data, ['token', 'create', '--email', 'operator@example.com']);
  const path = join(data, '..', 'contacts.csv');
  await writeFile(path, file);
  const metricsPort = String(await freePort());
  const server = await startUsher(data, {
    ...{ USHER_LOG_LEVEL: 'trace', USHER_WORKERS: '2' },
    USHER_METRICS_PORT: metricsPort,
  });
  t.after(() => server.stop());
  const environment = { USHER_LOG_LEVEL: 'trace' };
  const columns = ['--identifier', 'email=email', '--type', 'amount=currency'];
  const imported = await runUsher(data, ['import', path, ...columns], environment);
  // The import rejects each planted row with an invalid value.
  assert.equal(imported.code, 4, imported.stderr);
  const found = await fetch(`${server.url}/audience/v2/contacts?identity=email:${plantedEmail}`, {
    headers: { authorization: `Bearer ${token}` },
  });
  assert.ok((await found.text()).includes(plantedName), 'the planted contact exists');
  const answered = await provoke(server.url, server.port, token);
  const metrics = await fetch(`http://127.0.0.1:${metricsPort}/metrics`);
  const scraped = await metrics.text();
  assert.match(scraped, /^usher_http_requests_total/m);
  await server.stop();

  const written = [server.output(), imported.stdout, imported.stderr, answered, scraped];
  const runs = await readdir(join(data, 'runs'), { recursive: true, withFileTypes: true });
  for (const entry of runs.filter((one) => one.isFile())) {
    written.push(await readFile(join(entry.parentPath, entry.name), 'utf8'));
  }
  assert.ok(runs.length > 0, 'rejected rows were reported');
  const planted = [
    plantedEmail,
    plantedName,
    plantedNumber,
    plantedPhone,
    token,
    token.slice(17, 60),
  ];
  for (const [place, text] of written.entries()) {
    for (const secret of planted) {
      const at = text.toLowerCase().indexOf(secret.toLowerCase());
      assert.equal(at, -1, `text ${place}: ...${text.slice(Math.max(0, at - 200), at + 60)}`);
    }
  }
});
