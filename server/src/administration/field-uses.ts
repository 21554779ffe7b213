/**
 * Who still uses a field that is about to be turned off, dropped, retyped or put in another
 * currency. Such a change is refused until somebody confirms it.
 */
import type { CatalogView, DatasetRecord } from '../catalog/catalog.ts';
import {
  type BuiltInFieldName,
  builtInFieldId,
  currencyOf,
  type Field,
} from '../domain/contact/field.ts';
import { UsherError } from '../domain/errors.ts';
import { fieldUseDays } from '../domain/limits.ts';
import { isLive } from '../domain/token/token.ts';
import type { TokenLists } from '../domain/token/token-sight.ts';
import type { ContactReader } from '../stores/store.ts';
import type { ChangeRecord } from './administration.ts';
import type { ContactLender } from './approval/mover.ts';
import { type RuleLoss, requireNoRuleUsers } from './rule/rule-users.ts';

export interface FieldLoss {
  /** The field before the change; it may be a built-in one. */
  readonly field: Pick<Field, 'id' | 'name'>;
  readonly change: 'content_off' | 'condition_off' | 'dropped' | 'retyped' | 'relabelled';
  /** Of a field in another currency: whether no contact holds amounts, so that only rules lose. */
  readonly isEmpty?: boolean;
}

/** In the form in which the API returns it. */
export interface FieldUse {
  readonly field: string;
  readonly change: FieldLoss['change'];
  /** Tokens that have read the field in the last 30 days. */
  readonly tokens: readonly FieldReader[];
  /** How many amendments of the field end, because their values do not fit. */
  readonly amendments: number;
}

export interface FieldReader {
  readonly id: string;
  readonly last_characters: string;
  readonly name: string | null;
  readonly created_by: string;
}

/** What users of a field lose by the change. For its currency see `isRelabelled`. */
export function lossesOf(before: Field, after: Field): readonly FieldLoss[] {
  const losses: FieldLoss[] = [];
  if (before.type !== after.type) losses.push({ field: before, change: 'retyped' });
  if (before.content && !after.content) losses.push({ field: before, change: 'content_off' });
  if (before.condition && !after.condition) {
    losses.push({ field: before, change: 'condition_off' });
  }
  return losses;
}

/** Whether amounts that were imported in one currency would be shown in another. */
export function isRelabelled(
  before: Field,
  after: Field,
  organization: { readonly currency: string },
): boolean {
  const was = currencyOf(before, organization);
  return was !== undefined && after.type === 'currency' && was !== currencyOf(after, organization);
}

/** @param isEmpty whether no contact holds amounts yet */
export function relabelling(field: Field, isEmpty: boolean): FieldLoss {
  return { field, change: 'relabelled', isEmpty };
}

/** Whether contacts may hold values of the dataset. Pushed rows arrive without runs. */
export async function mayFill(
  view: CatalogView,
  organizationId: number,
  { id, definition }: DatasetRecord,
): Promise<boolean> {
  if (definition?.source?.kind === 'push') return true;
  return (await view.listRuns(organizationId, { datasetId: id, limit: 1 })).length > 0;
}

/** Fields whose currency is the organization's, and in which contacts may already hold amounts. */
export async function listFollowing(
  view: CatalogView,
  organizationId: number,
): Promise<readonly string[]> {
  const filled = new Set<number>();
  for (const dataset of await view.listDatasets(organizationId)) {
    if (await mayFill(view, organizationId, dataset)) filled.add(dataset.id);
  }
  return (await view.listFields(organizationId))
    .filter(
      ({ type, currency, datasetId }) =>
        type === 'currency' && currency === null && filled.has(datasetId),
    )
    .map(({ name }) => name);
}

/** Turning content off is the only loss of a built-in field. */
export function builtInLoss(name: BuiltInFieldName): FieldLoss {
  return { field: { id: builtInFieldId(name), name }, change: 'content_off' };
}

const dayMs = 86_400_000;

/**
 * The losses that somebody would notice. Call it after all writes of the change.
 * @throws UsherError `definition_in_use` if rules use what would be lost; no confirmation helps
 */
