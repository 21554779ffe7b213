/** The tables of places in `docs/privacy.md`, from `domain/personal-data.ts`. */
import {
  filePlaces,
  outerPlaces,
  type PersonalDataPlace,
  storePlaces,
} from '../../src/domain/personal-data.ts';

export const privacyPath = 'docs/privacy.md';

const tables: Readonly<Record<string, readonly PersonalDataPlace[]>> = {
  'The contact store': storePlaces,
  'Other files of the data folder': filePlaces,
  'Outside of the data folder': outerPlaces,
};

/** The page with its tables of places as the registry has them. */
export function privacyPage(page: string): string {
  let written = page;
  for (const [heading, places] of Object.entries(tables)) {
    const title = `\n### ${heading}\n`;
    const start = written.indexOf(title);
    if (start < 0) throw new Error(`${privacyPath} has no section "${heading}"`);
    const rest = written.slice(start + title.length);
    const end = rest.search(/^#{2,3} /m);
    const section = end < 0 ? rest : rest.slice(0, end);
    const prose = section.replace(/(?:^\|.*\n)+/m, '').trim();
    const body = [prose, tableOf(places)].filter((part) => part !== '').join('\n\n');
    const after = end < 0 ? '' : `\n\n${rest.slice(end)}`;
    written = `${written.slice(0, start)}${title}\n${body}${after}`;
  }
  return `${written.trimEnd()}\n`;
}

function tableOf(places: readonly PersonalDataPlace[]): string {
  const rows = places.map((place) => {
    const { name, holds, forms, kept, erasure } = place;
    const cells = [`${name}${namesOf(place)}`, holds, forms.join(', '), kept, erasure];
    return `| ${cells.join(' | ')} |`;
  });
  const head = [
    '| place | holds | as | how long | an erasure |',
    '| --- | --- | --- | --- | --- |',
  ];
  return [...head, ...rows].join('\n');
}

/** The databases of the store, or the files of other places. */
function namesOf({ paths, databases, tables: ofCatalog }: PersonalDataPlace): string {
  const names = databases ?? (ofCatalog === undefined ? paths : [paths[0]]);
  return names.length === 0 ? '' : ` (${names.map((name) => `\`${name}\``).join(', ')})`;
}
