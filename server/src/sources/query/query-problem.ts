/**
 * Explains a failed query to its author: the position, similar names and the next step. The
 * engine's words are shown only where they concern the query's text: others may quote rows.
 */
import { UsherError } from '../../domain/errors.ts';
import { queryMemoryBytes } from '../limits.ts';
import { diskFull, invalidSource, printableName } from '../source-failure.ts';

interface EngineProblem {
  readonly type: string;
  readonly words: string;
  readonly position: number | undefined;
  readonly subtype: string;
}

/** The name of an unknown column. */
export function unknownColumnOf(cause: unknown): string | undefined {
  const { words } = readProblem(cause);
  const opening = 'Values list "';
  const middle = '" does not have a column named "';
  const at = words.lastIndexOf(middle);
  if (at !== -1 && words.startsWith(opening) && words.endsWith('"')) {
    return words.slice(at + middle.length, -1);
  }
  const unknown =
    /^Column "(.*)" does not exist on (?:left|right) side of join/s.exec(words) ??
    /^Referenced column "(.*)" not found in FROM clause/s.exec(words);
  return unknown?.[1];
}

/**
 * @param sql the query
 * @param meant names similar to the unknown column
 */
export function queryProblem(cause: unknown, sql: string, meant: readonly string[] = []): Error {
  const read = readProblem(cause);
  const problem = meant.length === 0 ? read : { ...read, words: withMeant(read.words, meant) };
  const at = positionText(sql, problem.position);
  switch (problem.type) {
    case 'Parser':
    case 'Binder':
    case 'Catalog':
      return invalidSource(`The query cannot be understood${at}: ${wordsOf(problem)}`);
    case 'Conversion':
      return invalidSource(
        `A value cannot be converted${targetOf(problem.words)}${at}. Use TRY_CAST to get NULL instead, or try_strptime for a date in another format.`,
      );
    case 'Out of Range':
      return invalidSource(
        `A number grows too large for its type${at}. Cast to a larger one first: DECIMAL(38,2), HUGEINT, DOUBLE.`,
      );
    case 'Invalid Input':
    case 'Invalid':
      return invalidSource(
        `A function of the query got a value that it cannot process${at}. For dates, use try_strptime: it gives NULL where the format does not fit.`,
      );
    case 'Permission':
      return invalidSource(
        `The query reads a file${at} that the source does not list. List it under files, and select from the name that you give it there.`,
      );
    case 'IO':
    case 'Serialization':
      return invalidSource(
        'A file of the query is damaged, or has a format that does not fit its name. Create the file again, or correct its name.',
      );
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
      `The query needs more memory (${memory}) or disk than is allowed. Select fewer rows or columns, or aggregate before joining.`,
    );
  }
  if (type === 'Not implemented') {
    return invalidSource('The query uses something that the engine does not support.');
  }
  return new UsherError('internal', 'The query failed.', { context: { engineError: type } });
}

/**
 * The engine suggests any names of columns. A file without a header has a person in their place, so
 * only a name that is nearly the one of the query is repeated.
 */
const candidateColumns = /\nCandidate bindings: .*$/s;

function withMeant(words: string, meant: readonly string[]): string {
  const plain = words
    .replace(candidateColumns, '')
    .replace(/^Values list "(.*)" does not have a column named/s, 'The table "$1" has no column');
  const names = meant.map((name) => `"${printableName(name)}"`).join(', ');
  return `${plain.replaceAll('\n', ' ')}\nDid you mean ${names}?`;
}

/** The engine's first sentences, without its lists of all names. */
function wordsOf({ words, subtype }: EngineProblem): string {
  if (/in the [a-z_]+ extension|INSTALL /.test(words)) {
    return 'it uses a function of an extension, and extensions are not available.';
  }
  const [first = '', second = ''] = words.split('\n');
  const isHint = /^(?:Candidate tables|Did you mean|Either add)/.test(second);
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

/** Reads the target type and the column, which follow the quoted value in the engine's words. */
function targetOf(words: string): string {
  const column = / when casting from source column ([A-Za-z_]\w*)$/.exec(words);
  const type = /^.*['"] to ([A-Z0-9(), ]+)$/s.exec(words.slice(0, column?.index))?.[1] ?? '';
  const from = column === null ? '' : `, in the column ${printableName(column[1] ?? '')},`;
  return typeName.test(type) ? `${from} to ${type}` : from;
}

function positionText(sql: string, position: number | undefined): string {
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
