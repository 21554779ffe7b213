/** Names places in the sources where a stack names places in the build. */
import { readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { fileURLToPath } from 'node:url';

/** Read when the first error is told, because few processes tell one. */
const maps = new Map<string, SourceMap | undefined>();

/** @returns the stack, unchanged where a line names no place in the build */
export function withSourcePlaces(stack: string): string {
  return stack.split('\n').map(withSourcePlace).join('\n');
}

function withSourcePlace(line: string): string {
  const start = line.indexOf('file://');
  const end = /:(\d+):(\d+)(\)?)$/.exec(line);
  if (start === -1 || end === null) return line;
  const [, row, column, rest] = end;
  const file = line.slice(start, end.index);
  const found = mapOf(file)?.findEntry(Number(row) - 1, Number(column) - 1);
  if (found === undefined || !('originalSource' in found)) return line;
  const { originalSource, originalLine, originalColumn } = found;
  const place = `${new URL(originalSource, file)}:${originalLine + 1}:${originalColumn + 1}`;
  return `${line.slice(0, start)}${place}${rest}`;
}

/** The map that the build has written beside the file. */
function mapOf(file: string): SourceMap | undefined {
  if (!file.includes('/dist/build-')) return undefined;
  if (!maps.has(file)) maps.set(file, readMap(file));
  return maps.get(file);
}

function readMap(file: string): SourceMap | undefined {
  try {
    return new SourceMap(JSON.parse(readFileSync(fileURLToPath(`${file}.map`), 'utf8')));
  } catch {
    return undefined;
  }
}
