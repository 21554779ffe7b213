/** The fields of a contact by where they come from: datasets, rules, and other tools. */
import type { ExplainedField } from './use-contact.ts';

export interface FieldsOfOne {
  /** `null`: no dataset fills them. */
  readonly dataset: string | null;
  readonly label: string;
  /** Where the dataset's rows come from. */
  readonly source: string;
  readonly run: string | null;
  readonly asOf: string | null;
  /** Whether the contact has no row in the dataset, and nothing of it from elsewhere. */
  readonly isAbsent: boolean;
  readonly fields: readonly ExplainedField[];
}

export function groupFields(fields: readonly ExplainedField[]): FieldsOfOne[] {
  const byPlace = Map.groupBy(fields, placeOf);
  const groups = [...byPlace].map(([label, own]) => {
    const [first] = own;
    const withRow = own.find(({ has_row }) => has_row);
    return {
      dataset: first?.dataset ?? null,
      label,
      source: sourceWords[first?.source ?? ''] ?? '',
      run: withRow?.run ?? null,
      asOf: newest(own),
      isAbsent: own.every(isAbsent),
      fields: own.toSorted((one, other) => Number(isBare(one)) - Number(isBare(other))),
    };
  });
  // Datasets first, then what is computed and reported.
  return groups.toSorted(
    (one, other) => Number(one.dataset === null) - Number(other.dataset === null),
  );
}

/** Whether the contact has no value of its own in the field, and nothing implies one. */
export function isBare({ from, value }: ExplainedField): boolean {
  return from === 'implied' && value === null;
}

function isAbsent({ dataset, from, has_row }: ExplainedField): boolean {
  return dataset !== null && !has_row && (from === 'implied' || from === 'hidden');
}

function placeOf({ dataset, from }: ExplainedField): string {
  if (dataset !== null) return dataset;
  return from === 'reported' ? 'Reported by other tools' : 'Computed by rules';
}

function newest(fields: readonly ExplainedField[]): string | null {
  const times = fields.flatMap(({ as_of, has_row }) => (as_of === null || !has_row ? [] : [as_of]));
  return times.toSorted().at(-1) ?? null;
}

const sourceWords: Readonly<Record<string, string>> = {
  file: 'File',
  query: 'Query',
  upload: 'Uploaded file',
  postgres: 'PostgreSQL',
  mysql: 'MySQL',
  sqlite: 'SQLite',
  http: 'HTTP feed',
  push: 'Push',
  import: 'Imported file',
};
