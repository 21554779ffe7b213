/**
 * Checks that only `sync/table/tables.ts` contains the names of a run's tables: SQL elsewhere in
 * `sync/` gets a table's name from the step that made the table.
 */
import type { Module } from './read-house.ts';

const declaring = 'server/src/sync/table/tables.ts';

/** What follows is a table, a view or a macro. */
const named = /\b(?:FROM|JOIN|INTO|UPDATE|COPY|TABLE|VIEW|MACRO)\s+([a-z_]\w*)\b(?!\s*\()/g;
const making = /\b(?:CREATE|REPLACE)\s+(?:TABLE|VIEW|MACRO)\b/;

export function checkTables({ path, code, strings }: Module): string[] {
  if (!path.startsWith('server/src/sync/') || path === declaring) return [];
  const own = new Set(strings.flatMap((sql) => [...sql.matchAll(/\b(\w+) AS \(/g)].map(nameOf)));
  const names = strings
    .filter((text) => /\b(?:SELECT|FROM|INSERT|DELETE|COPY|CREATE|ALTER|DROP)\b/.test(text))
    .flatMap((sql) => [...sql.matchAll(named)].map(nameOf))
    .filter((name) => !own.has(name));
  const wrong = names.map((name) => `names the table ${name}, which ${declaring} does`);
  if (strings.some((sql) => making.test(sql))) wrong.push(`makes a table past ${declaring}`);
  if (/\.append\(\s*['"`]/.test(code)) wrong.push('appends to a table that it names by itself');
  return wrong;
}

function nameOf(match: RegExpMatchArray): string {
  return match[1] ?? '';
}
