/**
 * The promises of every catalog (`src/catalog/catalog.ts`), tested on a real one that the caller
 * opens in an empty folder.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type AddPromise,
  addDataset,
  addOrganization,
  addToken,
  author,
  entry,
  field,
  type OpenedCatalog,
  token,
} from '../catalog/catalog-samples.ts';
import { catalogAuditContract } from './catalog-audit-contract.ts';
import { catalogDatasetContract } from './catalog-dataset-contract.ts';
import { catalogDefinitionContract } from './catalog-definition-contract.ts';
import { catalogFlowContract } from './catalog-flow-contract.ts';
import { catalogIdentityContract } from './catalog-identity-contract.ts';
import { catalogPrivacyContract } from './catalog-privacy-contract.ts';
import { catalogRunContract } from './catalog-run-contract.ts';
import { catalogUsageContract } from './catalog-usage-contract.ts';
import { catalogUserContract } from './catalog-user-contract.ts';

export interface CatalogUnderTest {
  readonly name: string;
  /** Opens a new catalog. Each call opens another one. */
  readonly open: () => Promise<OpenedCatalog>;
}

export function catalogContract({ name, open }: CatalogUnderTest): void {
  const promise = (title: string, check: (opened: OpenedCatalog) => Promise<void>) =>
    test(`${name}: ${title}`, async () => {
      const opened = await open();
      try {
        await check(opened);
      } finally {
        await opened.remove();
      }
    });
  changes(promise);
  orders(promise);
  baselines(promise);
  ids(promise);
  catalogRunContract(promise);
  catalogDatasetContract(promise);
  catalogDefinitionContract(promise);
  catalogFlowContract(promise);
  catalogIdentityContract(promise);
  catalogPrivacyContract(promise);
  catalogUserContract(promise);
  catalogAuditContract(promise);
  catalogUsageContract(promise);
}

function changes(promise: AddPromise): void {
  promise('the first opening creates the organization default', async ({ catalog }) => {
    const [organization, ...others] = await catalog.read((view) => view.listOrganizations());
    assert.deepEqual(others, []);
    assert.equal(organization?.id, 1);
    assert.equal(organization?.name, 'default');
    assert.equal(organization?.rateLimit, 50);
    assert.equal(organization?.unknownContactStatus, 404);
  });

  promise('a change moves the revision and leaves its audit entry', async ({ catalog, again }) => {
    const before = await catalog.readRevision();
    await addDataset(catalog, 'crm');
    assert.equal(await catalog.readRevision(), before + 1);
    const other = await again();
    assert.equal(await other.readRevision(), before + 1, 'seen by every connection');
    const [entry, ...older] = await other.read((view) => view.listAudit(1, { limit: 10 }));
    await other.close();
    assert.deepEqual(older, []);
    assert.equal(entry?.actor, 'operator:test');
    assert.equal(entry?.atMs, 1_000);
    assert.equal(entry?.target, 'crm');
    assert.deepEqual(entry?.after, { name: 'crm' });
    assert.equal(entry?.before, null);
  });

  promise('a change that throws leaves nothing behind', async ({ catalog }) => {
    const before = await catalog.readRevision();
    const attempt = catalog.change(author, async (change) => {
      await change.insertDataset(1, 'crm', 0);
      throw new Error('cancelled by the test');
    });
    await assert.rejects(attempt, /cancelled by the test/);
    assert.equal(await catalog.readRevision(), before);
    assert.deepEqual(await catalog.read((view) => view.listDatasets(1)), []);
    assert.deepEqual(await catalog.read((view) => view.listAudit(1, { limit: 10 })), []);
  });

  promise(
    'a change without an audit entry is undone, and its result is returned',
    async ({ catalog }) => {
      const before = await catalog.readRevision();
      const answer = await catalog.change(author, async (change) => {
        await change.insertDataset(1, 'crm', 0);
        return { result: 'nothing to do', audit: [] };
      });
      assert.equal(answer, 'nothing to do');
      assert.equal(await catalog.readRevision(), before);
      assert.deepEqual(await catalog.read((view) => view.listDatasets(1)), []);
    },
  );
}

function orders(promise: AddPromise): void {
  promise('concurrent changes are made one after the other', async ({ catalog, again }) => {
    const other = await again();
    const count = 20;
    await Promise.all(
      Array.from({ length: count }, (_, index) => {
        const one = index % 2 === 0 ? catalog : other;
        // Reading a count and writing it back would lose one wherever two changes overlap.
        return one.change(author, async (change) => {
          const organization = await change.findOrganization({ id: 1 });
          assert.ok(organization !== undefined);
          const rateLimit = organization.rateLimit + 1;
          await change.updateOrganization({ ...organization, rateLimit });
          return { result: undefined, audit: [entry(1, 'default', rateLimit)] };
        });
      }),
    );
    await other.close();
    const after = await catalog.read((view) => view.findOrganization({ id: 1 }));
    assert.equal(after?.rateLimit, 50 + count);
  });

  promise('audit entries come newest first, page by page', async ({ catalog }) => {
    for (const name of ['a', 'b', 'c']) await addDataset(catalog, name);
    const first = await catalog.read((view) => view.listAudit(1, { limit: 2 }));
    assert.deepEqual(
      first.map((one) => one.target),
      ['c', 'b'],
    );
    const beforeId = first[1]?.id ?? 0;
    const rest = await catalog.read((view) => view.listAudit(1, { limit: 2, beforeId }));
    assert.deepEqual(
      rest.map((one) => one.target),
      ['a'],
    );
  });

  promise('closing twice is the same as closing once', async ({ catalog }) => {
    await catalog.close();
    await catalog.close();
    await assert.rejects(async () => catalog.readRevision());
  });
}

