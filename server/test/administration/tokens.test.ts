/** The pool of tokens: creating, rotating and revoking them, and that no secret is stored. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listAudit } from '../../src/administration/list-audit.ts';
import { createOrganization, updateOrganization } from '../../src/administration/organizations.ts';
import { rollTokens, rotateToken } from '../../src/administration/token/rotate-token.ts';
import {
  createToken,
  listTokens,
  readToken,
  revokeToken,
} from '../../src/administration/token/tokens.ts';
import { UsherError } from '../../src/domain/errors.ts';
import { isLive, matchesDigest } from '../../src/domain/token/token.ts';
import { dayMs, inCatalog, isProblem, problemPaths, startMs } from './in-catalog.ts';

const createdBy = 'ana@example.com';

test('a new token can be used at once, and only its digest is stored', async () => {
  await using catalog = await inCatalog();
  const { operator } = catalog;
  const { token, text } = await createToken(operator, 1, { createdBy: ' Ana@Example.com' });
  assert.equal(token.created_by, createdBy);
  assert.deepEqual(token.scopes, ['contacts:read']);
  assert.equal(token.last_characters, text.slice(-3));
  const stored = (await operator.catalog.loadState()).tokens.get(token.id);
  assert.ok(stored !== undefined && matchesDigest(text, stored));
  const everything = JSON.stringify([
    await listTokens(operator, 1, { includeRevoked: true }),
    await listAudit(operator, 1, { limit: 10 }),
  ]);
  assert.ok(!everything.includes(text.slice(17, 60)), 'the secret is not stored');
  assert.ok(!everything.includes('digest'));
});

test('expiries are durations, dates or times, and lie in the future', async () => {
  await using catalog = await inCatalog();
  const { operator } = catalog;
  const expiryOf = async (expires: string) =>
    (await createToken(operator, 1, { createdBy, expires })).token.expires_at;
  assert.equal(await expiryOf('90d'), '2027-02-21T00:00:00Z');
  assert.equal(await expiryOf('24h'), '2026-11-24T00:00:00Z');
  assert.equal(await expiryOf('2026-12-31'), '2026-12-31T00:00:00Z');
  assert.equal(await expiryOf('2026-12-31T12:00:00+01:00'), '2026-12-31T11:00:00Z');
  for (const expires of ['0', '2026-11-23', 'soon', '2027-02-30', '11y', '4000d', '-1d']) {
    const attempt = createToken(operator, 1, { createdBy, expires });
    assert.deepEqual([...new Set(await problemPaths(attempt))], ['/expires'], expires);
  }
});

test('all problems of a token request are reported at once', async () => {
  await using catalog = await inCatalog();
  const attempt = createToken(catalog.operator, 1, {
    createdBy: 'nobody',
    name: ' ',
    scopes: ['contacts:read', 'everything'],
    fields: ['__proto__'],
    identityTypes: ['email', 'nothing'],
    addresses: ['10.0.0.0/40'],
    maxShare: 0,
  });
  assert.deepEqual(await problemPaths(attempt), [
    ...['/created_by', '/name', '/scopes/1', '/fields/0', '/identity_types/1', '/addresses/0'],
    '/max_share',
  ]);
  assert.deepEqual(await listTokens(catalog.operator, 1), []);
});

test('a full pool refuses another token until one has ended', async () => {
  await using catalog = await inCatalog();
  const { operator } = catalog;
  await updateOrganization(operator, 1, { settings: { tokenPoolMax: 2 } });
  const first = await createToken(operator, 1, { createdBy, expires: '1d' });
  await createToken(operator, 1, { createdBy });
  const full = isProblem('definition_invalid', /2 live tokens.*usher token revoke REF/);
  await assert.rejects(createToken(operator, 1, { createdBy }), full);
  const reference = first.token.id;
  await assert.rejects(
    rotateToken(operator, 1, { reference }),
    full,
    'the pool has no room for a second live token',
  );
  await rotateToken(operator, 1, { reference, overlap: '0' });
  await assert.rejects(createToken(operator, 1, { createdBy }), full);
  catalog.passMs(dayMs);
  await createToken(operator, 1, { createdBy });
});

test('a rotated token has the same rights, and the old one stays valid for the overlap', async () => {
  await using catalog = await inCatalog();
  const { operator } = catalog;
  const rights = { scopes: ['contacts:read', 'admin:read'], fields: ['city'], maxShare: 0.5 };
  const addresses = ['10.0.0.0/8'];
  const old = await createToken(operator, 1, { createdBy, expires: '30d', addresses, ...rights });
  catalog.passMs(10 * dayMs);
  const { token, text, replaced } = await rotateToken(operator, 1, { reference: old.token.id });
  assert.notEqual(text, old.text);
  assert.deepEqual(
    [token.scopes, token.fields, token.addresses, token.max_share],
    [['contacts:read', 'admin:read'], ['city'], ['10.0.0.0/8'], 0.5],
  );
  assert.equal(
    token.expires_at,
    '2027-01-02T00:00:00Z',
    'the new token lives as long as the old one',
  );
  assert.equal(replaced.expires_at, '2026-12-04T00:00:00Z', '24 hours from now');
  assert.equal(replaced.replaced_by, token.id);
  assert.equal(replaced.state, 'live');
  const again = rotateToken(operator, 1, { reference: old.token.id });
  await assert.rejects(again, isProblem('definition_invalid', new RegExp(token.id)));
});

test('an overlap is 0 to 7 days and never lengthens the life of the old token', async () => {
  await using catalog = await inCatalog();
  const { operator } = catalog;
  const old = await createToken(operator, 1, { createdBy, expires: '1h' });
  const reference = old.token.id;
  for (const overlap of ['8d', 'long', '-1h', '169h']) {
    assert.deepEqual(await problemPaths(rotateToken(operator, 1, { reference, overlap })), [
      '/overlap',
    ]);
  }
  const { replaced, token } = await rotateToken(operator, 1, { reference, overlap: '7d' });
  assert.equal(replaced.expires_at, old.token.expires_at);
  const swapped = await rotateToken(operator, 1, { reference: token.id, overlap: '0' });
  assert.equal(swapped.replaced.state, 'revoked');
});

test('roll replaces the oldest token of the pool, one after the other', async () => {
  await using catalog = await inCatalog();
  const { operator } = catalog;
  await assert.rejects(rollTokens(operator, 1), isProblem('resource_not_found'));
  const made: string[] = [];
  for (let count = 0; count < 3; count += 1) {
    made.push((await createToken(operator, 1, { createdBy })).token.id);
    catalog.passMs(1_000);
  }
  const rolled = [await rollTokens(operator, 1), await rollTokens(operator, 1)];
  assert.deepEqual(
    rolled.map(({ replaced }) => replaced.id),
    made.slice(0, 2),
  );
});

test('a reference to several tokens lists them and changes nothing', async () => {
  await using catalog = await inCatalog();
  const { operator } = catalog;
  const first = await createToken(operator, 1, { createdBy, name: 'site' });
  const second = await createToken(operator, 1, { createdBy, name: 'shop' });
  const revision = await operator.catalog.readRevision();
  const attempt = revokeToken(operator, 1, { reference: createdBy });
  const error = await attempt.catch((thrown: unknown) => thrown);
  assert.ok(error instanceof UsherError && error.code === 'token_ambiguous');
  const listed = [first, second].map(({ token: { id, last_characters, name, created_by } }) => {
    return { id, last_characters, name, created_by };
  });
  assert.deepEqual(error.members['tokens'], listed);
  assert.equal(await operator.catalog.readRevision(), revision);
});

test('revoking takes effect at once, is final, and may be repeated', async () => {
  await using catalog = await inCatalog();
  const { operator } = catalog;
  const { token } = await createToken(operator, 1, { createdBy });
  const revoked = await revokeToken(operator, 1, { reference: token.last_characters });
  assert.equal(revoked.state, 'revoked');
  catalog.passMs(dayMs);
  const again = await revokeToken(operator, 1, { reference: token.id });
  assert.equal(again.revoked_at, revoked.revoked_at);
  assert.deepEqual(await listTokens(operator, 1), []);
  const { tokens } = await operator.catalog.loadState();
  assert.ok(!tokens.has(token.id));
  const byLast = revokeToken(operator, 1, { reference: token.last_characters });
  await assert.rejects(byLast, isProblem('resource_not_found'));
});

test('a token older than allowed has a warning until it is rotated', async () => {
  await using catalog = await inCatalog();
  const { operator } = catalog;
  const { token } = await createToken(operator, 1, { createdBy });
  catalog.passMs(90 * dayMs);
  assert.deepEqual((await readToken(operator, 1, token.id)).warnings, []);
  catalog.passMs(dayMs);
  const old = await readToken(operator, 1, token.id);
  assert.equal(old.age_days, 91);
  assert.match(old.warnings.join(), /91 days old.*usher token rotate/);
  await rotateToken(operator, 1, { reference: token.id });
  assert.deepEqual((await readToken(operator, 1, token.id)).warnings, []);
});

test('a token gives new tokens no more rights than it has', async () => {
  await using catalog = await inCatalog();
  const maker = await createToken(catalog.operator, 1, {
    createdBy,
    scopes: ['contacts:read', 'admin:write'],
    fields: ['city', 'state'],
    addresses: ['10.0.0.0/8'],
    maxShare: 0.5,
    expires: '10d',
  });
  const caller = await catalog.asToken(maker.token.id);
  const { token } = await createToken(caller, 1, { createdBy, fields: ['city'] });
  assert.deepEqual(
    [token.fields, token.addresses, token.max_share, token.expires_at],
    [['city'], ['10.0.0.0/8'], 0.5, maker.token.expires_at],
    'rights that are not requested are those of the creating token',
  );
  const wider = [
    { fields: null },
    { fields: ['city', 'name'] },
    { addresses: ['10.0.0.0/7'] },
    { addresses: null },
    { maxShare: 0.6 },
    { maxShare: null },
    { expires: '11d' },
    { expires: null },
  ];
  for (const rights of wider) {
    const attempt = createToken(caller, 1, { createdBy, ...rights });
    await assert.rejects(attempt, isProblem('definition_invalid'), JSON.stringify(rights));
  }
  const scoped = createToken(caller, 1, { createdBy, scopes: ['admin:read'] });
  await assert.rejects(scoped, isProblem('scope_missing'));
});

test('a token gains no rights by rotating tokens', async () => {
  await using catalog = await inCatalog();
  const { operator } = catalog;
  const strong = await createToken(operator, 1, {
    createdBy,
    scopes: ['admin:read', 'admin:write'],
  });
  const weak = await createToken(operator, 1, {
    createdBy,
    scopes: ['admin:write'],
    expires: '5d',
  });
  const caller = await catalog.asToken(weak.token.id);
  const attempt = rotateToken(caller, 1, { reference: strong.token.id });
  await assert.rejects(attempt, isProblem('scope_missing'));
  catalog.passMs(dayMs);
  const own = await rotateToken(caller, 1, { reference: weak.token.id });
  assert.equal(own.token.expires_at, weak.token.expires_at, 'a token cannot extend its own life');
});

test('a token sees and changes only its own organization, within its scopes', async () => {
  await using catalog = await inCatalog();
  const { operator } = catalog;
  const second = await createOrganization(operator, 'second');
  const reader = await createToken(operator, 1, { createdBy, scopes: ['admin:read'] });
  const caller = await catalog.asToken(reader.token.id);
  assert.equal((await listTokens(caller, 1)).length, 1);
  await assert.rejects(listTokens(caller, second.id), isProblem('resource_not_found'));
  const attempt = revokeToken(caller, 1, { reference: reader.token.id });
  await assert.rejects(attempt, isProblem('scope_missing'));
  const foreign = revokeToken(operator, second.id, { reference: reader.token.id });
  await assert.rejects(foreign, isProblem('resource_not_found'), 'its id does not find it either');
});

test('the audit log says who did what, before and after', async () => {
  await using catalog = await inCatalog();
  const { operator } = catalog;
  const maker = await createToken(operator, 1, { createdBy, scopes: ['admin:write'] });
  const caller = await catalog.asToken(maker.token.id);
  catalog.passMs(1_000);
  await revokeToken(caller, 1, { reference: maker.token.id });
  const [revoked, created] = await listAudit(operator, 1, { limit: 10 });
  assert.equal(created?.action, 'token.create');
  assert.equal(created?.actor, 'operator:test');
  assert.equal(created?.at, new Date(startMs).toISOString().replace('.000', ''));
  assert.equal(created?.before, null);
  assert.equal(revoked?.action, 'token.revoke');
  assert.equal(revoked?.actor, `token:${maker.token.id}`);
  assert.equal(stateIn(revoked?.before), 'live');
  assert.equal(stateIn(revoked?.after), 'revoked');
});

test('a change that expects another state of the token is refused', async () => {
  await using catalog = await inCatalog();
  const { operator } = catalog;
  const { token } = await createToken(operator, 1, { createdBy });
  const attempt = revokeToken(operator, 1, { reference: token.id, precondition: () => false });
  await assert.rejects(attempt, isProblem('precondition_failed'));
  const snapshot = await operator.catalog.loadState();
  const stored = snapshot.tokens.get(token.id);
  assert.ok(stored !== undefined && isLive(stored, startMs));
});

function stateIn(view: unknown): unknown {
  return (view as { state?: unknown }).state;
}
