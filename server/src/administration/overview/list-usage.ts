/** The calls of tokens by hour or by day, as they are stored once a minute. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { CatalogView, TokenRecord } from '../../catalog/catalog.ts';
import type { TokenHour } from '../../catalog/usage-log.ts';
import { builtInFieldId, builtInFields, type Field } from '../../domain/contact/field.ts';
import { addRecords, type UsageRecord } from '../../domain/usage-record.ts';
import { type Administration, readIn, rfc3339 } from '../administration.ts';
import { maxShownClients, maxShownReads, maxUsagePeriods } from '../limits.ts';
import { requireWholeSight } from '../token/actor-sight.ts';
import { resolveToken } from '../token/tokens.ts';
import { viewSums } from './usage-figures.ts';

const hourMs = 3_600_000;

export interface UsageQuestion {
  /** A reference to a token; `null`: all of them. */
  readonly token: string | null;
  readonly by: 'hour' | 'day';
  /** Whether all tokens are one entry. */
  readonly isTotal: boolean;
  /** Whether to show fields and clients. */
  readonly hasDetails: boolean;
  /** Milliseconds since the epoch. */
  readonly sinceMs: number;
  readonly untilMs: number;
}

/** The newest period comes first. A page ends with a whole period. */
export interface UsagePage {
  readonly entries: readonly ReturnType<typeof viewEntry>[];
  /** The hour before which the next page ends; `null`: this is the last one. */
  readonly nextHour: number | null;
}

/**
 * @param page the hour before which it ends, and after how many entries it may end
 * @throws UsherError `scope_missing`, also for a token that may not see every field;
 *   `resource_not_found`, `token_ambiguous`
 */
export async function listUsage(
  administration: Administration,
  organizationId: number,
  question: UsageQuestion & { readonly beforeHour: number | null; readonly limit: number },
): Promise<UsagePage> {
  requireWholeSight(administration.actor);
  const known = await readNames(administration, organizationId, question.token);
  const { by, sinceMs, untilMs, limit, isTotal } = question;
  const length = by === 'day' ? 24 : 1;
  const first = Math.floor(sinceMs / hourMs / length) * length;
  const last = Math.floor(untilMs / hourMs / length) * length;
  const entries: ReturnType<typeof viewEntry>[] = [];
  let hour = Math.min(question.beforeHour ?? last + length, last + length);
  for (let periods = 0; hour > first && periods < maxUsagePeriods; periods += 1) {
    if (entries.length >= limit) return { entries, nextHour: hour };
    if (periods > 0) await nextTurn();
    hour -= length;
    const range = { tokenRowId: known.tokenRowId, fromHour: hour, toHour: hour + length };
    const hours = await readIn(administration, organizationId, (view) =>
      view.listUsage(organizationId, range),
    );
    const groups = Map.groupBy(hours, ({ tokenRowId }) => (isTotal ? 0 : tokenRowId));
    for (const [rowId, group] of groups) {
      const place = { atMs: hour * hourMs, rowId, hasDetails: question.hasDetails };
      entries.push(viewEntry(sumOf(group), place, known));
    }
  }
  return { entries, nextHour: hour > first ? hour : null };
}

interface Names {
  readonly tokenRowId: number | undefined;
  readonly tokens: ReadonlyMap<number, TokenRecord>;
  readonly fields: ReadonlyMap<number, string>;
}

function readNames(
  administration: Administration,
  organizationId: number,
  token: string | null,
): Promise<Names> {
  return readIn(administration, organizationId, async (view: CatalogView) => {
    const tokens = await view.listTokens(organizationId);
    const fields = await view.listFields(organizationId);
    const chosen = token === null ? undefined : resolveToken(tokens, token, administration.clock());
    return {
      tokenRowId: chosen?.rowId,
      tokens: new Map(tokens.map((one) => [one.rowId, one])),
      fields: new Map([
        ...fields.map((field: Field) => [field.id, field.name] as const),
        ...builtInFields.map(({ name }) => [builtInFieldId(name), name as string] as const),
      ]),
    };
  });
}

function sumOf([first, ...others]: readonly TokenHour[]): UsageRecord {
  return others.reduce<UsageRecord>(addRecords, first as TokenHour);
}

function viewEntry(
  { sums, clients, fields }: UsageRecord,
  {
    atMs,
    rowId,
    hasDetails,
  }: { readonly atMs: number; readonly rowId: number; readonly hasDetails: boolean },
  known: Names,
) {
  const token = known.tokens.get(rowId);
  const named = fields.flatMap(({ fieldId, reads }) => {
    const field = known.fields.get(fieldId);
    return field === undefined ? [] : [{ field, reads }];
  });
  return {
    at: rfc3339(atMs),
    token:
      token === undefined
        ? null
        : { id: token.id, name: token.name, last_characters: token.lastCharacters },
    ...viewSums(sums),
    other_calls: sums.otherCalls,
    fields: hasDetails ? named.slice(0, maxShownReads) : null,
    clients: hasDetails
      ? clients
          .slice(0, maxShownClients)
          .map(({ address, userAgent, calls }) => ({ address, user_agent: userAgent, calls }))
      : null,
  };
}
