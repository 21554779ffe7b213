/**
 * The rules of `domain/value/field-value.ts` as SQL (those of identities are in `identity-sql.ts`).
 * The SQL gives the same value as JavaScript, or NULL: then JavaScript reads the row.
 * `test/sync/row-sql.test.ts` compares.
 */
import type { FieldType } from '../../domain/contact/field.ts';
import type { RowMapping, RowRule } from '../../domain/dataset/source-row.ts';
import {
  maxExactDigits,
  maxPlainLength,
  maxSetElements,
  maxStringLength,
  maxTextBytes,
} from '../../domain/limits.ts';
import { marksOf } from '../../domain/value/currency-mark.ts';
import {
  emptyMarkers,
  falseWords,
  trueWords,
  type ValueOptions,
} from '../../domain/value/field-value.ts';
import { sqlText } from '../../sources/workbench.ts';

/** SQL that makes the value of a column. */
export interface ColumnSql {
  /**
   * JSON text; NULL: JavaScript reads the row. An empty cell has its type's empty form
   * (`emptyForms`). A bare value is a text without quotes (NULL if empty): most text is then copied
   * only once.
   */
  readonly value: string;
  readonly isBare: boolean;
  /** A further condition on this value, besides the check of the whole row (`plainTextSql`). */
  readonly check?: string;
  /** SQL for a list that `value` needs several times, by the name that `columnSql` got for it. */
  readonly elements?: string;
  /** SQL for the number of `"` in the value, given the value's column. */
  readonly quotes: (value: string) => string;
}

/** How an empty cell looks, so that the number of quotes in a row is known beforehand. */
export const emptyForms: Readonly<Record<FieldType, string>> = {
  boolean: '',
  currency: '',
  float: '',
  integer: '',
  'positive integer': '',
  rate: '',
  'big integer': '""',
  string: '""',
  text: '""',
  date: '""',
  set: '[]',
};

/** Between the parts of a row, and at its end; JSON text holds no control characters. */
export const partEnd = '\x1f';
export const rowEnd = '\x1e';

/**
 * @param column a column of texts, as SQL
 * @param elements a name that is free
 */
export function columnSql(
  type: FieldType,
  column: string,
  { options, elements }: { readonly options: ValueOptions; readonly elements: string },
): ColumnSql {
  return columnSqls[type](column, options, elements);
}

const columnSqls: Readonly<
  Record<FieldType, (column: string, options: ValueOptions, elements: string) => ColumnSql>
> = {
  string: (column) => textSql(column, maxStringLength),
  // JSON can double a text's bytes; JavaScript counts those of texts close to the bound.
  text: (column) => textSql(column, Math.floor(maxTextBytes / 2)),
  boolean: (column) => unquoted(column, booleanSql(column)),
  'big integer': (column) =>
    quoted(column, plainIf(column, /^-?[1-9][0-9]{0,99}$|^0$/, jsonText(column))),
  integer: (column, options) => unquoted(column, wholeSql(column, options, '-?')),
  'positive integer': (column, options) => unquoted(column, wholeSql(column, options, '')),
  float: (column, options) => unquoted(column, decimalSql(column, options)),
  currency: (column, options) => unquoted(column, amountSql(column, options)),
  rate: (column, options) => unquoted(column, rateSql(column, options)),
  date: (column, options) => quoted(column, dateSql(column, options)),
  set: (column, { separator }, elements) => setSql(column, separator, elements),
};

/**
 * Whether SQL can read the joined values of a row: they need no escaping or normalising. Checking
 * the row at once costs a tenth of checking each value. The row begins with a separator.
 * @param quotes the number of quotes that the values' own forms have
 * @param parts the number of separators in the row
 */
