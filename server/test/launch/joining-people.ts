/**
 * People whose contacts are joined, parted and moved without end, and what an answer about them may
 * show. Each person has a customer number, which is stable. Each section says whose it is, and the
 * number of the round that wrote it.
 *
 * People come in pairs. Two addresses change hands within each pair in every round. Users belong to
 * the first person of the pair, and are joined and parted.
 */
import { type IdentityRules, usualTypeRules } from '../../src/domain/contact/identity-rules.ts';
import type { DecodedRecord } from '../../src/stores/contact-codec.ts';
import type { KnownIdentity } from '../../src/stores/store.ts';
import { identity, section } from '../stores/sample-changes.ts';

export const organizationId = 1;
const pairCount = 8;

const typeIds = { email: 1, no: 2, user: 3 };

export const rules: IdentityRules = {
  types: [
    { ...usualTypeRules, id: typeIds.no, isStable: true },
    { ...usualTypeRules, id: typeIds.email },
    { ...usualTypeRules, id: typeIds.user },
  ],
  trust: [],
};
export const keyOrder = [typeIds.no, typeIds.user, typeIds.email];

/**
 * In the order in which a round writes them.
 * - `news`: rows that are keyed by the addresses that change hands, and follow them.
 * - `crm`: a snapshot. In the even pairs its rows move the addresses, and are gone in some rounds.
 * - `web`: pushed. In the odd pairs its rows move the addresses.
 * - `shop`: a user who shares an address with the first person.
 * - `trip`: a user who joins the first person, until the run is rolled back.
 * - `club`: a user whom people merge with the first person, and part again.
 * - `guest`: a user whom a row of the identity dataset `same` joins with the first person, until
 *   somebody splits the two.
 */
export const datasetIds = {
  ...{ news: 1, crm: 2, web: 3, shop: 4, trip: 5, club: 6, guest: 7, same: 8 },
} as const;
export type DatasetName = keyof typeof datasetIds;

const names = new Map<number, DatasetName>(
  Object.entries(datasetIds).map(([name, id]) => [id, name as DatasetName]),
);

export const pairs = Array.from({ length: pairCount }, (_, pair) => pair);
export const people = Array.from({ length: pairCount * 2 }, (_, person) => person);

const pairOf = (person: number) => Math.floor(person / 2);
const isEven = (pair: number) => pair % 2 === 0;
/** Whether `crm` writes the two persons of the pair in different batches. */
const isInTwo = (pair: number) => pair % 4 === 0;
export const isWrittenLate = (person: number) => isInTwo(pairOf(person)) && person % 2 === 1;
/** The dataset whose rows move the addresses of the pair. */
const moverOf = (pair: number) => (isEven(pair) ? 'crm' : 'web');

export const numberOf = (person: number) => identity(typeIds.no, `${person}`);
/** An address that stays with the person. */
export const fixedAddress = (person: number) => identity(typeIds.email, `fixed-${person}@x.org`);
/** One of the addresses that change hands: each pair has two. */
export const movingAddress = (address: number) =>
  identity(typeIds.email, `moving-${address}@x.org`);
export const userOf = (dataset: DatasetName, name: number | string) =>
  identity(typeIds.user, `${dataset}-${name}`);

/** What a row of the person names. */
export function identitiesIn(
  dataset: 'crm' | 'web',
  round: number,
  person: number,
): readonly KnownIdentity[] {
  const pair = pairOf(person);
  const isMoved = moverOf(pair) === dataset;
  const address = isMoved ? movingAddress(pair * 2 + ((person + round) % 2)) : fixedAddress(person);
  return [numberOf(person), address];
}

/** @param address the pair times two, and which of its addresses it is */
function ownerOfAddress(round: number, address: number): number {
  return pairOf(address) * 2 + ((address + round) % 2);
}

/** Whether `crm` has no row of the person in this round. */
export function isGone(round: number, person: number): boolean {
  const pair = pairOf(person);
  return isEven(pair) && (round + pair) % 7 === 0;
}

/** @param about a person; for `news` an address */
export function sectionOf(about: number, round: number): Buffer {
  return section({ 1: about, 2: round, 3: 'x'.repeat((round * 37) % 300), 4: round });
}

/** What one answer shows. */
export interface Shown {
  /** Whose sections they are, apart from that of `news`. */
  readonly people: readonly number[];
  /** Which address the section of `news` is about. */
  readonly news: number | undefined;
  /** Which round wrote each section. */
  readonly rounds: Readonly<Partial<Record<DatasetName, number>>>;
  /** Whether a section has values of two rounds. */
  readonly isTorn: boolean;
  readonly numbers: readonly string[];
}

