/** The promises of every catalog about users. Part of `catalog-contract.ts`. */
import assert from 'node:assert/strict';
import type { Catalog } from '../../src/catalog/catalog.ts';
import type { NewUser, UserChange } from '../../src/catalog/users.ts';
import type { User, UserSession } from '../../src/domain/user/user.ts';
import { type AddPromise, addOrganization, author } from '../catalog/catalog-samples.ts';

const ana: NewUser = {
  ...{ id: 'ana000000001', organizationId: 1, email: 'ana@example.com', name: 'Ana' },
  ...{ role: 'admin', givenRole: null, state: 'active' },
  ...{ passwordHash: 'hash', totp: null, pendingTotp: null },
  ...{ totpStep: 0, oidcSubject: 'issuer\nana', createdAtMs: 5 },
  ...{ lastSignInAtMs: null, revokedAtMs: null, roleLostAtMs: null },
};

const session: UserSession = {
  ...{ id: 'session00001', digest: 'd1', userId: ana.id, method: 'password' },
  ...{ address: '192.0.2.1', userAgent: 'Firefox', createdAtMs: 10, lastSeenAtMs: 10 },
  ...{ idleEndMs: 40, endMs: 100, confirmedUntilMs: 15 },
};

/** Makes a change without audit entries. */
function change<T>(catalog: Catalog, work: (it: UserChange) => Promise<T>): Promise<T> {
  return catalog.changeUsers(author, async (it) => ({ result: await work(it), audit: [] }));
}

function newUser(catalog: Catalog, more: Partial<NewUser> = {}): Promise<User> {
  return change(catalog, (it) => it.insertUser({ ...ana, ...more }));
}

export function catalogUserContract(promise: AddPromise): void {
  accounts(promise);
  sessions(promise);
}

function accounts(promise: AddPromise): void {
  promise('a user is found by id, e-mail and subject, until revoked', async ({ catalog }) => {
    const before = await catalog.readRevision();
    const user = await newUser(catalog);
    const { rowId, ...kept } = user;
    assert.deepEqual(kept, ana);
    assert.ok(rowId > 0);
    const found = (key: Parameters<UserChange['findUser']>[0]) =>
      catalog.readUsers((view) => view.findUser(key));
    const { oidcSubject } = ana as { readonly oidcSubject: string };
    const byEmail = { email: ana.email, organizationId: 1 };
    assert.equal(await found({ ...byEmail, organizationId: 2 }), undefined);
    for (const key of [{ id: ana.id }, byEmail, { oidcSubject }]) {
      assert.deepEqual(await found(key), user);
    }
    assert.ok(await catalog.readUsers((view) => view.hasActiveUser()));
    const revoked: User = { ...user, state: 'revoked', revokedAtMs: 9 };
    await change(catalog, (it) => it.updateUser(revoked));
    assert.deepEqual(await found({ id: ana.id }), revoked);
    assert.equal(await found(byEmail), undefined);
    assert.equal(await found({ oidcSubject }), undefined);
    const again = await newUser(catalog, { id: 'ana000000002' });
    assert.deepEqual(await found(byEmail), again);
    assert.equal(await catalog.readRevision(), before, 'users change no revision');
  });

  promise('an organization has an e-mail once, and a refused change leaves nothing', async (it) => {
    const { catalog } = it;
    await newUser(catalog);
    const organizationId = await addOrganization(catalog, 'other');
    const other = { id: 'ana000000009', organizationId, oidcSubject: null };
    assert.equal((await newUser(catalog, other)).email, ana.email);
    await assert.rejects(newUser(catalog, { id: 'eve000000001', oidcSubject: null }));
    const users = await catalog.readUsers((view) => view.listUsers(1));
    assert.deepEqual(
      users.map(({ id }) => id),
      [ana.id],
    );
  });
}

function sessions(promise: AddPromise): void {
  promise('sessions are found and listed until they end or are deleted', async ({ catalog }) => {
    const user = await newUser(catalog);
    const second = { ...session, id: 'session00002', digest: 'd2', createdAtMs: 20 };
    await change(catalog, (it) => it.insertSession(session));
    await change(catalog, (it) => it.insertSession(second));
    const listed = async (nowMs: number) => {
      const found = await catalog.readUsers((view) =>
        view.listSessions({ organizationId: 1 }, nowMs),
      );
      return found.map(({ session: { id } }) => id);
    };
    assert.deepEqual(await listed(39), [second.id, session.id]);
    assert.deepEqual(await listed(40), []);
    const seen = { ...session, lastSeenAtMs: 35, idleEndMs: 70, confirmedUntilMs: 50 };
    await change(catalog, (it) => it.updateSession(seen));
    assert.deepEqual(await listed(40), [session.id]);
    const found = await catalog.readUsers((view) => view.findSession('d1'));
    assert.deepEqual(found, { session: seen, user });
    await change(catalog, (it) => it.deleteSessions({ userId: user.id, exceptId: session.id }));
    assert.equal(await catalog.readUsers((view) => view.findSession('d2')), undefined);
    await change(catalog, (it) => it.deleteSessions({ id: session.id }));
    assert.equal(await catalog.readUsers((view) => view.findSession('d1')), undefined);
  });

  promise('sessions of another organization are not listed', async ({ catalog }) => {
    const organizationId = await addOrganization(catalog, 'other');
    await newUser(catalog, { organizationId });
    await change(catalog, (it) => it.insertSession(session));
    const own = await catalog.readUsers((view) => view.listSessions({ organizationId: 1 }, 20));
    assert.deepEqual(own, []);
  });

  promise('trimming keeps what has not ended, and the newest failures', async ({ catalog }) => {
    await newUser(catalog);
    await change(catalog, async (it) => {
      await it.insertSession(session);
      await it.insertSession({ ...session, id: 'session00002', digest: 'd2', idleEndMs: 60 });
      await it.insertLink({ digest: 'l1', userId: ana.id, kind: 'reset', endMs: 40 });
      await it.insertLink({ digest: 'l2', userId: ana.id, kind: 'reset', endMs: 90 });
      await it.putDevice({ digest: 'v1', userId: ana.id, seenAtMs: 10 });
      await it.putDevice({ digest: 'v1', userId: ana.id, seenAtMs: 30 });
      for (let n = 1; n <= 5; n += 1) await it.putFailures({ key: `k${n}`, count: n, lastAtMs: n });
      await it.putFailures({ key: 'k1', count: 9, lastAtMs: 9 });
      await it.trimUsers({ nowMs: 50, failuresSinceMs: 3, devicesSinceMs: 20 });
      await it.dropOldFailures(2);
    });
    await catalog.readUsers(async (view) => {
      assert.equal(await view.findSession('d1'), undefined);
      assert.equal((await view.findSession('d2'))?.session.id, 'session00002');
      assert.equal(await view.findLink('l1'), undefined);
      assert.equal((await view.findLink('l2'))?.kind, 'reset');
      assert.ok(await view.hasDevice('v1', ana.id));
      assert.equal(await view.hasDevice('v1', 'somebody else'), false);
      const counts = await Promise.all(
        ['k1', 'k2', 'k3', 'k4', 'k5'].map(async (key) => (await view.findFailures(key))?.count),
      );
      assert.deepEqual(counts, [9, undefined, undefined, undefined, 5]);
    });
  });
}