export function plainTextSql(row: string, quotes: string, parts: number): string {
  // Each quote becomes two characters, each separator six. Any other escape makes it longer.
  const escaped = `strlen(CAST(to_json(${row}) AS VARCHAR)) = strlen(${row}) + 2 + ${parts * 5} + ${quotes}`;
  const latin = `regexp_full_match(${row}, '[ -~\\x1e\\x1f¡-ɏ]*')`;
  const characters = `CASE WHEN strlen(${row}) = length(${row}) THEN true ELSE ${latin} END`;
  return `${escaped} AND ${characters}`;
}

/** Whether a row of plain values keeps a rule; not true if JavaScript must read the row. */
export function ruleSql(rule: RowRule, { fields }: RowMapping): string {
  if (rule.kind === 'not') {
    // A whole number has several forms as a text, such as 1,234, but one as a value.
    const isOne = isOneOfSql(`value${rule.field}`, rule.numbers.map(String));
    return `coalesce(NOT ${isOne}, true)`;
  }
  const places = rule.kind === 'some' ? rule.fields : [rule.field];
  const cells = places.flatMap((place) => {
    const field = fields[place];
    return field === undefined ? [] : [`c${field.cell}`];
  });
  if (rule.kind === 'some')
    return `(${['false', ...cells.map((cell) => `${cell} <> ''`)].join(' OR ')})`;
  const words = ['', ...rule.words];
  return `(${cells.map((cell) => `coalesce(${isOneOfSql(cell, words)}, true)`).join(' AND ')})`;
}

/**
 * Whether a text is one of these. For `IN` with more than four texts, the engine joins the rows
 * with a table of them, and a join loses their order.
 */
export function isOneOfSql(text: string, texts: readonly string[]): string {
  return `list_contains([${texts.map(sqlText).join(', ')}], ${text})`;
}

function textSql(column: string, maxLength: number): ColumnSql {
  return {
    value: column,
    isBare: true,
    check: `coalesce(strlen(${column}) <= ${maxLength} AND ${isTrimmed(column)}, true)`,
    quotes: () => '2',
  };
}

/** Blanks at the edges; the check of the whole row refuses other white space. */
function isTrimmed(column: string): string {
  return `${column} NOT LIKE ' %' AND ${column} NOT LIKE '% '`;
}

function unquoted(column: string, value: string): ColumnSql {
  const known = `CASE WHEN ${column} IS NULL THEN '' WHEN ${isShort(column)} THEN ${value} END`;
  return { value: known, isBare: false, quotes: () => '0' };
}

function quoted(column: string, value: string): ColumnSql {
  const known = `CASE WHEN ${column} IS NULL THEN '""' WHEN ${isShort(column)} THEN ${value} END`;
  return { value: known, isBare: false, quotes: () => '2' };
}

/** Whether a value is short enough to be parsed; JavaScript refuses longer ones. */
function isShort(column: string): string {
  return `strlen(${column}) <= ${maxPlainLength}`;
}

function booleanSql(column: string): string {
  const forms = (words: readonly string[]) =>
    words
      .flatMap((word) => [word, word.toUpperCase(), word.charAt(0).toUpperCase() + word.slice(1)])
      .filter((word, place, all) => all.indexOf(word) === place);
  return `CASE WHEN ${isOneOfSql(column, forms(trueWords))} THEN 'true'
    WHEN ${isOneOfSql(column, forms(falseWords))} THEN 'false' END`;
}

/** A cast there and back keeps only a canonical text, and is ten times cheaper than a pattern. */
function wholeSql(column: string, options: ValueOptions, sign: string): string {
  const isPlain = `strlen(${column}) <= ${maxExactDigits} AND CAST(try_cast(${column} AS BIGINT) AS VARCHAR) = ${column}`;
  const signed = sign === '' ? ` AND NOT starts_with(${column}, '-')` : '';
  const plain = `WHEN ${isPlain}${signed} THEN ${column}`;
  if (options.undecided === true) return `CASE ${plain} END`;
  const zeros = `(?:${pointPattern(options)}0{1,4})?`;
  const loose = `^${sign}${wholePattern(options, 12)}${zeros}$`;
  return `CASE ${plain}
    WHEN regexp_full_match(${column}, ${pattern(new RegExp(loose))})
    THEN ${numberSql(digitsSql(column, options))} END`;
}

