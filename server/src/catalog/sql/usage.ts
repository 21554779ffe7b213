/** The calls of tokens by hour. The counts are JSON, with places of zeros left out. */
import type { Kysely } from 'kysely';
import { addRecords, type UsageRecord } from '../../domain/usage-record.ts';
import { noUsage } from '../../domain/usage-sums.ts';
import { keptUsageHours, maxUsageRows } from '../limits.ts';
import type { TokenHour, UsageRange } from '../usage-log.ts';
import type { CatalogTables } from './schema.ts';

type Database = Kysely<CatalogTables>;

/** Rows in one statement: SQLite allows 32,766 parameters. */
const rowsPerStatement = 500;

export async function addUsage(
  database: Database,
  hours: readonly TokenHour[],
  nowHour: number,
): Promise<void> {
  for (let start = 0; start < hours.length; start += rowsPerStatement) {
    await addSome(database, hours.slice(start, start + rowsPerStatement));
  }
  await dropOldUsage(database, nowHour);
}

async function addSome(database: Database, hours: readonly TokenHour[]): Promise<void> {
  const kept = await database
    .selectFrom('usage_hours')
    .selectAll()
    .where('organization_id', 'in', distinct(hours, 'organizationId'))
    .where('hour', 'in', distinct(hours, 'hour'))
    .where('token_row_id', 'in', distinct(hours, 'tokenRowId'))
    .execute();
  const known = new Map(kept.map((row) => [`${row.hour} ${row.token_row_id}`, row.counts]));
  const rows = hours.map(({ organizationId, tokenRowId, hour, ...record }) => {
    const counts = known.get(`${hour} ${tokenRowId}`);
    const whole = counts === undefined ? record : addRecords(readCounts(counts), record);
    const key = { organization_id: organizationId, hour, token_row_id: tokenRowId };
    return { ...key, counts: writeCounts(whole) };
  });
  await database
    .insertInto('usage_hours')
    .values(rows)
    .onConflict((row) =>
      row
        .columns(['organization_id', 'hour', 'token_row_id'])
        .doUpdateSet((is) => ({ counts: is.ref('excluded.counts') })),
    )
    .execute();
}

function distinct(
  hours: readonly TokenHour[],
  member: 'organizationId' | 'hour' | 'tokenRowId',
): number[] {
  return [...new Set(hours.map((hour) => hour[member]))];
}

async function dropOldUsage(database: Database, nowHour: number): Promise<void> {
  // The newest row that there is no room for.
  const beyond = await database
    .selectFrom('usage_hours')
    .select('hour')
    .orderBy('hour', 'desc')
    .offset(maxUsageRows)
    .limit(1)
    .executeTakeFirst();
  const oldest = Math.max(nowHour - keptUsageHours, (beyond?.hour ?? -1) + 1);
  await database.deleteFrom('usage_hours').where('hour', '<', oldest).execute();
}

export async function listUsage(
  database: Database,
  organizationId: number,
  { tokenRowId, fromHour, toHour }: UsageRange,
): Promise<readonly TokenHour[]> {
  let query = database
    .selectFrom('usage_hours')
    .selectAll()
    .where('organization_id', '=', organizationId)
    .where('hour', '>=', fromHour)
    .where('hour', '<', toHour)
    .orderBy('hour')
    .orderBy('token_row_id');
  if (tokenRowId !== undefined) query = query.where('token_row_id', '=', tokenRowId);
  return (await query.execute()).map((row) => ({
    ...{ organizationId, tokenRowId: row.token_row_id, hour: row.hour },
    ...readCounts(row.counts),
  }));
}

interface StoredCounts extends Pick<UsageRecord, 'clients' | 'fields'> {
  readonly units: number;
  readonly otherCalls: number;
  readonly statuses: readonly (readonly [place: number, count: number])[];
  readonly latencies: readonly (readonly [place: number, count: number])[];
}

function writeCounts({ sums, clients, fields }: UsageRecord): string {
  const { units, otherCalls, statuses, latencies } = sums;
  const counts: StoredCounts = {
    ...{ units, otherCalls, clients, fields },
    statuses: withoutZeros(statuses),
    latencies: withoutZeros(latencies),
  };
  return JSON.stringify(counts);
}

function withoutZeros(counts: readonly number[]) {
  return [...counts.entries()].filter(([, count]) => count !== 0);
}

function readCounts(text: string): UsageRecord {
  const { units, otherCalls, statuses, latencies, clients, fields } = JSON.parse(
    text,
  ) as StoredCounts;
  return {
    sums: {
      ...{ units, otherCalls },
      statuses: withZeros(statuses, noUsage.statuses),
      latencies: withZeros(latencies, noUsage.latencies),
    },
    ...{ clients, fields },
  };
}

function withZeros(
  counts: readonly (readonly [number, number])[],
  zeros: readonly number[],
): readonly number[] {
  const whole = [...zeros];
  for (const [place, count] of counts) whole[place] = count;
  return whole;
}
