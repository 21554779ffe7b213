/** Checks that comments and Markdown have at most 100 columns. The formatter checks only code. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const maxColumns = 100;

const leftOut = ['**/node_modules/**', 'bench/work/**', 'bench/results/**', '**/fixtures/**'];

/** Comment lines that are too wide, in words; `text` is a whole source file. */
export function checkCommentWidth(text: string): string[] {
  const lines = text.split('\n').entries();
  return [...lines].flatMap(([place, line]) =>
    /^\s*(?:\/\/|\/?\*+\s)/.test(line) && isTooWide(line) ? [complaint(place, line)] : [],
  );
}

/** Lines of Markdown that are too wide, as `file: words`. Tables, code and URLs are free. */
export function checkMarkdownWidth(root: string): string[] {
  const pages = globSync('**/*.md', { cwd: root, exclude: leftOut }).sort();
  return pages.flatMap((page) =>
    wideLines(readFileSync(join(root, page), 'utf8')).map((words) => `${page}: ${words}`),
  );
}

function wideLines(text: string): string[] {
  let isCode = false;
  return text.split('\n').flatMap((line, place) => {
    if (/^\s*(?:```|~~~)/.test(line)) isCode = !isCode;
    const isFree = isCode || /^\s*(?:\||#|<|\[[^\]]+\]: )/.test(line);
    return !isFree && isTooWide(line) ? [complaint(place, line)] : [];
  });
}

/** A line of one long word, such as a URL, cannot be wrapped. */
function isTooWide(line: string): boolean {
  return (
    line.length > maxColumns &&
    line
      .trim()
      .replace(/^(?:\/\/|\*|[-*])\s+/, '')
      .includes(' ')
  );
}

function complaint(place: number, line: string): string {
  return `line ${place + 1} has ${line.length} columns, more than ${maxColumns}`;
}
