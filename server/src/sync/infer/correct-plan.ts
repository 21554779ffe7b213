/**
 * Corrects a plan with the whole source: infers a column again if later values do not fit. The
 * column is text if no type keeps all values.
 */
import type { OrganizationRecord } from '../../catalog/catalog.ts';
import type { RowMapping } from '../../domain/dataset/source-row.ts';
import { isEmptyValue } from '../../domain/value/field-value.ts';
import type { SourceRelation } from '../../sources/source.ts';
import type { Workbench } from '../../sources/workbench.ts';
import type { StagedRows } from '../stage/stage-rows.ts';
import type { ColumnFormat } from './column-format.ts';
import { declaredFormat, withCurrency } from './declared-type.ts';
import { type ImportPlan, inferOptionsOf, type PlannedColumn } from './import-plan.ts';
import type { SampledColumn } from './infer-identity.ts';
import { inferAgain, settleFormat } from './infer-type.ts';

export interface CorrectedPlan {
  /** The same object if all columns fit. */
  readonly plan: ImportPlan;
  /** The values that the columns were inferred from. */
  readonly sample: readonly SampledColumn[];
}

export interface StagedPlan {
  readonly plan: ImportPlan;
  readonly sample: readonly SampledColumn[];
  readonly mapping: RowMapping;
  readonly staged: Pick<StagedRows, 'misfits' | 'misfitCounts'>;
}

export interface CorrectionInput {
  readonly workbench: Workbench;
  readonly relation: SourceRelation;
  readonly organization: OrganizationRecord;
}

/** @param isLast the last round: a column that still does not fit becomes text */
export async function correctPlan(
  place: CorrectionInput,
  inferred: StagedPlan,
  isLast: boolean,
): Promise<CorrectedPlan> {
  const { plan } = inferred;
  const sample = [...inferred.sample];
  const columns: PlannedColumn[] = [];
  for (const planned of plan.columns) {
    const misfits = misfitsOf(planned, inferred);
    const again = misfits === undefined ? undefined : await correctColumn(place, misfits, isLast);
    columns.push(again === undefined ? planned : { ...planned, format: again.format });
    if (again !== undefined) sample[planned.cell] = again.sampled;
  }
  const isSame = columns.every(({ format }, at) => format === plan.columns[at]?.format);
  return { plan: isSame ? plan : { ...plan, columns }, sample };
}

/** Ends the inference of all new columns. */
export function settlePlan(plan: ImportPlan, { locale }: OrganizationRecord): ImportPlan {
  const columns = plan.columns.map((planned) =>
    planned.known === undefined
      ? { ...planned, format: settleFormat(planned.format, locale) }
      : planned,
  );
  return { ...plan, columns };
}

interface ColumnMisfits {
  readonly planned: PlannedColumn;
  readonly sampled: SampledColumn;
  readonly texts: readonly string[];
  readonly count: number;
}

function misfitsOf(
  planned: PlannedColumn,
  { mapping, staged, sample }: StagedPlan,
): ColumnMisfits | undefined {
  const sampled = sample[planned.cell];
  const place = mapping.fields.findIndex(({ cell }) => cell === planned.cell);
  const texts = staged.misfits.get(place) ?? [];
  const isFixed = planned.field === null || planned.known !== undefined;
  if (isFixed || sampled === undefined || texts.length === 0) return undefined;
  return { planned, sampled, texts, count: staged.misfitCounts.get(place) ?? 0 };
}

async function correctColumn(
  place: CorrectionInput,
  { planned, sampled, texts, count }: ColumnMisfits,
  isLast: boolean,
): Promise<{ readonly format: ColumnFormat; readonly sampled: SampledColumn }> {
  const { format, declared, column, field } = planned;
  const options = inferOptionsOf(place.organization, field);
  if (declared !== undefined) {
    const all = isLast ? sampled.texts : [...sampled.texts, ...texts];
    const inferred = isLast ? format : inCurrencyOf(place, declaredFormat(declared, all, options));
    return {
      format: isSame(inferred, format) ? format : inferred,
      sampled: { ...sampled, texts: all },
    };
  }
  const share = count / (await countValues(place, planned, { sampled, count }));
  const seen = { column, format, texts: sampled.texts, misfits: texts, share };
  const inferred = inferAgain(seen, options);
  const isOpen = isLast && inferred.format !== format;
  const asText = { type: 'text', options: { timeZone: options.timeZone }, tolerance: 0 } as const;
  return {
    format: isOpen ? asText : inferred.format,
    sampled: { ...sampled, texts: inferred.texts },
  };
}

/**
 * The number of values, or enough of them to decide whether the misfits are few. Counts the column
 * only if the sample is too small.
 */
async function countValues(
  { workbench, relation }: CorrectionInput,
  { cell, format }: PlannedColumn,
  { sampled, count }: { readonly sampled: SampledColumn; readonly count: number },
): Promise<number> {
  const seen = sampled.texts.filter((text) => !isEmptyValue(format.type, text)).length;
  if (format.tolerance === 0 || count <= seen * format.tolerance) return Math.max(seen, count);
  const [found] = await workbench.rows(
    `SELECT count(*) FROM ${relation.sql} WHERE trim(c${cell}) <> ''`,
  );
  return Math.max(Number(found?.[0] ?? 0), count);
}

/** Amounts without a currency of their own are in the organization's currency. */
function inCurrencyOf({ organization }: CorrectionInput, format: ColumnFormat): ColumnFormat {
  const amounts = { type: format.type, currency: format.currency ?? null };
  return { ...format, options: withCurrency(format.options, amounts, organization) };
}

function isSame(one: ColumnFormat, other: ColumnFormat): boolean {
  return JSON.stringify([one.options, one.note]) === JSON.stringify([other.options, other.note]);
}
