/**
 * Reads the repository's pages as text, and extracts the parts that checks need. The tests decide
 * which pages must exist.
 */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

export const root = join(import.meta.dirname, '..', '..', '..');

/** Every page, by its path from the root. */
export function readPages(): ReadonlyMap<string, string> {
  const exclude = ['docs/**/node_modules/**'];
  const paths = globSync(
    ['*.md', 'docs/**/*.md', 'client/*.md', 'bench/*.md', 'examples/**/*.md'],
    {
      cwd: root,
      exclude,
    },
  );
  return new Map(paths.sort().map((path) => [path, readFileSync(join(root, path), 'utf8')]));
}

/** A page's text; the test fails in words when it is not there. */
export function readPage(path: string): string {
  if (!existsSync(join(root, path))) throw new Error(`${path} does not exist`);
  return readFileSync(join(root, path), 'utf8');
}

/** The text of all headings of one level, `2` for `## ...`, without code marks. */
export function headings(page: string, level: number): string[] {
  const marks = '#'.repeat(level);
  const lines = withoutBlocks(page).split('\n');
  const found = lines.filter((line) => line.startsWith(`${marks} `));
  return found.map((line) =>
    line
      .slice(level + 1)
      .replaceAll('`', '')
      .trim(),
  );
}

/** The rows of all tables of a page, as cells without code marks; heads and rules are left out. */
export function tableRows(page: string): string[][] {
  const lines = withoutBlocks(page).split('\n');
  const isRule = (line: string | undefined) => /^\|(?:\s*:?-+:?\s*\|)+\s*$/.test(line ?? '');
  const rows = lines.filter(
    (line, place) => line.startsWith('|') && !isRule(line) && !isRule(lines[place + 1]),
  );
  return rows.map((row) => {
    const cells = row
      .replace(/^\|/, '')
      .replace(/\|\s*$/, '')
      .split(/(?<!\\)\|/);
    return cells.map((cell) => cell.replaceAll('`', '').replaceAll('\\|', '|').trim());
  });
}

/** Links to places in the repository that lead nowhere, as `page: link`. */
export function brokenLinks(pages: ReadonlyMap<string, string>): string[] {
  return [...pages].flatMap(([path, page]) =>
    linksOf(page)
      .filter((link) => !leadsSomewhere(path, link))
      .map((link) => `${path}: ${link}`),
  );
}

/**
 * The pages that whoever follows links from one of them comes to. A link to a folder leads to every
 * page in it.
 */
export function reachedPages(pages: ReadonlyMap<string, string>, from: string): Set<string> {
  const reached = new Set([from]);
  // What is added while it is walked is walked, too.
  for (const path of reached) {
    for (const link of linksOf(pages.get(path) ?? '')) {
      const target = normalize(join(dirname(path), link.replace(/#.*$/, '')));
      const found = [...pages.keys()].filter((page) => page === target || dirname(page) === target);
      for (const page of found) reached.add(page);
    }
  }
  return reached;
}

/** The links of a page to places in the repository. */
function linksOf(page: string): string[] {
  const links = [...withoutBlocks(page).matchAll(/\]\(([^)\s]+)\)/g)];
  return links.map((match) => match[1] ?? '').filter((link) => !/^[a-z]+:/.test(link));
}

function leadsSomewhere(path: string, link: string): boolean {
  const [file = '', anchor] = link.split('#');
  const target = file === '' ? path : normalize(join(dirname(path), file));
  if (!existsSync(join(root, target))) return false;
  if (anchor === undefined || !target.endsWith('.md')) return true;
  const page = readPage(target);
  const anchors = [1, 2, 3, 4].flatMap((level) => headings(page, level)).map(anchorOf);
  return anchors.includes(anchor);
}

/** As GitHub makes it. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\w\- ]/g, '')
    .replaceAll(' ', '-');
}

/** A page without its fenced blocks, whose `#` and `|` mean something else. */
export function withoutBlocks(page: string): string {
  return page.replace(/^```[\s\S]*?^```/gm, '');
}
