/** What the settings of a definition are called, in its form, on its page and in its history. */
import type { Formats } from '../../../format/formats.ts';
import { apiWords, type DifferenceWords } from '../../../parts/differences.tsx';
import type { FieldDefinition } from './definition-draft.ts';

export const modeWords: Readonly<Record<string, string>> = {
  append: 'keeps its values (append)',
  snapshot: 'loses its values (snapshot)',
  incremental: 'keeps its values; only changed rows are read (incremental)',
};

/** What look-ups do with values that are too old. */
export const policyWords: Readonly<Record<string, string>> = {
  flag: 'mark the values as old',
  withhold: 'withhold the values',
  serve: 'return the values',
};

export interface MaxAge {
  readonly after: string;
  readonly policy?: string;
}

/** "36 h, then look-ups mark the values as old" */
export function maxAgeWords(maxAge: MaxAge | null | undefined): string {
  if (maxAge == null) return 'never';
  const { after, policy = 'flag' } = maxAge;
  return `${spaced(after)}, then look-ups ${policyWords[policy] ?? policy}`;
}

/** 36h as "36 h". */
function spaced(length: string): string {
  return length.replace(/^(\d+)(?=[a-z])/, '$1 ');
}

const settingWords: Readonly<Record<string, string>> = {
  mode: 'A row that is gone',
  identifiers: 'Contacts are found by',
  max_age: 'Too old after',
  'max_age/after': 'Too old after',
  'max_age/policy': 'Then look-ups',
  max_change_share: 'May change without approval',
  max_rejected_share: 'First run may reject',
  source: 'Source',
  schedule: 'Schedule',
};

const memberWords: Readonly<Record<string, string>> = {
  display_name: 'name for people',
  implied_value: 'value of an empty cell',
};

/** The differences of two definitions, with the words of the form. */
export function definitionWords({ percent }: Pick<Formats, 'percent'>): DifferenceWords {
  return {
    label: (path) => {
      const [first = '', name, ...members] = path.slice(1).split('/');
      if (first !== 'fields') return settingWords[path.slice(1)] ?? apiWords.label(path);
      return [name, ...members.map((member) => memberWords[member] ?? member)].join(' › ');
    },
    value: (path, value) => {
      if (path === '/max_age') return maxAgeWords(value as MaxAge | undefined);
      if (value === undefined) return 'nothing';
      if (path === '/mode') return modeWords[String(value)] ?? String(value);
      if (path === '/max_age/after') return spaced(String(value));
      if (path === '/max_age/policy') return policyWords[String(value)] ?? String(value);
      if (path.endsWith('_share')) return percent(Number(value), 0);
      if (/^\/fields\/[^/]+$/.test(path)) return fieldWords(path, value as FieldDefinition);
      return apiWords.value(path, value);
    },
  };
}

function fieldWords(path: string, { column, type = 'string' }: FieldDefinition): string {
  return `${type} from the column ${column ?? path.replace(/^.*\//, '')}`;
}