function baselines(promise: AddPromise): void {
  promise(
    'the catalog state holds all definitions, under names of any kind',
    async ({ catalog }) => {
      await addDataset(catalog, 'crm');
      await catalog.change(author, async (change) => {
        await change.insertFields(1, [field('first_name'), field('constructor')]);
        await change.insertIdentityType(1, { name: 'user_id', normalisation: 'exact' });
        await change.setBuiltInContent(1, 'recent_events', true);
        await change.insertToken(token('aaaaaaaaaaaa'));
        return { result: undefined, audit: [entry(1, 'all', null)] };
      });
      const baseline = await catalog.loadState();
      const one = baseline.organizations.get(1);
      assert.equal(baseline.revision, await catalog.readRevision());
      assert.deepEqual([...(one?.fields.keys() ?? [])], ['first_name', 'constructor']);
      assert.deepEqual(one?.fields.get('constructor'), { ...field('constructor'), id: 2 });
      assert.deepEqual(one?.identityTypes.get('user_id')?.id, 2);
      assert.ok(one?.identityTypes.has('email'), 'built-in types are in it');
      assert.equal(one?.builtInContent.get('recent_events'), true);
      assert.equal(one?.builtInContent.get('segment_membership'), false);
      assert.deepEqual(one?.datasets.get('crm'), {
        ...{ id: 1, name: 'crm', definition: null, definitionVersion: 0 },
      });
      const { digest, ...rest } = baseline.tokens.get('aaaaaaaaaaaa') ?? assert.fail('no token');
      assert.deepEqual(Buffer.from(digest), Buffer.alloc(32, 7));
      assert.deepEqual(rest.fields, ['first_name']);
      assert.equal(rest.maxShare, 0.5);
      assert.equal(rest.dataset, 'crm');
    },
  );

  promise('a new catalog state reuses organizations that did not change', async ({ catalog }) => {
    const second = await addOrganization(catalog, 'second');
    const before = await catalog.loadState();
    assert.equal(await catalog.loadState(before), before, 'without changes it is the same state');
    await addDataset(catalog, 'crm');
    const after = await catalog.loadState(before);
    assert.notEqual(after.organizations.get(1), before.organizations.get(1));
    assert.equal(after.organizations.get(second), before.organizations.get(second));
    assert.equal(before.organizations.get(1)?.datasets.size, 0, 'the old state is not changed');
  });

  promise(
    'the catalog state leaves out revoked tokens and keeps the others',
    async ({ catalog }) => {
      const second = await addOrganization(catalog, 'second');
      await addToken(catalog, token('aaaaaaaaaaaa'));
      await addToken(catalog, token('bbbbbbbbbbbb'));
      await addToken(catalog, { ...token('cccccccccccc'), organizationId: second });
      const before = await catalog.loadState();
      assert.equal(before.tokens.size, 3);
      await catalog.change(author, async (change) => {
        const [first] = await change.listTokens(1);
        assert.ok(first !== undefined);
        await change.updateToken({ ...first, revokedAtMs: 5 });
        return { result: undefined, audit: [entry(1, first.id, null)] };
      });
      const after = await catalog.loadState(before);
      assert.deepEqual([...after.tokens.keys()].sort(), ['bbbbbbbbbbbb', 'cccccccccccc']);
      const kept = await catalog.read((view) => view.listTokens(1));
      assert.equal(kept[0]?.revokedAtMs, 5, 'the catalog itself keeps the revoked token');
    },
  );

  promise('an organization does not see another one', async ({ catalog }) => {
    const second = await addOrganization(catalog, 'second');
    await addDataset(catalog, 'crm');
    await addToken(catalog, token('aaaaaaaaaaaa'));
    const seen = await catalog.read(async (view) => [
      ...(await view.listDatasets(second)),
      ...(await view.listTokens(second)),
      ...(await view.listFields(second)),
    ]);
    assert.deepEqual(seen, []);
    assert.equal(await catalog.read((view) => view.findDataset(second, 'crm')), undefined);
  });
}

function ids(promise: AddPromise): void {
  promise('the id of a removed identity type is not used again', async ({ catalog }) => {
    const add = (name: string) =>
      catalog.change(author, async (change) => ({
        result: await change.insertIdentityType(1, { name, normalisation: 'exact' }),
        audit: [entry(1, name, null)],
      }));
    assert.equal((await add('user_id')).id, 2);
    await catalog.change(author, async (change) => {
      await change.deleteIdentityType(1, { id: 2 });
      return { result: undefined, audit: [entry(1, 'user_id', null)] };
    });
    assert.equal((await add('user_id')).id, 3);
  });

  promise('each organization counts its own ids', async ({ catalog }) => {
    const second = await addOrganization(catalog, 'second');
    await addDataset(catalog, 'crm');
    const other = await addDataset(catalog, 'crm', second);
    assert.equal(other.id, 1);
    await assert.rejects(addDataset(catalog, 'crm'), 'a name can be used only once');
  });
}
