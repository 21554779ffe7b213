/** The flags of `npm run bench:lookup`. */
import { parseArgs } from 'node:util';

export const parts = ['servers', 'import', 'cold', 'memory'] as const;
/** Every server that can be measured, and what of others it needs. */
export const serverKeys: ReadonlyMap<string, readonly ('redis' | 'postgres')[]> = new Map([
  ['nginx', []],
  ['webdis', ['redis']],
  ['fastify-redis', ['redis']],
  ['fastify-postgres', ['postgres']],
  ['usher', []],
  ['usher-2', []],
]);

/** Rounds of a comparison. Eleven give an interval that leaves two of them out. */
const fewestRounds = 11;
const mostRounds = 41;

export type Part = (typeof parts)[number];

export interface LookupOptions {
  readonly contacts: number;
  readonly rounds: number;
  /** Of a comparison: no fewer, and no more than it takes to know the ratio precisely. */
  readonly comparisonRounds: { readonly fewest: number; readonly most: number };
  /** Of each measurement. */
  readonly seconds: number;
  /** How long each measurement may wait for a quiet machine. */
  readonly patienceSeconds: number;
  readonly parts: readonly Part[];
  /** Keys of the servers to measure; empty: all. */
  readonly servers: readonly string[];
  /** Numbers of contacts at which CPU time and memory are compared, ascending. */
  readonly scale: readonly number[];
  /** Import into Usher anew even where a folder of before is there. */
  readonly fresh: boolean;
  /** The folder of another checkout to compare this one with, and nothing else. */
  readonly compare: string | undefined;
  /** Whether the results of a comparison are kept in `results/`. */
  readonly record: boolean;
  /** Also record where the time of Usher's requests goes. */
  readonly profile: boolean;
}

/** @throws when a flag is unknown or its value is none */
export function readOptions(parameters: readonly string[]): LookupOptions {
  const { values } = parseArgs({
    args: [...parameters],
    options: {
      contacts: { type: 'string', default: '1000000' },
      rounds: { type: 'string' },
      seconds: { type: 'string', default: '5' },
      patience: { type: 'string', default: '30' },
      parts: { type: 'string', default: parts.join(',') },
      servers: { type: 'string', default: '' },
      scale: { type: 'string', default: '' },
      fresh: { type: 'boolean', default: false },
      compare: { type: 'string' },
      record: { type: 'boolean', default: false },
      profile: { type: 'boolean', default: false },
    },
  });
  const contacts = positive('contacts', values.contacts);
  const rounds = values.rounds === undefined ? undefined : positive('rounds', values.rounds);
  const scale = list(values.scale).map((count) => positive('scale', count));
  return {
    contacts,
    rounds: rounds ?? 3,
    comparisonRounds: { fewest: rounds ?? fewestRounds, most: rounds ?? mostRounds },
    seconds: positive('seconds', values.seconds),
    patienceSeconds: positive('patience', values.patience, 0),
    parts: list(values.parts).map(toPart),
    servers: list(values.servers).map(toServer),
    scale: scale.length === 0 ? [contacts] : scale.sort((a, b) => a - b),
    fresh: values.fresh,
    compare: values.compare,
    record: values.record,
    profile: values.profile,
  };
}

function list(text: string): string[] {
  return text.split(',').filter((word) => word !== '');
}

function toPart(word: string): Part {
  const part = parts.find((known) => known === word);
  if (part === undefined) throw new Error(`--parts knows ${parts.join(', ')}, not ${word}`);
  return part;
}

function toServer(word: string): string {
  if (serverKeys.has(word)) return word;
  throw new Error(`--servers knows ${[...serverKeys].join(', ')}, not "${word}"`);
}

export function positive(name: string, text: string, least = 1): number {
  const number = Number(text);
  if (Number.isSafeInteger(number) && number >= least) return number;
  throw new Error(`--${name} must be a whole number of ${least} or more, not "${text}"`);
}
