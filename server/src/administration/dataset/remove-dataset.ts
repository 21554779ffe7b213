/**
 * Removes a dataset from the catalog. A run in `sync/` first clears the dataset's values from the
 * store, because values of a dataset that the catalog does not know could never be found, shown or
 * erased.
 */
import type { CatalogChange, CatalogView, DatasetRecord } from '../../catalog/catalog.ts';
import { UsherError } from '../../domain/errors.ts';
import {
  type Actor,
  type Administration,
  changeIn,
  openOrganization,
  type Precondition,
  requirePrecondition,
} from '../administration.ts';
import {
  auditEnded,
  type FieldLoss,
  type FieldUse,
  findUses,
  requireUnused,
} from '../field-uses.ts';
import { type RuleLoss, requireNoRuleUsers } from '../rule/rule-users.ts';
import { fieldsOf, findSeenDataset, seesTokens, sightOf } from '../token/actor-sight.ts';
import { type DatasetView, findDatasetView } from './datasets.ts';
import type { WrittenDefinitions } from './define-dataset.ts';

export interface DatasetRemoval {
  readonly name: string;
  /** Whether to remove the dataset even if its fields are in use. */
  readonly force: boolean;
  /**
   * How many contacts still have values of the dataset's fields. Reports of a membership feed and
   * identity rows do not count.
   */
  readonly sections: number;
  /** Whether a run has just cleared the dataset's reports or identity rows. */
  readonly isCleared?: boolean;
  readonly precondition?: Precondition<DatasetView>;
}

/**
 * Checks a removal before its values are cleared.
 * @throws UsherError `resource_not_found`, `scope_missing`, `approval_required` while a token may
 *   push only to this dataset, `definition_in_use` while a rule uses it or one of its fields
 */
export async function planRemoval(
  administration: Administration,
  organizationId: number,
  name: string,
): Promise<{ readonly dataset: DatasetRecord; readonly uses: readonly FieldUse[] }> {
  const { catalog, actor, clock, contacts } = administration;
  return catalog.read(async (view) => {
    await openOrganization(view, actor, organizationId, 'admin:write');
    const dataset = await findSeenDataset(view, actor, organizationId, name);
    await requireNoPushTokens(view, { actor, organizationId, dataset: name });
    const fields = fieldsOf(dataset.id, await view.listFields(organizationId));
    const losses = fields.map((field): FieldLoss => ({ field, change: 'dropped' }));
    const sight = sightOf(actor);
    await requireNoRuleUsers(view, organizationId, [listGone(dataset)], sight);
    const lost = { organizationId, losses, nowMs: clock(), sight, contacts };
    return { dataset, uses: await findUses(view, lost) };
  });
}

/**
 * @throws UsherError `approval_required` while contacts have values of the dataset, while a token
 *   may push only to this dataset, or while its fields are in use and `force` is false;
 *   `resource_not_found`, `scope_missing`
 */
export async function removeDataset(
  administration: Administration,
  organizationId: number,
  removal: DatasetRemoval,
): Promise<void> {
  const { name, sections, force, isCleared = false, precondition } = removal;
  if (sections > 0) throw new UsherError('approval_required', stillHeld(name, sections));
  const { actor, contacts } = administration;
  await changeIn(administration, organizationId, async (change, _, nowMs) => {
    const dataset = await findSeenDataset(change, actor, organizationId, name);
    const view = await findDatasetView(change, organizationId, name);
    if (view !== undefined) requirePrecondition(precondition, view);
    const mayBeHeld = !isCleared && (await mayHold(change, organizationId, dataset));
    if (mayBeHeld) throw new UsherError('approval_required', rowsStillHeld(dataset));
    const { audit, losses, gone } = await writeRemoval(change, { actor, organizationId, dataset });
    const sight = sightOf(actor);
    await requireNoRuleUsers(change, organizationId, gone, sight);
    const uses = await findUses(change, { organizationId, losses, nowMs, sight, contacts });
    requireUnused(uses, force);
    return { result: undefined, audit: [...audit, ...auditEnded(uses)] };
  });
}

/** Removes the dataset with its fields, runs and commits. The audit log keeps its definition. */
export async function writeRemoval(
  change: CatalogChange,
  {
    actor,
    organizationId,
    dataset,
  }: {
    readonly actor: Actor;
    readonly organizationId: number;
    readonly dataset: DatasetRecord;
  },
): Promise<WrittenDefinitions> {
  const { id, name } = dataset;
  await requireNoPushTokens(change, { actor, organizationId, dataset: name });
  const before = (await findDatasetView(change, organizationId, name))?.definition ?? null;
  const losses: FieldLoss[] = [];
  for (const field of fieldsOf(id, await change.listFields(organizationId))) {
    await change.deleteField(organizationId, field.name);
    losses.push({ field, change: 'dropped' });
  }
  await change.deleteDataset(organizationId, name);
  const audit = [{ action: 'dataset.remove', target: name, before, after: null }];
  return { audit, losses, gone: [listGone(dataset)] };
}

function listGone({ id, name }: DatasetRecord): RuleLoss {
  return { kind: 'list', id, words: `The dataset ${name} would be gone` };
}

/**
 * Refuses the removal while a token may push only to this dataset: the token could later push to a
 * new dataset of the same name.
 */
async function requireNoPushTokens(
  view: CatalogView,
  {
    actor,
    organizationId,
    dataset,
  }: { readonly actor: Actor; readonly organizationId: number; readonly dataset: string },
): Promise<void> {
  const tokens = await view.listTokens(organizationId);
  const bound = tokens.filter((token) => token.dataset === dataset && token.revokedAtMs === null);
  if (bound.length === 0) return;
  const names = bound.map(({ id, lastCharacters }) => `${id} (...${lastCharacters})`).join(', ');
  const why = `may push to ${dataset} only, and could push to a later dataset of this name`;
  const count = bound.length === 1 ? '1 token' : `${bound.length} tokens`;
  throw new UsherError(
    'approval_required',
    seesTokens(actor)
      ? `These tokens ${why}: ${names}. Revoke them first: usher token revoke ID`
      : `${count} ${why}. Ask somebody who may see all tokens to revoke them first.`,
  );
}

/**
 * Whether contacts may hold reports of the dataset, or identities that its rows join. Neither is
 * counted, but without a run there are none.
 */
export async function mayHold(
  view: CatalogView,
  organizationId: number,
  { id, definition }: DatasetRecord,
): Promise<boolean> {
  if (definition?.kind !== 'membership' && definition?.kind !== 'identity') return false;
  const runs = await view.listRuns(organizationId, { datasetId: id, limit: 1 });
  return runs.length > 0;
}

export function rowsStillHeld({ name, definition }: DatasetRecord): string {
  const rows =
    definition?.kind === 'identity'
      ? `Rows of ${name} may still join contacts.`
      : `Contacts may still hold reports of ${name}.`;
  return `${rows} \`usher dataset remove ${name}\` clears them first.`;
}

export function stillHeld(name: string, sections: number): string {
  const contacts = sections === 1 ? '1 contact still holds' : `${sections} contacts still hold`;
  return `${contacts} values of the dataset ${name}. \`usher dataset remove ${name}\` clears them first.`;
}