/** Digits before the decimal separator, with or without thousands separators. */
function wholePattern(options: ValueOptions, maxDigits: number): string {
  const group = options.decimalComma === true ? '\\.' : ',';
  if (options.undecided === true) return `(?:0|[1-9][0-9]{0,${maxDigits - 1}})`;
  return options.exact === true
    ? `(?:0|[1-9][0-9]{0,${maxDigits - 1}}|[1-9][0-9]{0,2}(?:${group}[0-9]{3}){1,3})`
    : `(?:[0-9]{1,${maxDigits}}|[0-9]{1,3}(?:${group}[0-9]{3}){1,3})`;
}

function pointPattern(options: ValueOptions): string {
  return options.decimalComma === true ? ',' : '\\.';
}

/** Digits after the decimal separator. */
function fractionPattern(options: ValueOptions, digits: string): string {
  return options.undecided === true ? '' : `(?:${pointPattern(options)}${digits})?`;
}

/** Amounts with no mark, or with a mark of one character in front: most are written so. */
function amountSql(column: string, options: ValueOptions): string {
  const { currency } = options;
  const marks = currency === undefined ? ['$', '€', '£'] : marksOf(currency);
  const signs = marks.filter((mark) => [...mark].length === 1 && !/[A-Za-z]/.test(mark)).join('');
  return decimalSql(column, options, signs);
}

/** @param signs the currency signs of an amount of money; one of them may come first */
function decimalSql(column: string, options: ValueOptions, signs?: string): string {
  const mark = signs === undefined || signs === '' ? '' : `[${signs}]? ?`;
  const digits = digitsSql(column, options, signs);
  // Dropping the signs is cheaper than a cast to a number and back.
  const whole = wholePattern({ ...options, exact: true }, 10);
  const short = `^(?:-?${mark}${whole.replace('0|', '')}|${mark}0)${fractionPattern(options, '[0-9]{0,3}[1-9]')}$`;
  const form = `^ *-?${mark}${wholePattern(options, 10)}${fractionPattern(options, '[0-9]{1,4}')} *$`;
  const isPointed = options.decimalComma !== true && options.undecided !== true;
  return `CASE ${isPointed ? centsSql(column) : ''}WHEN regexp_full_match(${column}, ${pattern(new RegExp(short))}) THEN ${digits}
    WHEN regexp_full_match(${column}, ${pattern(new RegExp(form))}) THEN ${numberSql(digits)}${signs === undefined && isPointed ? shortestSql(column) : ''} END`;
}

/**
 * A double without a short form, such as the sum of 0.1 and 0.2: all programs write the same text
 * for it.
 */
function shortestSql(column: string): string {
  return `
    WHEN regexp_full_match(${column}, '-?(?:0|[1-9][0-9]{0,9}).[0-9]{4,16}[1-9]')
      AND CAST(try_cast(${column} AS DOUBLE) AS VARCHAR) = ${column} THEN ${column}`;
}

/** A cast there and back keeps an amount with two decimals, and is five times cheaper. */
function centsSql(column: string): string {
  const isPlain = `strlen(${column}) <= 13 AND CAST(try_cast(${column} AS DECIMAL(18, 2)) AS VARCHAR) = ${column}`;
  return `WHEN ${isPlain} THEN CASE WHEN NOT ends_with(${column}, '0') THEN ${column}
      WHEN ends_with(${column}, '.00') THEN left(${column}, strlen(${column}) - 3)
      ELSE left(${column}, strlen(${column}) - 1) END
    `;
}

