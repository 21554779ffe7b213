/** Differences of two documents as lines for people: what comes, what goes, what becomes another. Colours only where somebody looks. */
import type { DocumentDifference } from '../administration/document-diff.ts';
import type { CommandIo } from './command-io.ts';

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
    return [
      ...(before === undefined ? [] : [paint(red, `- ${place}: ${text(before)}`)]),
      ...(after === undefined ? [] : [paint(green, `+ ${place}: ${text(after)}`)]),
    ];
  });
}

function text(value: unknown): string {
  return JSON.stringify(value);
}
