/** The page `docs/limits.md`, made of `domain/limits.ts`: each limit with its value and its comment. `npm run docs` writes it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as limits from '../../src/domain/limits.ts';
import { root } from './pages.ts';

const intro = `# Limits

Every size, wait and count is bounded. This page is made of \`server/src/domain/limits.ts\` by \`npm run docs\`. A range is of what an operator
may set, with what holds unless said otherwise in parentheses. Names tell the unit: bytes, milliseconds (\`Ms\`), or a count.

| limit | value | what, and why so much |
| --- | --- | --- |
`;

export function limitsPage(): string {
  const source = readFileSync(join(root, 'server/src/domain/limits.ts'), 'utf8');
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
  return intro + lines.join('');
}

/** `1,000`; for a range `1 to 100,000 (50)`, or `at most 200 (50)`. */
function valueText(value: unknown): string {
  if (typeof value !== 'object' || value === null) return Number(value).toLocaleString('en-US');
  const { min, max, default: usual } = value as { min?: number; max: number; default?: number };
  const most = valueText(max);
  const range = min === undefined ? `at most ${most}` : `${valueText(min)} to ${most}`;
  return usual === undefined ? range : `${range} (${valueText(usual)})`;
}