function rateSql(column: string, options: ValueOptions): string {
  const fraction = fractionPattern(options, '[0-9]{1,4}');
  const short = wholePattern({ ...options, undecided: true }, 6);
  const bare = options.exact === true ? short : '[0-9]{1,6}';
  const percent = new RegExp(`^-?${bare}${fraction}%$`);
  const plain = new RegExp(`^-?${wholePattern(options, 10)}${fraction}$`);
  const digits = digitsSql(column, options);
  // Most rates look so, and nothing changes them; a cast to a number and back costs three times as
  // much as the pattern.
  const isPointed = options.decimalComma !== true && options.undecided !== true;
  const usual = '-?(?:0|[1-9][0-9]{0,9})\\.[0-9]{0,3}[1-9]';
  const kept = isPointed ? `WHEN regexp_full_match(${column}, '${usual}') THEN ${column} ` : '';
  return `CASE ${kept}WHEN regexp_full_match(${column}, ${pattern(plain)}) THEN ${numberSql(digits)}
    WHEN regexp_full_match(${column}, ${pattern(percent)})
    THEN ${numberSql(`concat(replace(${digits}, '%', ''), 'e-2')`)} END`;
}

function digitsSql(column: string, options: ValueOptions, signs = ''): string {
  const isComma = options.decimalComma === true;
  const group = isComma ? '.' : ',';
  const bare =
    signs === ''
      ? `replace(${column}, '${group}', '')`
      : `translate(${column}, ${sqlText(`${group}${signs} `)}, '')`;
  return isComma ? `replace(${bare}, ',', '.')` : bare;
}

/** The shortest text of a double, as JavaScript writes it: no `.0`, and no negative zero. */
function numberSql(text: string): string {
  return `regexp_replace(CAST(try_cast(${text} AS DOUBLE) + 0 AS VARCHAR), '\\.0$', '')`;
}

function dateSql(column: string, options: ValueOptions): string {
  if (options.dateOrder?.startsWith('epoch-') === true) return 'NULL';
  const whens = [
    `WHEN strlen(${column}) = 10 AND CAST(try_cast(${column} AS DATE) AS VARCHAR) = ${column} THEN ${jsonText(column)}`,
  ];
  const format = options.dateOrder === 'day-first' ? '%d/%m/%Y' : '%m/%d/%Y';
  if (options.dateOrder !== undefined) {
    const day = `CAST(CAST(try_strptime(${column}, '${format}') AS DATE) AS VARCHAR)`;
    whens.push(
      `WHEN regexp_full_match(${column}, '[0-9]{1,2}/[0-9]{1,2}/[0-9]{4}')
        THEN CASE WHEN strlen(${day}) = 10 THEN ${jsonText(day)} END`,
    );
  }
  const instant = `replace(left(${column}, 19), 'T', ' ')`;
  const isInstant = `CAST(try_cast(${instant} AS TIMESTAMP) AS VARCHAR) = ${instant}`;
  whens.push(
    // The usual form, at half the cost of the next.
    `WHEN strlen(${column}) = 20 AND strftime(try_cast(${column} AS TIMESTAMP), '%Y-%m-%dT%H:%M:%SZ') = ${column} THEN ${jsonText(column)}`,
    `WHEN strlen(${column}) = 20 AND ends_with(${column}, 'Z') AND ${isInstant} THEN ${jsonText(`replace(${column}, ' ', 'T')`)}`,
  );
  // As typed columns and databases write an instant.
  whens.push(
    `WHEN (strlen(${column}) = 24 AND ends_with(${column}, '.000Z') OR strlen(${column}) = 22 AND ends_with(${column}, '+00'))
      AND ${isInstant} THEN concat('"', replace(left(${column}, 19), ' ', 'T'), 'Z"')`,
  );
  const mail = '%a, %d %b %Y %H:%M:%S GMT';
  const mailed = `try_strptime(${column}, '${mail}')`;
  // As mail and HTTP write an instant.
  whens.push(
    `WHEN strlen(${column}) = 29 AND strftime(${mailed}, '${mail}') = ${column}
      THEN ${jsonText(`strftime(${mailed}, '%Y-%m-%dT%H:%M:%SZ')`)}`,
  );
  if (options.timeZone === 'Z' || options.timeZone === 'UTC') {
    whens.push(
      `WHEN strlen(${column}) = 19 AND ${isInstant} THEN concat('"', replace(${column}, ' ', 'T'), 'Z"')`,
    );
  }
  return `CASE ${whens.join(' ')} END`;
}

