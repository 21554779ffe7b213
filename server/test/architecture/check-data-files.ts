/** Checks that only `domain/data-files.ts` contains names of files in the data folder. */
import { dataFiles } from '../../src/domain/data-files.ts';
import type { Module } from './read-house.ts';

const home = 'server/src/domain/data-files.ts';
const names = Object.values(dataFiles);
/** Names such as `runs` mean other things too, so they count only where a path is joined. */
const plainNames = names.filter((name) => !name.includes('.'));
const telling = names.filter((name) => name.includes('.'));
const joined = new RegExp(
  `\\b(?:join|resolve)\\([^;{}]{0,200}?'(?:${plainNames.join('|')})(?:/[^']*)?'`,
);

export function checkDataFiles({ path, text, strings }: Module): string[] {
  if (!path.startsWith('server/src/') || path === home) return [];
  const said = telling.filter((name) => strings.some((string) => string.includes(name)));
  const begins = plainNames.some((name) => strings.some((it) => it.startsWith(`${name}/`)));
  const isJoined = begins || joined.test(text);
  if (said.length === 0 && !isJoined) return [];
  const named = isJoined ? [...said, 'a folder'] : said;
  return [`names ${named.join(', ')} in the data folder: take the name from ${home}`];
}
