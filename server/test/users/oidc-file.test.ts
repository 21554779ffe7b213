/** The file of the OpenID provider: what is right, and what is refused with its reason. */
import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { readOidcFile } from '../../src/users/oidc/oidc-file.ts';

const whole = {
  issuer: 'https://login.example.com/',
  ...{ client_id: 'usher', client_secret: 'hidden-secret', name: 'Example Login' },
  roles: { 'usher-admins': 'admin', support: 'support' },
};

function read(content: unknown, mode = 0o600) {
  const folder = mkdtempSync(join(tmpdir(), 'usher-oidc-'));
  const path = join(folder, 'oidc.json');
  try {
    writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
    chmodSync(path, mode);
    return readOidcFile(path);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test('the file has the provider, the client, and the roles of groups in their order', () => {
  const options = read(whole);
  assert.equal(options.issuer.href, 'https://login.example.com/');
  assert.deepEqual(
    [...options.roles],
    [
      ['usher-admins', 'admin'],
      ['support', 'support'],
    ],
  );
  assert.deepEqual(
    [options.organization, options.scope, options.groupsClaim],
    ['default', 'openid email profile', 'groups'],
  );
});

test('a wrong file is refused with its reason, which never repeats what is in it', () => {
  const wrong: readonly (readonly [content: unknown, words: RegExp, mode?: number])[] = [
    ['{"client_secret": "hidden-secret"', /not a JSON object/],
    [[], /not a JSON object/],
    [{ ...whole, issuer: 'http://login.example.com' }, /"issuer" must be an https address/],
    [{ ...whole, issuer: 'hidden-secret' }, /"issuer" must be an https address/],
    [{ ...whole, client_secret: undefined }, /"client_secret" must be a text/],
    [{ ...whole, trust_emails: 'hidden-secret' }, /"trust_emails" must be true or false/],
    [{ ...whole, 'hidden-secret': 1 }, /unknown member/],
    [{ ...whole, roles: { a: 'hidden-secret' } }, /"roles" may only name admin, /],
    [whole, /other accounts can write it/, 0o622],
    ['x'.repeat(70_000), /more than 65536 bytes/],
  ];
  for (const [content, words, mode] of wrong) {
    assert.throws(
      () => read(content, mode),
      (error: Error) => words.test(error.message) && !error.message.includes('hidden-secret'),
      String(words),
    );
  }
  assert.throws(() => readOidcFile('/nowhere/oidc.json'), /cannot be read/);
});