export function readShown(
  { sections }: Pick<DecodedRecord, 'sections'>,
  identities: readonly KnownIdentity[],
): Shown {
  const read = sections.map(({ datasetId, fields }) => {
    const [about, round, text, again] = [1, 2, 3, 4].map((id) => JSON.parse(fields.get(id) ?? '0'));
    const isTorn = round !== again || `${text}`.length !== (round * 37) % 300;
    return { name: names.get(datasetId), about: Number(about), round: Number(round), isTorn };
  });
  const own = read.filter(({ name }) => name !== 'news');
  return {
    people: [...new Set(own.map(({ about }) => about))],
    news: read.find(({ name }) => name === 'news')?.about,
    rounds: Object.fromEntries(read.map(({ name, round }) => [name, round])),
    isTorn: read.some(({ isTorn }) => isTorn),
    numbers: identities.filter(({ typeId }) => typeId === typeIds.no).map(({ value }) => value),
  };
}

/** Something to look up, and what is wrong with an answer; `undefined`: nothing. */
export interface Question {
  readonly name: string;
  readonly identity: KnownIdentity;
  readonly faultOf: (shown: Shown | undefined) => string | undefined;
}

/** What is wrong with any answer, whatever was asked. */
function faultOfAny(shown: Shown): string | undefined {
  const { people: owners, news, rounds, isTorn, numbers } = shown;
  const [owner] = owners;
  if (isTorn) return 'a section of two rounds';
  if (numbers.length > 1) return 'two customer numbers';
  if (owners.length > 1 || (owner === undefined && news === undefined)) return 'several people';
  if (numbers.some((number) => number !== `${owner}`)) return 'the number of another person';
  if (news !== undefined && owner !== undefined && !mayHold(owner, news, rounds)) {
    return 'news of an address that somebody else has';
  }
  // A round writes these in this order, so the first may be one round ahead of the last.
  const written = [rounds.crm, rounds.web, rounds.shop, rounds.club].filter(
    (it) => it !== undefined,
  );
  const isInOrder = written.every((round, at) => at === 0 || round <= (written[at - 1] ?? 0));
  const isOne = isInOrder && (written[0] ?? 0) - (written.at(-1) ?? 0) <= 1;
  return isOne ? undefined : 'sections of different commits';
}

/** Whether the person may have the address in the rounds that an answer shows. */
function mayHold(person: number, address: number, { crm, web = 0 }: Shown['rounds']): boolean {
  const pair = pairOf(address);
  if (moverOf(pair) === 'web') return person === ownerOfAddress(web, address);
  // Between two batches the address stays with its old owner, until the new one has it.
  if (isInTwo(pair)) return pairOf(person) === pair;
  if (crm !== undefined) return person === ownerOfAddress(crm, address);
  // The rows of `crm` are gone: the address is still where it was in the round before.
  const goneIn = isGone(web, address) ? web : web + 1;
  return person === ownerOfAddress(goneIn - 1, address);
}

function question(
  name: string,
  about: KnownIdentity,
  { isAlways, isRight }: { isAlways: boolean; isRight: (shown: Shown) => boolean },
): Question {
  const faultOf = (shown: Shown | undefined) => {
    if (shown === undefined) return isAlways ? 'no answer' : undefined;
    return faultOfAny(shown) ?? (isRight(shown) ? undefined : 'another person');
  };
  return { name, identity: about, faultOf };
}

const isOf =
  (person: number, dataset?: DatasetName) =>
  ({ people: [owner], rounds }: Shown) =>
    owner === person && (dataset === undefined || rounds[dataset] !== undefined);

/** Everything that can be asked all the time. */
export const questions: readonly Question[] = [
  ...people.flatMap((person) => {
    const right = { isAlways: true, isRight: isOf(person) };
    const news = { isAlways: true, isRight: (shown: Shown) => shown.news === person };
    return [
      question('number', numberOf(person), right),
      question('fixed address', fixedAddress(person), right),
      question('moving address', movingAddress(person), news),
    ];
  }),
  ...pairs.flatMap((pair) => {
    const first = pair * 2;
    return (['shop', 'club', 'trip'] as const).map((dataset) => {
      const right = { isAlways: dataset !== 'trip', isRight: isOf(first, dataset) };
      return question(`user of ${dataset}`, userOf(dataset, pair), right);
    });
  }),
];

/** The first person of the pair whose guest a round splits off. */
export const hostIn = (round: number) => (round % pairs.length) * 2;

export function guestQuestion(round: number): Question {
  const right = { isAlways: false, isRight: isOf(hostIn(round), 'guest') };
  return question('user of guest', userOf('guest', round), right);
}
