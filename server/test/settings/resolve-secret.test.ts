/** Secrets by reference: where they may be, and that errors name only the reference. */
import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseSecretReference } from '../../src/domain/dataset/secret-reference.ts';
import { UsherError } from '../../src/domain/errors.ts';
import { resolveSecret } from '../../src/settings/resolve-secret.ts';

const environment = { CRM_URL: 'postgres://reader:hush@db/crm', EMPTY: ' ' };

test('a secret comes from a variable or from a file, without the line end', async (t) => {
  const file = secretFile(t, 'hush\n');
  assert.equal(await resolveSecret('env:CRM_URL', environment), environment.CRM_URL);
  assert.equal(await resolveSecret(`file:${file}`, environment), 'hush');
});

test('the error of a missing secret names its reference', async () => {
  await refused(
    'env:NOWHERE',
    'The secret env:NOWHERE is not set: set the variable for the server, or for the command that syncs.',
  );
  await refused(
    'env:EMPTY',
    'The secret env:EMPTY is not set: set the variable for the server, or for the command that syncs.',
  );
  await refused('file:/nowhere/at/all', 'The secret file:/nowhere/at/all does not exist.');
  await refused('file:/tmp', 'The secret file:/tmp is not a file.');
});

test('a text that is not a reference is refused and not repeated', async () => {
  for (const text of ['postgres://reader:hush@db/crm', 'env:', 'env:USHER_DATA', 'file:hush']) {
    assert.equal(parseSecretReference(text), undefined);
    const error = await failure(text);
    assert.match(error.detail, /^A secret must be `env:NAME`/);
    assert.doesNotMatch(error.detail, /hush/);
  }
});

test('a secret file is refused if others can write it, and accepted if they can read it', async (t) => {
  const file = secretFile(t, 'hush');
  chmodSync(file, 0o644);
  assert.equal(await resolveSecret(`file:${file}`, environment), 'hush');
  chmodSync(file, 0o620);
  assert.match((await failure(`file:${file}`)).detail, /can be written by other accounts/);
});

function secretFile(t: { after: (end: () => void) => void }, text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'usher-secret-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'secret');
  writeFileSync(path, text, { mode: 0o600 });
  return path;
}

async function refused(reference: string, detail: string): Promise<void> {
  assert.equal((await failure(reference)).detail, detail);
}

async function failure(reference: string): Promise<UsherError> {
  const error = await resolveSecret(reference, environment).then(
    () => undefined,
    (cause: unknown) => cause,
  );
  assert.ok(error instanceof UsherError);
  assert.equal(error.code, 'definition_invalid');
  return error;
}
