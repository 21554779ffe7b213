/**
 * The page `docs/limits.md`, made from the `limits.ts` of every room: each limit with its value and
 * its comment. `npm run docs` writes it.
 */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './pages.ts';

const intro = `# Limits

Every size, wait and count has a bound. \`npm run docs\` writes this page from the \`limits.ts\`
files of \`server/src\`: \`domain/limits.ts\` holds the bounds that several rooms share, and each
other room holds its own. A range shows what an operator may set, with the default in parentheses.
The names show the unit: bytes, milliseconds (\`Ms\`), or a count.
`;

const tableHead = `
| limit | value | what it bounds, and why this value |
| --- | --- | --- |
`;

export async function limitsPage(): Promise<string> {
  const files = globSync('server/src/*/limits.ts', { cwd: root });
  const isShared = (file: string) => file.includes('/domain/');
  files.sort(
    (one, other) => Number(isShared(other)) - Number(isShared(one)) || one.localeCompare(other),
  );
  let page = intro;
  for (const file of files)
    page += `
## \`${file}\`
${tableHead}${await limitRows(file)}`;
  return page;
}

async function limitRows(file: string): Promise<string> {
  const path = join(root, file);
  const source = readFileSync(path, 'utf8');
  const limits: Readonly<Record<string, unknown>> = await import(pathToFileURL(path).href);
  const values = new Map<string, unknown>(Object.entries(limits));
  let words = '';
  const rows = [...source.matchAll(/^(?:\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\n)?export const (\w+)/gm)];
  const lines = rows.map(([, comment, name = '']) => {
    // A limit without a comment shares that of the one above it.
    words =
      comment
        ?.replace(/^\s*\*/gm, '')
        .replace(/\s+/g, ' ')
        .trim() ?? words;
    return `| \`${name}\` | ${valueText(values.get(name))} | ${words.replaceAll('|', '\\|')} |\n`;
  });
  return lines.join('');
}

/**
 * `1,000`; for a range `1 to 100,000 (50)`, or `at most 200 (50)`; for several bounds
 * `freeBytes 64, freePercent 33`.
 */
function valueText(value: unknown): string {
  if (typeof value === 'number') return value.toLocaleString('en-US');
  if (typeof value !== 'object' || value === null)
    throw new TypeError('a limit is a number or a set of them');
  const { min, max, default: usual, ...others } = value as Readonly<Record<string, number>>;
  if (max === undefined) {
    return Object.entries(others)
      .map(([name, bound]) => `${name} ${valueText(bound)}`)
      .join(', ');
  }
  const range =
    min === undefined ? `at most ${valueText(max)}` : `${valueText(min)} to ${valueText(max)}`;
  return usual === undefined ? range : `${range} (${valueText(usual)})`;
}
