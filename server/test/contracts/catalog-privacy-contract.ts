/** The promises of every catalog about requests of people. Part of `catalog-contract.ts`. */
import assert from 'node:assert/strict';
import type { Catalog } from '../../src/catalog/catalog.ts';
import type { NewPrivacyRequest, PrivacyEnd } from '../../src/catalog/privacy-requests.ts';
import { type AddPromise, addOrganization, author } from '../catalog/catalog-samples.ts';

const request: NewPrivacyRequest = {
  ...{ id: 'q1', organizationId: 1, kind: 'erase', actor: author.actor, receivedAtMs: 5 },
};
const [one, other] = ['0a'.repeat(16), '0b'.repeat(16)];
const end: PrivacyEnd = {
  ...{ state: 'done', counts: { contacts: 1 }, failure: null },
  ...{ subjects: [other, one], receipt: { mac: '77' } },
};
const open = {
  ...{ ...request, state: 'received', aliveAtMs: 5, endedAtMs: null, counts: null, failure: null },
};

async function auditOf(catalog: Catalog, id: string) {
  const entries = await catalog.read((view) => view.listAudit(1, { limit: 50 }));
  return entries.filter(({ target }) => target === id);
}

export function catalogPrivacyContract(promise: AddPromise): void {
  states(promise);
  lists(promise);
}

function states(promise: AddPromise): void {
  promise('a request of a person is kept without moving the revision', async ({ catalog }) => {
    const before = await catalog.readRevision();
    await catalog.receivePrivacyRequest(author, request);
    assert.deepEqual(await catalog.listPrivacyRequests(1, { limit: 9 }), [open]);
    assert.deepEqual(await catalog.findPrivacyRequest(1, 'q1'), {
      ...{ ...open, subjects: [], receipt: null },
    });
    assert.ok(await catalog.keepPrivacyRequest('q1', { nowMs: 7 }));
    assert.ok(await catalog.endPrivacyRequest({ ...author, atMs: 9 }, 'q1', end));
    const done = { ...open, state: 'done', aliveAtMs: 7, endedAtMs: 9, counts: { contacts: 1 } };
    assert.deepEqual(await catalog.listPrivacyRequests(1, { limit: 9 }), [done]);
    assert.deepEqual(await catalog.findPrivacyRequest(1, 'q1'), {
      ...{ ...done, subjects: [one, other], receipt: { mac: '77' } },
    });
    assert.equal(await catalog.findPrivacyRequest(2, 'q1'), undefined);
    assert.equal(await catalog.readRevision(), before);
  });

  promise('the audit log names a request at its beginning and its end', async ({ catalog }) => {
    await catalog.receivePrivacyRequest(author, request);
    await catalog.endPrivacyRequest(author, 'q1', end);
    const entries = await auditOf(catalog, 'q1');
    assert.deepEqual(
      entries.map(({ action, after }) => [action, after]),
      [
        ['privacy.erase', { state: 'done', counts: { contacts: 1 } }],
        ['privacy.erase', { state: 'received' }],
      ],
    );
  });

  promise('a request that has ended does not change again', async ({ catalog }) => {
    await catalog.receivePrivacyRequest(author, request);
    const failed = { ...end, state: 'failed', failure: 'interrupted', subjects: [] } as const;
    assert.equal(await catalog.endPrivacyRequest(author, 'q1', failed), true);
    assert.equal(await catalog.endPrivacyRequest(author, 'q1', end), false);
    assert.equal(await catalog.keepPrivacyRequest('q1', { nowMs: 9 }), false);
    assert.equal(await catalog.keepPrivacyRequest('unknown', { nowMs: 9 }), false);
    assert.equal((await catalog.findPrivacyRequest(1, 'q1'))?.failure, 'interrupted');
    assert.equal((await auditOf(catalog, 'q1')).length, 2);
  });

  promise('only one process goes on with a silent request', async ({ catalog, again }) => {
    await catalog.receivePrivacyRequest(author, request);
    assert.deepEqual(await catalog.listSilentPrivacyRequests(4), []);
    assert.deepEqual(await catalog.listSilentPrivacyRequests(5), [open]);
    const second = await again();
    const take = { nowMs: 50, silentSinceMs: 5 };
    const taken = await Promise.all(
      [catalog, second].map((it) => it.keepPrivacyRequest('q1', take)),
    );
    assert.deepEqual(taken.sort(), [false, true]);
    assert.deepEqual(await catalog.listSilentPrivacyRequests(49), []);
    await second.close();
  });
}

function lists(promise: AddPromise): void {
  promise('requests are listed newest first, with filters and pages', async ({ catalog }) => {
    const kinds = ['erase', 'export', 'amend', 'erase'] as const;
    for (const [place, kind] of kinds.entries()) {
      const received = { ...request, id: `q${place}`, kind, receivedAtMs: place < 2 ? 1 : 3 };
      await catalog.receivePrivacyRequest(author, received);
    }
    await catalog.endPrivacyRequest(author, 'q3', end);
    const ids = async (filter: object) => {
      const found = await catalog.listPrivacyRequests(1, { limit: 9, ...filter });
      return found.map(({ id }) => id).join(' ');
    };
    assert.equal(await ids({}), 'q3 q2 q1 q0');
    assert.equal(await ids({ limit: 2 }), 'q3 q2');
    assert.equal(await ids({ afterId: 'q2' }), 'q1 q0');
    assert.equal(await ids({ kind: 'erase' }), 'q3 q0');
    assert.equal(await ids({ kind: 'erase', state: 'received' }), 'q0');
    assert.equal(await ids({ sinceMs: 2 }), 'q3 q2');
    assert.deepEqual(await catalog.listPrivacyRequests(2, { limit: 9 }), []);
  });

  promise('requests about a person are found by keyed digests', async ({ catalog }) => {
    const organization = await addOrganization(catalog, 'other');
    for (const id of ['q1', 'q2']) await catalog.receivePrivacyRequest(author, { ...request, id });
    await catalog.endPrivacyRequest(author, 'q1', end);
    await catalog.endPrivacyRequest(author, 'q2', { ...end, subjects: [other] });
    const about = async (subjects: string[], of = 1) =>
      (await catalog.findPrivacyRequestsAbout(of, subjects)).map(({ id }) => id);
    assert.deepEqual(await about([one]), ['q1']);
    assert.deepEqual(await about([one, other]), ['q2', 'q1']);
    assert.deepEqual(await about(['0c'.repeat(16)]), []);
    assert.deepEqual(await about([one], organization), []);
  });
}
