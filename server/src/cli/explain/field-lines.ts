/** Where the values of a contact come from, in words. */
import type { ExplainedField, OverriddenValue } from '../../explain/explain-fields.ts';
import { identityWords } from '../contact/contact-words.ts';
import { formatTable } from '../terminal/format-table.ts';
import { indented, inputWords, ruleWords, timeWords, valueWords } from './line-words.ts';

/** Characters of a run's id that name it in other commands, too. */
const runCharacters = 8;

export function fieldLines(fields: readonly ExplainedField[]): string[] {
  const told = fields.filter((field) => !isEmpty(field));
  const rows = told.flatMap(fieldRows);
  const head = ['FIELD', 'VALUE', 'FROM', 'AS OF', 'RUN'];
  const table = rows.length === 0 ? [] : formatTable([head, ...rows]).split('\n');
  const empty = fields.filter((field) => isEmpty(field) && field.dataset !== null);
  const names = empty.map(({ field }) => field).join(', ');
  return [
    'FIELDS',
    ...indented(table, 2),
    ...(empty.length === 0 ? [] : [`  without a value: ${names}`]),
  ];
}

/**
 * Nothing is known and nothing was overridden. Computed memberships stand with the segments and
 * flows.
 */
function isEmpty({ value, from, overrode, dataset, rule }: ExplainedField): boolean {
  if (dataset === null && rule === null) {
    return from !== 'reported' || (Array.isArray(value) && value.length === 0);
  }
  const isMissing = rule === null && (from === 'implied' || from === 'stale') && value === null;
  return isMissing && overrode.length === 0;
}

function fieldRows(field: ExplainedField): string[][] {
  const { field: name, value, as_of, inputs, overrode } = field;
  return [
    [name, valueWords(value), sourceWords(field), timeWords(as_of), runWords(field)],
    ...inputs.map((input) => ['', '', `  ${inputWords(input)}`, '', '']),
    ...overrode.map((one) => [
      '',
      '',
      `  ${overriddenWords(field, one)}`,
      timeWords(one.as_of),
      '',
    ]),
  ];
}

function runWords({ from, run }: ExplainedField): string {
  return from === 'amended' ? '' : (run?.slice(0, runCharacters) ?? '');
}

function sourceWords(field: ExplainedField): string {
  const { value, from, rule, dataset, has_row } = field;
  const filled = rule === null ? datasetWords(field) : `computed: ${ruleWords(rule)}`;
  switch (from) {
    case 'approximate':
      return `${filled}, without a value that is too old`;
    case 'reported':
      return 'reported by other tools';
    case 'amended':
      return 'a person set it';
    case 'implied':
      return `${value === null ? '' : 'the implied value: '}no ${has_row ? 'value in its row of' : 'row in'} ${dataset}`;
    case 'withheld':
      return `${filled}: withheld, because it is too old`;
    case 'stale':
      return rule === null
        ? `${filled}: older than its maximum age`
        : `${filled}, from a value that is older than its maximum age`;
    case 'hidden':
      return `${filled}: not shown`;
    default:
      return filled;
  }
}

function datasetWords({ field, dataset, source, column }: ExplainedField): string {
  const named = column === null || column === field ? '' : `, column ${column}`;
  return `${dataset} (${source}${named})`;
}

function overriddenWords({ dataset }: ExplainedField, overridden: OverriddenValue): string {
  const { by, value, is_withheld, key } = overridden;
  const words = is_withheld ? 'a value that is too old' : valueWords(value);
  if (by === 'source') return `instead of ${words} in ${dataset}`;
  return `instead of ${words} in the row ${identityWords(key)} of ${dataset}`;
}
