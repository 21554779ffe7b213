/** From a file to staged rows and a plan that fits them: opens the source, tells its columns, stages it, and tells again where the whole column says otherwise. */
import { basename } from 'node:path';
import { UsherError } from '../domain/errors.ts';
import { typeSampleRows } from '../domain/limits.ts';
import type { RowMapping } from '../domain/source-row.ts';
import type { Source, SourceRejection, SourceRelation } from '../sources/source.ts';
import { SourceMalformed } from '../sources/source-malformed.ts';
import type { Workbench } from '../sources/workbench.ts';
import { type ImportPlan, type KnownDefinitions, mappingOf, planImport } from './import-plan.ts';
import type { ImportRequest } from './import-request.ts';
import type { SampledColumn } from './infer-identity.ts';
import { widenFormat } from './infer-type.ts';
import { addRejections, type StagedRows, stageRows } from './stage-rows.ts';

export interface StageInput {
  readonly workbench: Workbench;
  readonly source: Source;
  readonly request: ImportRequest;
  readonly known: KnownDefinitions;
  readonly onBytes?: (bytes: number) => void;
}

export interface StagedImport {
  readonly plan: ImportPlan;
  readonly mapping: RowMapping;
  readonly rowsRead: number;
  /** Rows that are no rows: whom they name, nobody can say. */
  readonly unreadableRows: number;
  /** For people, a sentence each. */
  readonly notes: readonly string[];
}

/** A column widens at most from integer over float to text. */
const maxRounds = 4;

/** @throws UsherError `definition_invalid`, `source_unavailable`, `storage_full` */
export async function stageImport(input: StageInput): Promise<StagedImport> {
  try {
    return await openAndStage(input);
  } finally {
    // Whatever came of it: of a source that changed meanwhile nothing counts.
    await input.source.confirm?.();
  }
}

async function openAndStage(input: StageInput): Promise<StagedImport> {
  const rejections: SourceRejection[] = [];
  const options = {
    workbench: input.workbench,
    onRejection: (rejection: SourceRejection) => rejections.push(rejection),
    ...(input.onBytes !== undefined && { onProgress: input.onBytes }),
  };
  try {
    return await stageRelation(input, await input.source.open(options), rejections);
  } catch (cause) {
    if (!(cause instanceof SourceMalformed)) throw cause;
  }
  rejections.length = 0;
  try {
    return await stageRelation(input, await input.source.openCarefully(options), rejections);
  } catch (cause) {
    if (!(cause instanceof SourceMalformed)) throw cause;
    const name = basename(input.request.path);
    throw new UsherError('definition_invalid', `${name} cannot be read as ${input.source.kind}.`, {
      cause,
    });
  }
}

async function stageRelation(
  input: StageInput,
  relation: SourceRelation,
  rejections: readonly SourceRejection[],
): Promise<StagedImport> {
  const { workbench, request, known, source } = input;
  const sample = await readSample(workbench, relation);
  if (sample.every(({ texts }) => texts.length === 0)) throw withoutRows(request, rejections);
  let plan = planImport({ request, sourceName: source.name, sample, known });
  for (let round = 1; ; round += 1) {
    const mapping = mappingOf(plan);
    const staged = await stageRows(workbench, relation, mapping, signatureOf(plan));
    const widened = round < maxRounds ? widenPlan(plan, { mapping, staged, sample }) : plan;
    if (widened === plan) {
      await addRejections(workbench, rejections);
      const rowsRead = staged.rowsRead + rejections.length;
      const unreadableRows = rejections.length;
      return { plan, mapping, rowsRead, unreadableRows, notes: relation.notes };
    }
    plan = widened;
  }
}

/** All that a row's hash stands for besides its values: into which fields they go, and under which types of identity. */
function signatureOf(plan: ImportPlan): string {
  const { fields, identifiers } = mappingOf(plan);
  const names = new Map(plan.columns.map(({ column, field }) => [column, field]));
  return JSON.stringify([
    identifiers.map(({ identityType }) => identityType.id),
    fields.map(({ column, type }) => [names.get(column), type]),
  ]);
}

/** The same plan where all that was told fits well enough. */
function widenPlan(
  plan: ImportPlan,
  {
    mapping,
    staged,
    sample,
  }: { mapping: RowMapping; staged: StagedRows; sample: readonly SampledColumn[] },
): ImportPlan {
  let isSame = true;
  const columns = plan.columns.map((planned) => {
    const place = mapping.fields.findIndex(({ cell }) => cell === planned.cell);
    const count = staged.misfitCounts.get(place) ?? 0;
    if (planned.field === null || planned.known !== undefined || count === 0) return planned;
    if (planned.format.tolerance === 1) return planned;
    const format = widenFormat(planned.format, {
      misfits: staged.misfits.get(place) ?? [],
      share: count / staged.rowsRead,
      sample: sample[planned.cell]?.texts ?? [],
    });
    if (format === planned.format) return planned;
    isSame = false;
    return { ...planned, format };
  });
  return isSame ? plan : { ...plan, columns };
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
  return relation.columns.map((column, place) => ({ column, texts: texts[place] ?? [] }));
}

/** Columns that are empty where the others are sampled: their first values, from wherever they are. */
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
