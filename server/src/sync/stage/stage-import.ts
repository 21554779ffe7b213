/** Stages a file for an import: plans its columns, stages the rows and corrects the plan. */
import { basename } from 'node:path';
import type { IdentityType } from '../../domain/contact/identity-type.ts';
import { UsherError } from '../../domain/errors.ts';
import type { Source, SourceRejection, SourceRelation } from '../../sources/source.ts';
import type { Workbench } from '../../sources/workbench.ts';
import type { BaselinePlace } from '../compare/baseline.ts';
import type { ImportRequest } from '../import-request.ts';
import { correctPlan, settlePlan } from '../infer/correct-plan.ts';
import {
  filledColumns,
  type ImportPlan,
  type KnownDefinitions,
  mappingOf,
  planImport,
} from '../infer/import-plan.ts';
import type { SampledColumn } from '../infer/infer-identity.ts';
import { typeSampleRows } from '../limits.ts';
import {
  confirmed,
  firstWellFormed,
  type OpenedSource,
  type Opening,
  openSource,
} from './open-either-way.ts';
import { sharedIdentityNotes } from './shared-identities.ts';
import { viewRows } from './stage-rows.ts';
import { type StagedSource, stageSource } from './stage-source.ts';

export interface StageInput extends Opening {
  readonly request: ImportRequest;
  readonly known: KnownDefinitions;
}

/** An opened source, and the plan that was made from its first rows. */
export interface PlannedImport extends OpenedSource {
  readonly plan: ImportPlan;
  /** For people, a sentence each. */
  readonly notes: readonly string[];
  /** Whether the plan is final, whatever the rest of the source shows. */
  readonly isSettled: boolean;
  readonly sample: readonly SampledColumn[];
}

export interface StagedImport extends StagedSource {
  readonly plan: ImportPlan;
  readonly notes: readonly string[];
}

/**
 * A column may be inferred in turn as an integer, as a float, with another decimal separator, and
 * as text.
 */
const maxRounds = 5;

/** @throws UsherError `definition_invalid`, `parameter_invalid`, `storage_full` */
export async function openImport(input: StageInput): Promise<PlannedImport> {
  return firstWellFormed(sourceOf(input), [
    () => planOpened(input, false),
    () => planOpened(input, true),
  ]);
}

/**
 * Stages the whole source, and corrects the plan with it. If the plan is final, compares the rows
 * with `before`.
 * @throws UsherError `definition_invalid`, `source_unavailable`, `storage_full`
 */
export async function stageImport(
  input: StageInput,
  planned: PlannedImport,
  before?: BaselinePlace,
): Promise<StagedImport> {
  const again = async () => stagePlanned(input, await planOpened(input, true), before);
  return confirmed(input.source, () =>
    firstWellFormed(sourceOf(input), [
      () => stagePlanned(input, planned, before),
      ...(planned.isCareful ? [] : [again]),
    ]),
  );
}

/** The staged rows under the identity types that were made since. */
export async function withMadeTypes(
  workbench: Workbench,
  staged: StagedImport,
  types: readonly IdentityType[],
): Promise<StagedImport> {
  if (staged.plan.inferredKey?.isNewType !== true) return staged;
  const identifiers = staged.mapping.identifiers.map((identifier) => {
    const made = types.find(({ name }) => name === identifier.identityType.name);
    return made === undefined ? identifier : { ...identifier, identityType: made };
  });
  const mapping = { ...staged.mapping, identifiers };
  const rows = await viewRows(workbench, mapping, staged.tables);
  return { ...staged, mapping, tables: { ...staged.tables, ...rows } };
}

/** Errors name the file as the command does. */
function sourceOf({ request, source }: StageInput): Pick<Source, 'name' | 'kind'> {
  return { name: basename(request.path), kind: source.kind };
}

