/** How commands show rules and the history of definitions. */
import type { EditView } from '../administration/rule/edit-view.ts';
import { differenceLines } from './catalog-file/difference-lines.ts';

const cellWidth = 80;

/** A rule on one line of a table, cut if it is long. */
export function ruleCell(rule: string | null): string {
  const line = (rule ?? '-').replace(/\s+/g, ' ').trim();
  return line.length > cellWidth ? `${line.slice(0, cellWidth - 3)}...` : line;
}

/** One paragraph for each edit: its number, time and author, then its differences. */
export function editLines(edits: readonly EditView[]): string {
  return edits
    .map(({ number, edited_at, author, differences, definition }) => {
      const lines = differenceLines(differences).map((line) => `  ${line}`);
      const verb = definition === null ? '  removed' : '';
      return [`${number}  ${edited_at}  ${author}${verb}`, ...lines].join('\n');
    })
    .join('\n');
}
