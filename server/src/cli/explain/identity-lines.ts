/** How the identities of a contact were joined, in words. */
import type { JoinView } from '../../administration/contact/list-joins.ts';
import type { Explanation } from '../../explain/explain-everything.ts';
import { identityRows, identityWords, keyWords } from '../contact/contact-words.ts';
import { formatTable } from '../terminal/format-table.ts';
import { indented, timeWords } from './line-words.ts';

export function identityLines(explanation: Explanation): string[] {
  const { other_ids, joins, joins_complete } = explanation;
  const rows = identityRows(explanation);
  const cells = rows.map(({ identity, dataset, key, since, effect }) => {
    return [identity, dataset, key, since, effectWords[effect] ?? effect];
  });
  const head = ['IDENTITY', 'DATASET', 'ROW KEY', 'SINCE', 'EFFECT'];
  const table = formatTable([head, ...cells]).split('\n');
  return [
    'IDENTITIES AND THE ROWS THAT CLAIM THEM',
    ...indented([...table, ...other_ids.map((id) => `also id:${id}`)], 2),
    ...indented(joins.map(joinWords), 2),
    ...(joins_complete ? [] : ['  There are older joins: usher contact joins']),
  ];
}

const effectWords: Readonly<Record<string, string>> = {
  identity_conflict: 'none: the contacts have different stable values (identity_conflict)',
  identity_limit: 'none: too many identities of one type (identity_limit)',
  identity_moved: 'none: it moved to another contact (identity_moved)',
  identity_not_joining: 'none: its type joins no contacts (identity_not_joining)',
  identity_parted: 'none: people parted the contacts (identity_parted)',
  identity_shared: 'none: too many rows share it (identity_shared)',
  identity_taken: 'none: another contact has it (identity_taken)',
};

function joinWords(join: JoinView): string {
  const { kind, at, dataset, by, identity, taken_back } = join;
  const through = identity === null ? '' : `, through ${identityWords(identity)}`;
  const who = kind === 'join' ? ` by rows of ${dataset ?? 'a dataset that is gone'}` : ` by ${by}`;
  const end = taken_back ? ', taken back since' : '';
  return `${timeWords(at)}  ${kindWords[kind]}${who}: ${keyWords(join)}${through}${end}`;
}

const kindWords = {
  join: 'joined',
  merge: 'merged',
  unmerge: 'parted again',
  split: 'split',
  storm: 'parted',
} as const satisfies Record<JoinView['kind'], string>;
