/** Differences of two documents as lines for people: what comes, what goes, what becomes another. Colours only where somebody looks. */
import type { DocumentDifference } from '../administration/document-diff.ts';
import type { CommandIo } from './command-io.ts';
import { yamlText } from './write-catalog-file.ts';

const red = '\u001b[31m';
const green = '\u001b[32m';
const plain = '\u001b[0m';

export function differenceLines(
  differences: readonly DocumentDifference[],
  io: Pick<CommandIo, 'stdout' | 'environment'>,
): readonly string[] {
  // https://no-color.org: set to anything but nothing.
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
    return [
      ...lines('-', before).map((line) => paint(red, line)),
      ...lines('+', after).map((line) => paint(green, line)),
    ];
  });
}

function textLines(place: string, value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return [`${place}: ${JSON.stringify(value)}`];
  return yamlText({ [place]: value })
    .trimEnd()
    .split('\n');
}
