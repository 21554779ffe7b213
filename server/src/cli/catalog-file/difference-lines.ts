/** The differences of two catalogs as lines: `-` before, `+` after. In colour on a terminal. */
import type { DocumentDifference } from '../../administration/document/document-diff.ts';
import type { CommandIo } from '../command-io.ts';
import { yamlText } from './write-catalog-file.ts';

const red = '\u001b[31m';
const green = '\u001b[32m';
const plain = '\u001b[0m';

export function differenceLines(
  differences: readonly DocumentDifference[],
  io: Pick<CommandIo, 'stdout' | 'environment'>,
): readonly string[] {
  // https://no-color.org: any text that is not empty turns colours off.
  const isColoured = io.stdout.isTTY === true && !io.environment['NO_COLOR'];
  const paint = (colour: string, text: string) => (isColoured ? `${colour}${text}${plain}` : text);
  return differences.flatMap(({ path, before, after }) => {
    const place = path
      .slice(1)
      .split('/')
      .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
      .join('.');
    const lines = (sign: string, value: unknown) =>
      value === undefined ? [] : textLines(place, value).map((line) => `${sign} ${line}`);
    if (isLongText(before) && isLongText(after)) {
      const { line, gone, come } = changedLines(before.split('\n'), after.split('\n'));
      return [
        `  ${place}, line ${line}:`,
        ...gone.map((text) => paint(red, `-   ${text}`)),
        ...come.map((text) => paint(green, `+   ${text}`)),
      ];
    }
    return [
      ...lines('-', before).map((line) => paint(red, line)),
      ...lines('+', after).map((line) => paint(green, line)),
    ];
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
