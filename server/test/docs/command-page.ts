/**
 * The page `docs/cli.md`: its prose is written by hand, its tables of flags come from the program. `npm run docs` puts the tables in, and adds
 * a section for a command that has none.
 */
import type { CommandFacts } from './command-line.ts';

/** The page with each command's table as the program has it now. */
export function commandPage(page: string, commands: readonly CommandFacts[]): string {
  const [intro = '', ...sections] = page.split(/^(?=### )/m);
  const byCall = new Map(sections.map((section) => [callOf(section), section]));
  const added = commands.filter(({ call }) => !byCall.has(call));
  const kept = sections.map((section) => {
    const facts = commands.find(({ call }) => call === callOf(section));
    return facts === undefined ? section : withTable(section, facts);
  });
  const fresh = added.map((facts) =>
    withTable(`### \`${facts.call}\`\n\n${facts.description}.\n`, facts),
  );
  return [intro, ...kept, ...fresh.map((section) => `\n${section}`)].join('');
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
