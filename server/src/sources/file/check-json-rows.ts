/**
 * Finds rows that the engine would read wrongly without an error: it keeps the first of two members
 * of one name, and reads numbers with decimals as doubles.
 */
import { losesDigits, parseJson, repeatsMembers } from '../json-text.ts';
import { maxSourceRowBytes } from '../limits.ts';
import { SourceMalformed } from '../source-failure.ts';
import { sqlText } from '../sql-text.ts';
import type { Workbench } from '../workbench.ts';
import { mayBeWhole } from './whole-doubles.ts';

/**
 * A number of sixteen digits, or an exponent that a double may not have. In a row, one of these
 * three characters stands before each number. It may match inside a text, but rarely does: account
 * numbers have many digits.
 */
export const mayLoseDigits = /[,:[]\s*-?[0-9][0-9.]{15}|[0-9][eE][-+]?[0-9]{3}/;

/**
 * @param objects SQL to put after FROM: rows of one column `json`
 * @returns whether a row may hold a whole number that is written as a double
 * @throws SourceMalformed when the engine would read a row wrongly
 */
export async function checkJsonRows(workbench: Workbench, objects: string): Promise<boolean> {
  const isRow = `json_type(json) = 'OBJECT' AND strlen(CAST(json AS VARCHAR)) <= ${maxSourceRowBytes}`;
  // A second brace begins a nested object, whose members the engine does not list.
  const isSuspect = `contains(substr(CAST(json AS VARCHAR), 2), '{')
    OR regexp_matches(CAST(json AS VARCHAR), ${sqlText(mayLoseDigits.source)})`;
  const [counts] = await workbench.rows(`SELECT count(*) FILTER (NOT coalesce(${isRow}, false)),
    count(*) FILTER (array_unique(json_keys(json)) < len(json_keys(json))), count(*) FILTER (${isSuspect}),
    count(*) FILTER (regexp_matches(CAST(json AS VARCHAR), ${sqlText(mayBeWhole.source)}))
    FROM ${objects}`);
  const [others, repeating, suspect, wholes] = (counts ?? []).map(Number);
  if (others !== 0) throw new SourceMalformed('not objects');
  if (repeating !== 0) throw new SourceMalformed('members of one name');
  if (suspect !== 0) await checkSuspects(workbench, `${objects} WHERE ${isSuspect}`);
  return wholes !== 0;
}

async function checkSuspects(workbench: Workbench, suspects: string): Promise<void> {
  // Puts each row on one line.
  const lines = `SELECT concat(translate(CAST(json AS VARCHAR), chr(10) || chr(13), '  '), chr(10))
    FROM ${suspects}`;
  for await (const bytes of workbench.bytes(lines)) {
    for (const line of bytes.toString('utf8').split('\n')) if (line !== '') checkRow(line);
  }
}

function checkRow(text: string): void {
  const value = parseJson(text);
  // The engine parses more than JavaScript does, such as NaN and a comma too many.
  if (value === undefined) return;
  if (repeatsMembers(text, value)) throw new SourceMalformed('members of one name');
  if (mayLoseDigits.test(text) && losesDigits(text)) throw new SourceMalformed('long numbers');
}