async function planOpened(input: StageInput, isCareful: boolean): Promise<PlannedImport> {
  const { workbench, request, known, source } = input;
  const opened = await openSource(input, isCareful);
  const { relation, rejections } = opened;
  const sample = await readSample(workbench, relation);
  if (sample.every(({ texts }) => texts.length === 0)) throw withoutRows(request, rejections);
  const plan = planImport({ request, sourceName: source.name, sample, known });
  const isSettled =
    plan.dataset !== undefined &&
    plan.columns.every((column) => column.field === null || column.known !== undefined);
  return { ...opened, plan, notes: relation.notes, isSettled, sample };
}

async function stagePlanned(
  { workbench, known }: StageInput,
  planned: PlannedImport,
  place: BaselinePlace | undefined,
): Promise<StagedImport> {
  const { relation, rejections, notes } = planned;
  const { organization } = known;
  let { plan, sample } = planned;
  for (let round = 1; ; round += 1) {
    const mapping = mappingOf(plan);
    const fieldIds = filledColumns(plan).map(({ known }) => known?.id ?? 0);
    const before = planned.isSettled ? place : undefined;
    const meaning = { repeats: 'last', isFoundByAny: false } as const;
    const options = { workbench, mapping, fieldIds, rejections, before, ...meaning };
    const staged = await stageSource(relation, options);
    const told = { plan, sample, mapping, staged };
    const again =
      round < maxRounds
        ? await correctPlan({ workbench, relation, organization }, told, round === maxRounds - 1)
        : told;
    if (again.plan === plan) {
      const settled = settlePlan(plan, organization);
      const shared = planned.isSettled
        ? []
        : await sharedIdentityNotes(workbench, staged.tables, mapping);
      const told = { plan: settled, notes: [...notes, ...shared] };
      return { ...staged, ...told, mapping: mappingOf(settled) };
    }
    ({ plan, sample } = again);
  }
}

async function readSample(
  workbench: Workbench,
  relation: SourceRelation,
): Promise<SampledColumn[]> {
  const texts: string[][] = relation.columns.map(() => []);
  const cells = relation.columns.map((_, place) => `c${place}`).join(', ');
  const lines = `SELECT concat(CAST(json_array(${cells}) AS VARCHAR), chr(10))
    FROM (SELECT * FROM ${relation.sql} LIMIT ${typeSampleRows})`;
  for await (const bytes of workbench.bytes(lines)) {
    for (const line of bytes.toString('utf8').split('\n')) {
      if (line === '') continue;
      for (const [place, text] of (JSON.parse(line) as (string | null)[]).entries()) {
        texts[place]?.push(text ?? '');
      }
    }
  }
  await fillEmptySamples(workbench, relation, texts);
  return relation.columns.map((column, place) => ({
    column,
    texts: texts[place] ?? [],
    isDouble: relation.doubles?.has(place) === true,
  }));
}

/** Fetches values of columns that are empty in the sample. */
async function fillEmptySamples(
  workbench: Workbench,
  relation: SourceRelation,
  texts: string[][],
): Promise<void> {
  const empty = texts.flatMap((column, place) =>
    column.length >= typeSampleRows && column.every((text) => text.trim() === '') ? [place] : [],
  );
  if (empty.length === 0) return;
  const lists = empty.map(
    (place) => `to_json(list(c${place}) FILTER (trim(c${place}) <> '')[:100])`,
  );
  const [row] = await workbench.rows(`SELECT ${lists.join(', ')} FROM ${relation.sql}`);
  for (const [place, column] of empty.entries()) {
    const found = row?.[place];
    if (typeof found === 'string') texts[column]?.push(...(JSON.parse(found) as string[]));
  }
}

function withoutRows(request: ImportRequest, rejections: readonly SourceRejection[]): UsherError {
  const name = basename(request.path);
  const [first] = rejections;
  return new UsherError(
    'definition_invalid',
    first === undefined
      ? `${name} has a header and no rows.`
      : `None of the ${rejections.length} rows of ${name} can be used: row ${first.row} ${first.reason}.`,
  );
}
