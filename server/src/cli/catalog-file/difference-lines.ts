/** The differences of two catalogs as lines: `-` before, `+` after. */
import type { DocumentDifference } from '../../administration/document/document-diff.ts';
import { pointerWords } from '../../domain/json-pointer.ts';
import { yamlText } from './write-catalog-file.ts';

export function differenceLines(differences: readonly DocumentDifference[]): readonly string[] {
  return differences.flatMap(({ path, before, after }) => {
    const place = pointerWords(path);
    const lines = (sign: string, value: unknown) =>
      value === undefined ? [] : textLines(place, value).map((line) => `${sign} ${line}`);
    if (isLongText(before) && isLongText(after)) {
      const { line, gone, come } = changedLines(before.split('\n'), after.split('\n'));
      return [
        `  ${place}, line ${line}:`,
        ...gone.map((text) => `-   ${text}`),
        ...come.map((text) => `+   ${text}`),
      ];
    }
    return [...lines('-', before), ...lines('+', after)];
  });
}

/** Whether the value is a text of several lines, such as a query. */
function isLongText(value: unknown): value is string {
  return typeof value === 'string' && value.includes('\n');
}

/** The lines from the first to the last one that differ. `line` counts from 1. */
function changedLines(before: readonly string[], after: readonly string[]) {
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && before[start] === after[start]) start += 1;
  let end = 0;
  while (end < shorter - start && before.at(-1 - end) === after.at(-1 - end)) end += 1;
  const changed = (lines: readonly string[]) => lines.slice(start, lines.length - end);
  return { line: start + 1, gone: changed(before), come: changed(after) };
}

function textLines(place: string, value: unknown): readonly string[] {
  const isPlain = (typeof value !== 'object' || value === null) && !isLongText(value);
  if (isPlain) return [`${place}: ${JSON.stringify(value)}`];
  return yamlText({ [place]: value })
    .trimEnd()
    .split('\n');
}
