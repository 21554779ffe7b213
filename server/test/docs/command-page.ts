/**
 * The page `docs/cli.md`: its prose is written by hand, and its tables of flags come from the
 * program. `npm run docs` inserts the tables, and adds a section for each command without one.
 */
import type { CommandFacts } from './command-line.ts';

/** The page with each command's table as the program has it now. */
export function commandPage(page: string, commands: readonly CommandFacts[]): string {
  const [intro = '', ...sections] = page.split(/^(?=### )/m);
  for (const [place, facts] of commands.entries()) {
    const at = sections.findIndex((section) => callOf(section) === facts.call);
    if (at >= 0) {
      sections[at] = withTable(sections[at] ?? '', facts);
      continue;
    }
    // A new one stands behind the command that the program names before it.
    const before = sections.findIndex((section) => callOf(section) === commands[place - 1]?.call);
    const [own = '', next = ''] = (sections[before] ?? '').split(/^(?=## )/m);
    const fresh = withTable(`### \`${facts.call}\`\n\n${facts.description}.\n`, facts);
    sections.splice(before, 1, own, `${fresh}${next}`);
  }
  return intro + sections.join('');
}

function callOf(section: string): string {
  return (section.split('\n', 1)[0] ?? '').replace(/^### /, '').replaceAll('`', '').trim();
}

/** The table stands behind the command's own words, before what belongs to the next group. */
function withTable(section: string, { flags }: CommandFacts): string {
  const bare = section.replace(/\n(?:\|.*\n)+/g, '');
  const [own = '', next] = bare.split(/^(?=## )/m);
  const rows = flags.map(({ flags: names, description }) => {
    return `| \`${cellText(names)}\` | ${cellText(description)} |\n`;
  });
  const table = rows.length === 0 ? '' : `\n| flag | means |\n| --- | --- |\n${rows.join('')}`;
  return `${own.trimEnd()}\n${table}\n${next ?? ''}`;
}

function cellText(text: string): string {
  return text.replaceAll('|', '\\|');
}