/** Bytes of a set that SQL splits: a list takes much more memory than its text. */
const longestSplit = 4_096;

/**
 * Separated elements or a JSON list, of plain characters, none twice; JavaScript reads the others.
 */
function setSql(column: string, separator: string | undefined, elements: string): ColumnSql {
  const element = '[A-Za-z0-9_+./-]+(?: [A-Za-z0-9_+./-]+)*';
  const listed = `"${element}"`;
  const inner = `substr(${column}, 3, strlen(${column}) - 4)`;
  const isList = `strlen(${column}) < ${maxTextBytes}
    AND regexp_full_match(${column}, ${sqlText(`\\[${listed}(?:,${listed})*\\]`)}) AND ${distinctSql(`string_split(${inner}, '","')`)}`;
  const split = separator === undefined ? '' : separator;
  const plain = split !== '' && split.length === 1 && !/[A-Za-z0-9_+./ "\\[\]-]/.test(split);
  const form = plain ? `${element}(?:[${split}]${element})*` : element;
  const single = `concat('["', ${column}, '"]')`;
  const several = `concat('["', array_to_string(${elements}, '","'), '"]')`;
  const value = plain
    ? `CASE WHEN len(${elements}) = 1 THEN ${single} WHEN ${distinctSql(elements)} THEN ${several} END`
    : single;
  const known = `CASE WHEN ${column} IS NULL OR ${column} = '[]' THEN '[]'
    WHEN starts_with(${column}, '[') THEN CASE WHEN ${isList} THEN ${column} END
    WHEN strlen(${column}) < ${maxTextBytes / 2} AND regexp_full_match(${column}, '${form}') AND NOT ${isOneOfSql(column, emptyMarkers)} THEN ${value} END`;
  return {
    value: known,
    isBare: false,
    ...(plain && {
      elements: `CASE WHEN strlen(${column}) <= ${longestSplit} THEN string_split(${column}, ${sqlText(split)}) END`,
    }),
    // The JSON has `","` for each separator of one character, and `["` and `"]` around the
    // elements.
    quotes: (made) => `CASE WHEN ${column} IS NULL THEN 0
      WHEN starts_with(${column}, '[') THEN strlen(${column}) - strlen(replace(${column}, '"', ''))
      ELSE ${plain ? `strlen(${made}) - strlen(${column}) - 2` : '2'} END`,
  };
}

/** Whether no element occurs twice. Most sets are small, and to make a set of a list is slow. */
function distinctSql(list: string): string {
  const differ = (one: number, other: number) => `${list}[${one}] <> ${list}[${other}]`;
  return `CASE len(${list}) WHEN 1 THEN true WHEN 2 THEN ${differ(1, 2)}
    WHEN 3 THEN ${differ(1, 2)} AND ${differ(1, 3)} AND ${differ(2, 3)}
    ELSE len(list_distinct(${list})) = len(${list}) AND len(${list}) <= ${maxSetElements} END`;
}

function jsonText(text: string): string {
  return `concat('"', ${text}, '"')`;
}

export function plainIf(column: string, form: RegExp, value: string): string {
  return `CASE WHEN ${isShort(column)} AND regexp_full_match(${column}, ${pattern(form)}) THEN ${value} END`;
}

export function pattern(form: RegExp): string {
  return sqlText(form.source);
}
