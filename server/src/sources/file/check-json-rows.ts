/**
 * Finds what the engine reads in silence: of members of one name it takes the first, and numbers
 * with decimals are doubles to it. It is asked for the rows that may hold such a thing, which are
 * then looked at one by one.
 */
import { losesDigits, parseJson, repeatsMembers } from '../json-text.ts';
import { maxSourceRowBytes } from '../limits.ts';
import { SourceMalformed } from '../source-malformed.ts';
import { sqlText } from '../sql-text.ts';
import type { Workbench } from '../workbench.ts';
import { mayBeWhole } from './whole-doubles.ts';

/** Sixteen digits, or an exponent that a double may not have: in a text or in a number. */
export const mayLoseDigits = /[0-9][0-9.]{15}|[0-9][eE][-+]?[0-9]{3}/;

/**
 * @param objects what stands after FROM: rows of one column `json`
 * @returns whether a row may have a number that is whole and a double
 * @throws SourceMalformed where the engine does not read all of a row as it is written
 */
export async function checkJsonRows(workbench: Workbench, objects: string): Promise<boolean> {
  const isRow = `json_type(json) = 'OBJECT' AND strlen(CAST(json AS VARCHAR)) <= ${maxSourceRowBytes}`;
  // A brace behind the first: an object in it, whose members the engine does not list.
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
  // A row with line ends in it is one line here.
  const lines = `SELECT concat(translate(CAST(json AS VARCHAR), chr(10) || chr(13), '  '), chr(10))
    FROM ${suspects}`;
  for await (const bytes of workbench.bytes(lines)) {
    for (const line of bytes.toString('utf8').split('\n')) if (line !== '') checkRow(line);
  }
}

function checkRow(text: string): void {
  const value = parseJson(text);
  // What only the engine can parse (NaN, a comma too many) is left to it.
  if (value === undefined) return;
  if (repeatsMembers(text, value)) throw new SourceMalformed('members of one name');
  if (mayLoseDigits.test(text) && losesDigits(text)) throw new SourceMalformed('long numbers');
}
