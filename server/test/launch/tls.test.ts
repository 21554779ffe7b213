/** A real server with its own TLS certificate. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { Agent, get } from 'node:https';
import { join } from 'node:path';
import { test } from 'node:test';
import { mustRunCommand } from './run-command.ts';
import { makeDataFolder, runUsher, startUsher } from './run-usher.ts';

const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1'];
const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

test('a server with a certificate answers plain and other look-ups over TLS', async (t) => {
  const data = makeDataFolder(t);
  mkdirSync(data, { recursive: true });
  const key = join(data, '..', 'key.pem');
  const certificate = join(data, '..', 'certificate.pem');
  const made = ['req', '-x509', ...newKey, '-days', '2', ...subject];
  execFileSync('openssl', [...made, '-keyout', key, '-out', certificate], { stdio: 'ignore' });
  const token = await mustRunCommand(data, ['token', 'create', '--email', 'test@example.com']);
  const server = await startUsher(data, {
    USHER_TLS_CERT: certificate,
    USHER_TLS_KEY: key,
    USHER_WORKERS: '2',
  });
  t.after(() => server.stop());
  const agent = new Agent({ keepAlive: true, maxSockets: 1, ca: readFileSync(certificate) });
  t.after(() => agent.destroy());
  const ask = (path: string, headers: Readonly<Record<string, string>> = {}) =>
    new Promise<number | undefined>((resolve, reject) => {
      const options = { agent, headers: { authorization: `Bearer ${token}`, ...headers } };
      get(`${server.url}${path}`, options, (response) => {
        response.resume();
        response.on('end', () => resolve(response.statusCode));
      }).on('error', reject);
    });
  const lookup = '/audience/v2/contacts?identity=email:nobody@example.com';
  assert.match(server.url, /^https:/);
  assert.equal(await ask(lookup), 404);
  assert.equal(await ask(lookup), 404);
  // On the same connection, which the plain door then hands over.
  assert.equal(await ask('/readyz'), 200);
  assert.equal(await ask(lookup, { accept: 'text/html' }), 406);
});

test('a server with a certificate but no key refuses to start', async (t) => {
  const data = makeDataFolder(t);
  const refused = await runUsher(data, ['serve'], { USHER_TLS_CERT: join(data, 'none.pem') });
  assert.equal(refused.code, 2);
  assert.match(refused.stderr, /USHER_TLS_KEY/);
});
