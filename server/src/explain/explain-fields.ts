/** Where the value of each field comes from, and what it overrode. */
import type { ContactCaller } from '../administration/contact/contact-caller.ts';
import { type IdentityView, identityViews } from '../administration/contact/identity-view.ts';
import type { HiddenRow, StoredContact } from '../administration/contact/stored-values.ts';
import { sightOf } from '../administration/token/actor-sight.ts';
import type { Dataset, OrganizationState } from '../domain/catalog-state.ts';
import type { Field } from '../domain/contact/field.ts';
import type { SourceDefinition } from '../domain/dataset/dataset-definition.ts';
import { ruleTextOf } from '../domain/rule/rule-text.ts';
import { judgeAge } from '../lookup/freshness.ts';
import { asOfOf } from '../stores/section-age.ts';
import { ruleNamesOf } from './explain-segments.ts';
import {
  type ExplainedValue,
  type ExplainedValues,
  timeOf,
  valuesOfRule,
} from './explain-values.ts';

/** A value that does not count. */
export interface OverriddenValue {
  /** `source`: a person amended it. `other_row`: another row of the dataset counts. */
  readonly by: 'source' | 'other_row';
  /** `null`: also if it is withheld or hidden. */
  readonly value: unknown;
  readonly is_withheld: boolean;
  /** For `other_row`: the key of the row, if the caller may see its type. */
  readonly key: IdentityView | null;
  /** RFC 3339; `null`: unknown. */
  readonly as_of: string | null;
}

export interface ExplainedField extends ExplainedValue {
  /** `null`: computed, or a built-in field. */
  readonly dataset: string | null;
  /** `import`: people import files by hand. */
  readonly source: SourceDefinition['kind'] | 'import' | null;
  readonly column: string | null;
  /** Whether the contact has a row in the dataset. */
  readonly has_row: boolean;
  /** The run that wrote the row; `null`: it was pushed, or the run is unknown. */
  readonly run: string | null;
  /** For a computed field. */
  readonly rule: string | null;
  /** What the rule itself uses. */
  readonly inputs: readonly ExplainedValue[];
  readonly overrode: readonly OverriddenValue[];
}

export interface FieldSources {
  readonly values: ExplainedValues;
  readonly builtIn: readonly ExplainedValue[];
  readonly stored: StoredContact;
  readonly hiddenRows: readonly HiddenRow[];
  /** When each dataset was last synced, by its id. */
  readonly asOfMs: ReadonlyMap<number, number | undefined>;
  readonly nowMs: number;
}

/** In order of creation, then the built-in fields. */
export async function explainFields(
  caller: ContactCaller,
  sources: FieldSources,
): Promise<readonly ExplainedField[]> {
  const { organization } = caller;
  const { values, stored, builtIn } = sources;
  const datasets = new Map([...organization.datasets.values()].map((it) => [it.id, it]));
  const runs = await findRuns(caller, stored);
  const names = ruleNamesOf(organization);
  const overridden = overriddenIn(caller, sources, datasets);
  const rows = new Set(stored.sections.map(({ datasetId }) => datasetId));
  const explained = [...organization.fields.values()].flatMap((field): ExplainedField[] => {
    const { id, name, datasetId, rule } = field;
    const value = values.get(id);
    if (value === undefined) return [];
    if (rule !== null) {
      const computed = { rule: ruleTextOf(rule, names), inputs: valuesOfRule(rule, values) };
      return [{ ...value, ...withoutDataset, ...computed }];
    }
    const { name: dataset = null, definition = null } = datasets.get(datasetId) ?? {};
    const column = definition?.columns.find((one) => one.field === name)?.column ?? null;
    return [
      {
        ...{ ...value, ...withoutDataset, dataset, column },
        source: definition === null ? null : (definition.source?.kind ?? 'import'),
        ...{ has_row: rows.has(datasetId), run: runs.get(datasetId) ?? null },
        overrode: overridden(field, value),
      },
    ];
  });
  return [...explained, ...builtIn.map((value) => ({ ...value, ...withoutDataset }))];
}

const withoutDataset = {
  ...{ dataset: null, source: null, column: null, has_row: false, run: null },
  ...{ rule: null, inputs: [], overrode: [] },
} as const satisfies Partial<ExplainedField>;

type Datasets = ReadonlyMap<number, Dataset>;

/** The runs that wrote the rows of the contact, by the id of the dataset. */
function findRuns(
  { administration, organization: { organization } }: ContactCaller,
  { sections }: StoredContact,
): Promise<ReadonlyMap<number, string>> {
  return administration.catalog.read(async (view) => {
    const runs = new Map<number, string>();
    for (const { datasetId, ownAsOf, writtenAtMs } of sections) {
      const isPushed = ownAsOf > 0;
      if (isPushed) continue;
      const run = await view.findRunAt(organization.id, datasetId, writtenAtMs);
      if (run !== undefined) runs.set(datasetId, run.id);
    }
    return runs;
  });
}

type Overridden = (field: Field, value: ExplainedValue) => readonly OverriddenValue[];

/** Values of a dataset that withholds old ones are withheld here, too. */
function overriddenIn(
  { administration, organization }: ContactCaller,
  { stored, hiddenRows, asOfMs, nowMs }: FieldSources,
  datasets: Datasets,
): Overridden {
  const show = identityViews(organization, sightOf(administration.actor));
  const amended = new Set(stored.amendments.map(({ fieldId }) => fieldId));
  const ages = new Map(
    stored.sections.map(({ datasetId, ownAsOf }) => [
      datasetId,
      asOfOf(ownAsOf, asOfMs.get(datasetId)),
    ]),
  );
  const valueIn = (json: string, datasetId: number, ageMs: number | undefined) => {
    const maxAge = datasets.get(datasetId)?.definition?.maxAge ?? null;
    const isWithheld = judgeAge(maxAge, ageMs, nowMs) === 'withheld';
    return {
      value: isWithheld ? null : (JSON.parse(json) as unknown),
      ...{ is_withheld: isWithheld, as_of: timeOf(ageMs) },
    };
  };
  return ({ id, datasetId }, { from }) => {
    const source = stored.values.find(({ fieldId }) => fieldId === id);
    const ofSource =
      amended.has(id) && source !== undefined
        ? [{ by: 'source', key: null, ...valueIn(source.json, datasetId, ages.get(datasetId)) }]
        : [];
    const ofRows = hiddenRows.flatMap((row) => {
      const found = row.values.find(({ fieldId }) => fieldId === id);
      if (found === undefined) return [];
      return [
        { by: 'other_row', key: show(row.key), ...valueIn(found.value, datasetId, row.asOfMs) },
      ];
    });
    const all = [...ofSource, ...ofRows] as OverriddenValue[];
    return from === 'hidden' ? all.map((one) => ({ ...one, value: null })) : all;
  };
}

/** The fields of the organization that a dataset fills, with a slot for each. */
export function storedFields({ fields }: OrganizationState) {
  return [...fields.values()]
    .filter(({ rule }) => rule === null)
    .map((field, slot) => ({ field, slot }));
}
