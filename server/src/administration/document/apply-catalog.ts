/**
 * Applies a catalog document in one change of the catalog. Definitions that the document does not
 * name stay, unless `prune` is set. A dry run does the same, then rolls the change back.
 */
import type { CatalogView, OrganizationRecord } from '../../catalog/catalog.ts';
import { builtInIdentityTypes } from '../../domain/contact/identity-type.ts';
import { UsherError } from '../../domain/errors.ts';
import {
  type Administration,
  changeIn,
  moverOf,
  openOrganization,
  readIn,
} from '../administration.ts';
import {
  type ForeseenMoves,
  foreseeMoves,
  nothingForeseen,
  readBefore,
} from '../approval/guard-moves.ts';
import type { Document } from '../dataset/dataset-view.ts';
import {
  nothingWritten,
  type WrittenDefinitions,
  writeDataset,
} from '../dataset/define-dataset.ts';
import { DefinitionProblems } from '../dataset/definition-problems.ts';
import { mayHold, rowsStillHeld, stillHeld, writeRemoval } from '../dataset/remove-dataset.ts';
import {
  auditEnded,
  type FieldUse,
  findUses,
  listFollowing,
  requireUnused,
} from '../field-uses.ts';
import { requireNoFlowUsers } from '../flow/flows.ts';
import { requireSameCurrencies } from '../rule/field-currencies.ts';
import { noteWarnings } from '../rule/new-warnings.ts';
import { readRuleBook } from '../rule/rule-book.ts';
import { requireNoRuleUsers } from '../rule/rule-users.ts';
import { sightOf } from '../token/actor-sight.ts';
import { applyIdentityTypes, checkOneStable, pruneIdentityTypes } from './apply-identity-types.ts';
import { applyRules, pruneRules } from './apply-rules.ts';
import {
  type ApplyStep,
  applyBuiltInContent,
  applyOrganization,
  applyTrust,
} from './apply-settings.ts';
import { catalogDocumentVersion, catalogMembers, viewCatalog } from './catalog-document.ts';
import { readDatasetDocument } from './dataset-document.ts';
import { type DocumentDifference, diffDocuments } from './document-diff.ts';
import { DocumentReader } from './document-reader.ts';

export interface ApplyRequest {
  /** Plain values, or Maps where the author of the document chooses the names of members. */
  readonly document: unknown;
  /** Whether to remove what the document does not name. */
  readonly prune: boolean;
  /** Whether to make the change even if it affects fields in use. */
  readonly force: boolean;
  readonly dryRun: boolean;
  /**
   * The organization's revision that the caller saw. If it has changed since, nothing is applied.
   * `undefined` accepts any revision.
   */
  readonly revision?: number;
  /** Reads the catalog after the change, also in a dry run. */
  readonly onApplied?: (view: CatalogView) => Promise<void>;
  /** How many contacts still have values of a dataset that would be removed. */
  readonly sectionsOf: (datasetId: number) => Promise<number>;
}

export interface AppliedCatalog {
  /** The organization's revision before the change. */
  readonly revision: number;
  readonly differences: readonly DocumentDifference[];
  /** Fields in use that the change affects. */
  readonly uses: readonly FieldUse[];
  /** In a dry run. */
  readonly moves: ForeseenMoves;
  /**
   * If the organization's currency changes: the fields whose amounts are in that currency, because
   * the fields have none of their own.
   */
  readonly relabelled: readonly string[];
  /** What computed fields newly show of hidden fields, each with the name of the field. */
  readonly warnings: readonly string[];
  /** JSON pointers to definitions that stay although the document does not name them. */
  readonly kept: readonly string[];
}

/**
 * @throws UsherError `definition_invalid` with every problem, `revision_conflict`,
 *   `approval_required` when fields in use would be lost, `definition_in_use` when rules use them,
 *   `scope_missing`, `resource_not_found`
 */
export async function applyCatalog(
  administration: Administration,
  organizationId: number,
  request: ApplyRequest,
): Promise<AppliedCatalog> {
  return changeIn(administration, organizationId, async (change, organization, atMs) => {
    requireRevision(organization, request.revision);
    const before = await viewCatalog(change, organization);
    const warned = await noteWarnings(change, organizationId, administration.actor);
    const rules = request.dryRun ? await readBefore(change, organization) : undefined;
    const problems = new DefinitionProblems();
    const place = new DocumentReader(request.document, '', problems);
    const step = {
      change,
      organization,
      place,
      administration,
      atMs,
      audit: [],
      losses: [],
      gone: [],
      goneFlows: [],
    };
    await writeCatalog(step, request);
    problems.throwIfAny();
    const sight = sightOf(administration.actor);
    await requireNoRuleUsers(change, organizationId, step.gone, sight);
    await requireNoFlowUsers(change, organizationId, step.goneFlows);
    const { actor, contacts } = administration;
    const lost = { organizationId, losses: step.losses, nowMs: atMs, sight, contacts };
    const uses = await findUses(change, lost);
    if (!request.dryRun) requireUnused(uses, request.force);
    const changed = await openOrganization(change, actor, organizationId, 'admin:write');
    const after = await viewCatalog(change, changed);
    const currencies = { from: organization, to: changed };
    requireSameCurrencies(await readRuleBook(change, organizationId), currencies, sight);
    const isSameCurrency = changed.currency === organization.currency;
    const relabelled = isSameCurrency ? [] : await listFollowing(change, organizationId);
    await request.onApplied?.(change);
    const { revision } = organization;
    const differences = diffDocuments(before, after);
    const mover = moverOf(administration, organizationId);
    const moves = rules === undefined ? nothingForeseen : await foreseeMoves(change, rules, mover);
    const warnings = await warned.newWarnings();
    const kept = keptIn(after, place);
    const result = { revision, differences, uses, moves, relabelled, warnings, kept };
    return { result, audit: request.dryRun ? [] : [...step.audit, ...auditEnded(uses)] };
  });
}

