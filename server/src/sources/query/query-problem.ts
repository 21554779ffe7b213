/**
 * What went wrong with a query, in words for its author: with the place in the query, the names
 * that were meant, the next step. The engine's own words are let out where they are about the text
 * of the query alone; where they quote values of rows, they are not.
 */
import { UsherError } from '../../domain/errors.ts';
import { queryMemoryBytes } from '../limits.ts';
import { printableName } from '../printable-name.ts';
import { diskFull, invalidSource } from '../source-failure.ts';

interface EngineProblem {
  readonly type: string;
  readonly words: string;
  readonly position: number | undefined;
  readonly subtype: string;
}

/** A column that is asked for and not there, where the engine names none that could be meant. */
export function unknownColumnOf(cause: unknown): string | undefined {
  const { words } = readProblem(cause);
  const opening = 'Values list "';
  const middle = '" does not have a column named "';
  const at = words.lastIndexOf(middle);
  if (at !== -1 && words.startsWith(opening) && words.endsWith('"')) {
    return words.slice(at + middle.length, -1);
  }
  return /^Column "(.*)" does not exist on (?:left|right) side of join/s.exec(words)?.[1];
}

/**
 * @param sql the query that it is about
 * @param meant columns that may be meant by the one that is not there
 */
export function queryProblem(cause: unknown, sql: string, meant: readonly string[] = []): Error {
  const read = readProblem(cause);
  const problem = meant.length === 0 ? read : { ...read, words: withMeant(read.words, meant) };
  const place = placeOf(sql, problem.position);
  switch (problem.type) {
    case 'Parser':
    case 'Binder':
    case 'Catalog':
      return invalidSource(`The query cannot be understood${place}: ${wordsOf(problem)}`);
    case 'Conversion':
      return invalidSource(
        `A value of the rows cannot be converted${targetOf(problem.words)}${place}. TRY_CAST gives NULL instead; a date of another form is read by try_strptime.`,
      );
    case 'Out of Range':
      return invalidSource(
        `A number grows too large for its type${place}. Cast to a larger one first: DECIMAL(38,2), HUGEINT, DOUBLE.`,
      );
    case 'Invalid Input':
    case 'Invalid':
      return invalidSource(
        `A function of the query is given a value that it cannot take${place}. For dates of another form than the format says, try_strptime gives NULL instead.`,
      );
    case 'Permission':
      return invalidSource(
        `The query reads a file${place} that is none of its named ones. Name it under the files of the source, and select from its name.`,
      );
    case 'IO':
    case 'Serialization':
      return invalidSource('A file of the query cannot be read as what it is.');
    default:
      return otherProblem(problem);
  }
}

function otherProblem({ type, words }: EngineProblem): UsherError {
  if (/no space left|disk full|failed to offload/i.test(words)) {
    return diskFull();
  }
  if (type === 'Out of Memory' || /max_temp_directory_size/.test(words)) {
    const memory = `${Math.floor(queryMemoryBytes / 1_048_576)} MB`;
    return invalidSource(
      `The query takes more memory (${memory}) or disk than it may. Select fewer rows or columns, or aggregate before joining.`,
    );
  }
  if (type === 'Not implemented') {
    return invalidSource('The query asks for something that the engine does not do.');
  }
  return new UsherError('internal', 'The query failed.', { context: { engineError: type } });
}

function withMeant(words: string, meant: readonly string[]): string {
  const plain = words.replace(
    /^Values list "(.*)" does not have a column named/s,
    'The table "$1" has no column',
  );
  const names = meant.map((name) => `"${printableName(name)}"`).join(', ');
  return `${plain.replaceAll('\n', ' ')}\nDid you mean ${names}?`;
}

/**
 * The first sentences of the engine, which speak of the query; lists of all there is are left out.
 */
function wordsOf({ words, subtype }: EngineProblem): string {
  if (/in the [a-z_]+ extension|INSTALL /.test(words)) {
    return 'it uses a function of an extension, and extensions are not to be had here.';
  }
  const [first = '', second = ''] = words.split('\n');
  const isHint = /^(?:Candidate (?:bindings|tables)|Did you mean|Either add)/.test(second);
  const sentence = printableSentence(
    isHint ? `${first.replace(/([^.!?])$/, '$1.')} ${second}` : first,
  );
  const isTyped = subtype === 'NO_MATCHING_FUNCTION' || /VARCHAR/.test(first);
  return isTyped
    ? `${sentence} Columns of CSV and JSON files are texts here: cast them, as CAST(price AS DECIMAL(18,2)).`
    : sentence;
}

function printableSentence(text: string): string {
  const shown = text
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, ' ')
    .trim()
    .slice(0, 500);
  return /[.!?]$/.test(shown) ? shown : `${shown}.`;
}

const typeName =
  /^(?:U?(?:TINY|SMALL|BIG|HUGE)?INT(?:EGER)?|U?INT(?:8|16|32|64|128)|DECIMAL\(\d+,\d+\)|DOUBLE|FLOAT|BOOL(?:EAN)?|DATE|TIME|TIMESTAMP(?: WITH TIME ZONE)?|UUID)$/;

/** The engine says type and column last, behind the value. */
function targetOf(words: string): string {
  const column = / when casting from source column ([A-Za-z_]\w*)$/.exec(words);
  const type = /^.*['"] to ([A-Z0-9(), ]+)$/s.exec(words.slice(0, column?.index))?.[1] ?? '';
  const from = column === null ? '' : `, in the column ${printableName(column[1] ?? '')},`;
  return typeName.test(type) ? `${from} to ${type}` : from;
}

function placeOf(sql: string, position: number | undefined): string {
  if (position === undefined) return '';
  const before = Buffer.from(sql).subarray(0, position).toString('utf8').split('\n');
  return ` (line ${before.length}, column ${(before.at(-1) ?? '').length + 1})`;
}

function readProblem(cause: unknown): EngineProblem {
  const message = cause instanceof Error ? cause.message : '';
  const start = message.indexOf('{"exception_type"');
  const none = { type: 'unknown', words: message, position: undefined, subtype: '' };
  if (start === -1) return none;
  try {
    const parsed = new Map(Object.entries(JSON.parse(message.slice(start)) as object));
    const position = Number.parseInt(String(parsed.get('position')), 10);
    return {
      type: String(parsed.get('exception_type')),
      words: String(parsed.get('exception_message')),
      position: Number.isNaN(position) ? undefined : position,
      subtype: String(parsed.get('error_subtype')),
    };
  } catch {
    return none;
  }
}