export async function findUses(
  view: CatalogView,
  lost: {
    readonly organizationId: number;
    readonly losses: readonly FieldLoss[];
    readonly nowMs: number;
    /** Of the caller: an error names only what it may see. */
    readonly sight: TokenLists;
    /** Lends the contacts, to count amendments. Computed and built-in fields have none. */
    readonly contacts?: ContactLender;
  },
): Promise<readonly FieldUse[]> {
  const { organizationId, losses, nowMs, sight, contacts } = lost;
  if (losses.length === 0) return [];
  await requireNoRuleUsers(view, organizationId, losses.flatMap(ruleLossOf), sight);
  const reads = await view.listFieldReads(organizationId, nowMs - fieldUseDays * dayMs);
  const tokens = await view.listTokens(organizationId);
  const live = new Map(
    tokens.filter((token) => isLive(token, nowMs)).map((token) => [token.rowId, token]),
  );
  const noticed = losses.filter(({ isEmpty }) => isEmpty !== true);
  const gone = new Set(
    losses.flatMap(({ field, change }) => (change === 'dropped' ? field.id : [])),
  );
  const fields = (await view.listFields(organizationId)).filter(({ id }) => !gone.has(id));
  const ended = await countEnded(noticed, contacts, (reader) =>
    reader.countMisfits(organizationId, fields),
  );
  const uses = noticed.map(({ field, change }): FieldUse => {
    // Look-ups return content; only rules use conditions.
    const isRead = change !== 'condition_off';
    const readers = reads.filter(({ fieldId }) => isRead && fieldId === field.id);
    return {
      field: field.name,
      change,
      tokens: readers.flatMap(({ tokenRowId }) => {
        const token = live.get(tokenRowId);
        if (token === undefined) return [];
        const { id, lastCharacters, name, createdBy } = token;
        return [{ id, last_characters: lastCharacters, name, created_by: createdBy }];
      }),
      amendments: endsAmendments.has(change) ? (ended.get(field.id) ?? 0) : 0,
    };
  });
  // Amounts in another currency are wrong for every reader.
  return uses.filter(
    ({ tokens: readers, change, amendments }) =>
      readers.length > 0 || amendments > 0 || change === 'relabelled',
  );
}

const endsAmendments: ReadonlySet<FieldLoss['change']> = new Set(['dropped', 'retyped']);

/** By field id. Reads contacts only if a loss ends amendments. */
async function countEnded(
  losses: readonly FieldLoss[],
  contacts: ContactLender | undefined,
  count: (reader: ContactReader) => Promise<ReadonlyMap<number, number>>,
): Promise<ReadonlyMap<number, number>> {
  const mayEnd = losses.some(({ change }) => endsAmendments.has(change));
  return (mayEnd ? await contacts?.(count) : undefined) ?? new Map();
}

/** What the audit log says of amendments that the change ends. */
export function auditEnded(uses: readonly FieldUse[]): ChangeRecord[] {
  return uses
    .filter(({ amendments }) => amendments > 0)
    .map(({ field, amendments }) => ({
      ...{ action: 'field.end_amendments', target: field },
      ...{ before: { amendments }, after: { amendments: 0 } },
    }));
}

/** What rules lose. They may use a field that look-ups do not return. */
function ruleLossOf({ field, change }: FieldLoss): RuleLoss[] {
  if (change === 'content_off') return [];
  const words = `The field ${field.name} ${lossWords[change]}`;
  const loss = { kind: 'field', id: field.id, words } as const;
  if (change === 'condition_off') return [{ ...loss, neededBy: 'conditions' }];
  return [change === 'relabelled' ? { ...loss, neededBy: 'amounts' } : loss];
}

/** @throws UsherError `approval_required` with the member `uses` */
export function requireUnused(uses: readonly FieldUse[], force: boolean): void {
  if (uses.length === 0 || force) return;
  throw new UsherError(
    'approval_required',
    `${uses.map(wordsOf).join(' ')} To do it anyway, give --yes at the command line or "force": true over HTTP.`,
    { members: { uses } },
  );
}

const lossWords: Readonly<Record<FieldLoss['change'], string>> = {
  content_off: 'would no longer be returned',
  condition_off: 'could no longer be used by rules',
  dropped: 'would be gone',
  retyped: 'would get another type',
  relabelled: 'would show the present amounts in another currency, unconverted',
};

const maxShownReaders = 5;

export function wordsOf({ field, change, tokens, amendments }: FieldUse): string {
  const readers = tokens
    .slice(0, maxShownReaders)
    .map(
      ({ last_characters, name, created_by }) => `...${last_characters} (${name ?? created_by})`,
    );
  const left = tokens.length - readers.length;
  const more = left > 0 ? ` and ${left} more` : '';
  const read =
    tokens.length === 0
      ? ''
      : `, and tokens read it in the last ${fieldUseDays} days: ${readers.join(', ')}${more}`;
  const values = amendments === 1 ? 'amendment ends' : 'amendments end';
  const lost = amendments === 0 ? '' : ` ${amendments} ${values} with the next run.`;
  return `The field ${field} ${lossWords[change]}${read}.${lost}`;
}