/** @throws UsherError `scope_missing`, `resource_not_found` */
export async function exportCatalog(
  administration: Administration,
  organizationId: number,
): Promise<Document> {
  return readIn(administration, organizationId, viewCatalog);
}

function requireRevision(organization: OrganizationRecord, revision: number | undefined): void {
  if (revision === undefined || revision === organization.revision) return;
  throw new UsherError(
    'revision_conflict',
    'Somebody else has changed the catalog since the differences were shown. Run the command again to see the new differences.',
    { members: { revision: organization.revision } },
  );
}

async function writeCatalog(step: ApplyStep, request: ApplyRequest): Promise<void> {
  const { place } = step;
  if (!place.takes(catalogMembers)) return;
  const version = place.member('version');
  if (version.value !== catalogDocumentVersion) {
    version.fail(`Give version: ${catalogDocumentVersion}. There is no other version.`);
  }
  await applyOrganization(step);
  await applyIdentityTypes(step);
  await applyBuiltInContent(step);
  const datasets = place.member('datasets').entries('names of datasets, each with its definition');
  if (request.prune) await pruneRules(step);
  if (request.prune) await pruneDatasets(step, new Set(datasets.map(([name]) => name)), request);
  for (const [name, dataset] of datasets) {
    note(step, await applyDataset(step, { name, dataset, prune: request.prune }));
  }
  await applyRules(step);
  if (request.prune) await pruneIdentityTypes(step);
  await checkOneStable(step);
  await applyTrust(step);
}

function note(step: ApplyStep, written: WrittenDefinitions): void {
  step.audit.push(...written.audit);
  step.losses.push(...written.losses);
  step.gone.push(...written.gone);
}

async function applyDataset(
  step: ApplyStep,
  wanted: { readonly name: string; readonly dataset: DocumentReader; readonly prune: boolean },
): Promise<WrittenDefinitions> {
  const { problems } = step.place;
  const countBefore = problems.count;
  const read = readDatasetDocument(wanted.dataset, wanted.name);
  if (problems.count > countBefore) return nothingWritten;
  const { change, organization } = step;
  const request = { ...read, keepsOthers: !wanted.prune };
  const subject = { organization, request, problems: problems.below(wanted.dataset.path) };
  return writeDataset(change, subject, step);
}

async function pruneDatasets(
  step: ApplyStep,
  named: ReadonlySet<string>,
  request: ApplyRequest,
): Promise<void> {
  const { change, organization, place } = step;
  for (const dataset of await change.listDatasets(organization.id)) {
    if (named.has(dataset.name) || dataset.definition === null) continue;
    const sections = await request.sectionsOf(dataset.id);
    if (sections > 0) {
      place.problems.add('/datasets', stillHeld(dataset.name, sections));
      continue;
    }
    if (await mayHold(change, organization.id, dataset)) {
      place.problems.add('/datasets', rowsStillHeld(dataset));
      continue;
    }
    const { actor } = step.administration;
    note(step, await writeRemoval(change, { actor, organizationId: organization.id, dataset }));
  }
}

/** Definitions that the document does not name. */
function keptIn(after: Document, place: DocumentReader): readonly string[] {
  const kept: string[] = [];
  const compare = (document: unknown, at: DocumentReader, depth: readonly string[]) => {
    for (const [name, value] of Object.entries((document ?? {}) as Document)) {
      const below = at.member(name);
      if (below.value === undefined) kept.push(below.path);
      else if (depth.length > 0) {
        const [member = ''] = depth;
        compare((value as Document)[member], below.member(member), depth.slice(1));
      }
    }
  };
  const types = Object.entries((after['identity_types'] ?? {}) as Document);
  const own = types.filter(([name]) => builtInIdentityTypes.every((type) => type.name !== name));
  compare(Object.fromEntries(own), place.member('identity_types'), []);
  compare(after['datasets'], place.member('datasets'), ['fields']);
  compare(after['computed_fields'], place.member('computed_fields'), []);
  for (const member of ['segments', 'flows', 'exclusion_groups']) {
    compare(after[member], place.member(member), []);
  }
  return kept;
}
