/** What every catalog promises of searches in the audit log. */
import assert from 'node:assert/strict';
import type { AuditFilter } from '../../src/catalog/audit-log.ts';
import type { Catalog } from '../../src/catalog/catalog.ts';
import type { AddPromise } from '../catalog/catalog-samples.ts';

const dayMs = 86_400_000;

const act = (catalog: Catalog, target: string, act: Partial<Record<string, string>> = {}) =>
  catalog.recordActs(
    { actor: act['actor'] ?? 'operator:ann', atMs: Number(act['day'] ?? 0) * dayMs },
    [
      {
        ...{ organizationId: 1, action: act['action'] ?? 'thing.see', target },
        ...{ before: null, after: null },
      },
    ],
  );

async function searchAll(catalog: Catalog, filter: AuditFilter, size = { limit: 2, scan: 3 }) {
  const found: string[] = [];
  let calls = 0;
  let beforeId: number | undefined;
  do {
    const search = { ...filter, ...size, beforeId };
    const page = await catalog.read((view) => view.findAudit(1, search));
    assert.ok(page.entries.length <= size.limit);
    found.push(...page.entries.map(({ target }) => target));
    beforeId = page.nextId ?? undefined;
    calls += 1;
  } while (beforeId !== undefined);
  return { found, calls };
}

export function catalogAuditContract(promise: AddPromise): void {
  promise('a search finds each match once, newest first, however it is paged', async (opened) => {
    const { catalog } = opened;
    const targets = Array.from({ length: 20 }, (_, n) => `t${n}`);
    for (const [n, target] of targets.entries()) {
      await act(catalog, target, { action: n % 5 === 0 ? 'rare.see' : 'thing.see' });
    }
    const rare = ['t15', 't10', 't5', 't0'];
    for (const limit of [1, 2, 3, 50]) {
      for (const scan of [1, 2, 7, 50]) {
        const { found } = await searchAll(catalog, { action: 'rare.see' }, { limit, scan });
        assert.deepEqual(found, rare, `${limit} ${scan}`);
        const all = await searchAll(catalog, {}, { limit, scan });
        assert.deepEqual(all.found, targets.toReversed());
      }
    }
  });

  promise('a filter names a whole actor or action, or its first part', async ({ catalog }) => {
    await act(catalog, 'a', { actor: 'token:1', action: 'contact.search' });
    await act(catalog, 'b', { actor: 'token:12', action: 'contact.list' });
    await act(catalog, 'c', { actor: 'tokens:1', action: 'contacts.list' });
    await act(catalog, 'd', { actor: 'operator:token', action: 'list.contact' });
    const find = async (filter: AuditFilter) => (await searchAll(catalog, filter)).found;
    assert.deepEqual(await find({ actor: 'token' }), ['b', 'a']);
    assert.deepEqual(await find({ actor: 'token:1' }), ['a']);
    assert.deepEqual(await find({ action: 'contact' }), ['b', 'a']);
    assert.deepEqual(await find({ action: 'contact.list' }), ['b']);
    assert.deepEqual(await find({ actor: 'token', action: 'contact.list' }), ['b']);
    assert.deepEqual(await find({ actor: '%', action: 'contact' }), []);
  });

  promise('a target is found by a part of it, taken literally', async ({ catalog }) => {
    for (const target of ['Spring 100%', 'spring_1', 'springs1', 'back\\slash']) {
      await act(catalog, target);
    }
    const find = async (target: string) => (await searchAll(catalog, { target })).found;
    assert.deepEqual(await find('SPRING'), ['springs1', 'spring_1', 'Spring 100%']);
    assert.deepEqual(await find('0%'), ['Spring 100%']);
    assert.deepEqual(await find('g_1'), ['spring_1']);
    assert.deepEqual(await find('k\\s'), ['back\\slash']);
  });

  promise('times bound a search, which begins and ends near them', async ({ catalog }) => {
    for (let day = 1; day <= 60; day += 1) await act(catalog, `d${day}`, { day: `${day}` });
    const filter = { sinceMs: 20 * dayMs, untilMs: 22 * dayMs };
    const { found, calls } = await searchAll(catalog, filter, { limit: 50, scan: 10 });
    assert.deepEqual(found, ['d22', 'd21', 'd20']);
    assert.equal(calls, 1);
    const { found: old } = await searchAll(catalog, { untilMs: 2 * dayMs });
    assert.deepEqual(old, ['d2', 'd1']);
    const { found: none } = await searchAll(catalog, { untilMs: dayMs - 1 });
    assert.deepEqual(none, []);
  });

  promise('entries of a clock that was set back by a day are found', async ({ catalog }) => {
    for (const day of ['10', '11', '10', '12']) await act(catalog, `d${day}`, { day });
    const { found } = await searchAll(catalog, { untilMs: 10 * dayMs }, { limit: 9, scan: 1 });
    assert.deepEqual(found, ['d10', 'd10']);
    const since = await searchAll(catalog, { sinceMs: 11 * dayMs }, { limit: 9, scan: 1 });
    assert.deepEqual(since.found, ['d12', 'd11']);
  });
}
