/** What every catalog promises of the usage of tokens. */
import assert from 'node:assert/strict';
import type { Catalog } from '../../src/catalog/catalog.ts';
import type { TokenHour, UsageRange } from '../../src/catalog/usage-log.ts';
import { latencyPlace, noUsage, statusPlace, type UsageSums } from '../../src/domain/usage-sums.ts';
import { type AddPromise, addOrganization } from '../catalog/catalog-samples.ts';

export function sumsOf(lookups: number): UsageSums {
  const statuses = [...noUsage.statuses];
  const latencies = [...noUsage.latencies];
  statuses[statusPlace(200)] = lookups;
  latencies[latencyPlace(1)] = lookups;
  return { units: lookups, otherCalls: 0, statuses, latencies };
}

const hourOf = (hour: number, tokenRowId: number, more: Partial<TokenHour> = {}): TokenHour => ({
  ...{ organizationId: 1, tokenRowId, hour, sums: sumsOf(1), clients: [], fields: [] },
  ...more,
});

const whole = { fromHour: 0, toHour: 1_000_000 };

const list = (catalog: Catalog, range: UsageRange = whole, organizationId = 1) =>
  catalog.read((view) => view.listUsage(organizationId, range));

const places = (hours: readonly TokenHour[]) =>
  hours.map(({ hour, tokenRowId, sums }) => [hour, tokenRowId, sums.units]);

export function catalogUsageContract(promise: AddPromise): void {
  promise('the latest noted end of the access log is kept', async ({ catalog, again }) => {
    assert.equal(await catalog.findAccessEnd(), undefined);
    const [early, late] = [1, 2].map((block) => ({ block, file: 1, hash: `hash ${block}` }));
    for (const end of [early, late, early]) if (end) await catalog.noteAccessEnd(end);
    const other = await again();
    assert.deepEqual(await other.findAccessEnd(), late);
    await other.close();
  });

  promise('looks of an hour add up by organization, and leave after 31 days', async (opened) => {
    const { catalog, again } = opened;
    const revision = await catalog.readRevision();
    const hour = 1_000;
    const looked = { organizationId: 1, hour, looks: 3, byUsers: 1, reveals: 0 };
    const foreign = { ...looked, organizationId: 2 };
    await catalog.addAccessHours([looked, foreign, { ...looked, hour: hour + 1 }], hour);
    await catalog.addAccessHours([{ ...looked, looks: 2, reveals: 1 }], hour);
    const other = await again();
    const listed = await other.read((view) => view.listAccessHours(1, hour));
    await other.close();
    const sum = { ...looked, looks: 5, byUsers: 2, reveals: 1 };
    assert.deepEqual(listed, [sum, { ...looked, hour: hour + 1 }]);
    assert.equal(await catalog.readRevision(), revision);
    await catalog.addAccessHours([], hour + 1 + 31 * 24);
    const left = await catalog.read((view) => view.listAccessHours(1, 0));
    assert.deepEqual(left, [{ ...looked, hour: hour + 1 }]);
  });

  promise('usage of an hour adds up by token, and does not move the revision', async (opened) => {
    const { catalog, again } = opened;
    const revision = await catalog.readRevision();
    const client = { address: '192.0.2.1', userAgent: 'curl/8', calls: 3 };
    const detailed = { clients: [client], fields: [{ fieldId: 7, reads: 2 }] };
    await catalog.addUsage([hourOf(5, 2, detailed), hourOf(5, 1)], 5);
    await catalog.addUsage([hourOf(5, 2, { ...detailed, sums: sumsOf(4) })], 5);
    const other = await again();
    const [one, two] = await list(other);
    await other.close();
    assert.deepEqual(one, hourOf(5, 1));
    assert.deepEqual(two, {
      ...hourOf(5, 2, { sums: sumsOf(5) }),
      ...{ clients: [{ ...client, calls: 6 }], fields: [{ fieldId: 7, reads: 4 }] },
    });
    assert.equal(await catalog.readRevision(), revision);
  });

  promise('usage is listed for an organization, a token and a range of hours', async (opened) => {
    const { catalog } = opened;
    const other = await addOrganization(catalog, 'other');
    const foreign = hourOf(6, 9, { organizationId: other });
    await catalog.addUsage([hourOf(7, 1), hourOf(5, 2), hourOf(6, 1), foreign], 7);
    assert.deepEqual(places(await list(catalog)), [
      [5, 2, 1],
      [6, 1, 1],
      [7, 1, 1],
    ]);
    assert.deepEqual(places(await list(catalog, { fromHour: 6, toHour: 7 })), [[6, 1, 1]]);
    assert.deepEqual(places(await list(catalog, { ...whole, tokenRowId: 2 })), [[5, 2, 1]]);
    assert.deepEqual(places(await list(catalog, whole, other)), [[6, 9, 1]]);
  });

  promise('usage is kept for 30 days', async ({ catalog }) => {
    await catalog.addUsage([hourOf(1_000, 1), hourOf(1_001, 1)], 1_001);
    await catalog.addUsage([hourOf(1_001 + 720, 1)], 1_001 + 720);
    assert.deepEqual(places(await list(catalog)), [
      [1_001, 1, 1],
      [1_721, 1, 1],
    ]);
  });

  promise('beyond 30,000 rows of usage, the oldest hours go', async ({ catalog }) => {
    const tokens = Array.from({ length: 15_000 }, (_, place) => place + 1);
    for (const hour of [1, 2])
      await catalog.addUsage(
        tokens.map((row) => hourOf(hour, row)),
        2,
      );
    assert.equal((await list(catalog)).length, 30_000);
    await catalog.addUsage([hourOf(3, 1)], 3);
    const left = await list(catalog);
    assert.deepEqual([left.length, left[0]?.hour], [15_001, 2]);
  });
}
