/** The flags of `npm run bench:lookup`. */
import { parseArgs } from 'node:util';

export const parts = ['servers', 'open', 'import', 'cold', 'memory'] as const;
/** Every server that can be measured, and the databases that it needs. */
export const serverKeys: ReadonlyMap<string, readonly ('redis' | 'postgres')[]> = new Map([
  ['nginx', []],
  ['webdis', ['redis']],
  ['fastify-redis', ['redis']],
  ['fastify-postgres', ['postgres']],
  ['usher', []],
  ['usher-2', []],
]);

/** The rounds of a comparison. The interval of eleven leaves out the lowest and the highest. */
const fewestRounds = 11;
const mostRounds = 41;

export type Part = (typeof parts)[number];

export interface LookupOptions {
  readonly contacts: number;
  readonly rounds: number;
  /**
   * The fewest and the most rounds of a comparison. It stops in between when the ratio is precise
   * enough.
   */
  readonly comparisonRounds: { readonly fewest: number; readonly most: number };
  /** The seconds of each measurement. */
  readonly seconds: number;
  /** For how long a measurement waits for a quiet machine, and is repeated until it is quiet. */
  readonly patienceSeconds: number;
  readonly parts: readonly Part[];
  /** Keys of the servers to measure. If empty, all of them. */
  readonly servers: readonly string[];
  /** Numbers of contacts at which CPU time and memory are compared, in ascending order. */
  readonly scale: readonly number[];
  /** Whether to import into Usher again if the data exists already. */
  readonly fresh: boolean;
  /** Another commit, or the folder of its checkout. If set, only the two checkouts are compared. */
  readonly compare: string | undefined;
  /** Whether to write the results of a comparison to `results/`. */
  readonly record: boolean;
  /** Whether to record a profile of Usher's requests as well. */
  readonly profile: boolean;
}

/** @throws if a flag is unknown or its value is invalid */
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
  throw new Error(`--servers knows ${[...serverKeys.keys()].join(', ')}, not "${word}"`);
}

export function positive(name: string, text: string, least = 1): number {
  const number = Number(text);
  if (Number.isSafeInteger(number) && number >= least) return number;
  throw new Error(`--${name} must be a whole number of ${least} or more, not "${text}"`);
}
