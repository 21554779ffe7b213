/** The flags of `npm run bench:lookup`. */
import { parseArgs } from 'node:util';

export const parts = ['servers', 'import', 'cold', 'memory'] as const;
export type Part = (typeof parts)[number];

export interface LookupOptions {
  readonly contacts: number;
  readonly rounds: number;
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
}

/** @throws when a flag is unknown or its value is none */
export function readOptions(parameters: readonly string[]): LookupOptions {
  const { values } = parseArgs({
    args: [...parameters],
    options: {
      contacts: { type: 'string', default: '1000000' },
      rounds: { type: 'string', default: '3' },
      seconds: { type: 'string', default: '5' },
      patience: { type: 'string', default: '30' },
      parts: { type: 'string', default: parts.join(',') },
      servers: { type: 'string', default: '' },
      scale: { type: 'string', default: '' },
      fresh: { type: 'boolean', default: false },
    },
  });
  const contacts = positive('contacts', values.contacts);
  const scale = list(values.scale).map((count) => positive('scale', count));
  return {
    contacts,
    rounds: positive('rounds', values.rounds),
    seconds: positive('seconds', values.seconds),
    patienceSeconds: positive('patience', values.patience),
    parts: list(values.parts).map(toPart),
    servers: list(values.servers),
    scale: scale.length === 0 ? [contacts] : scale.sort((a, b) => a - b),
    fresh: values.fresh,
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

export function positive(name: string, text: string): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 1) throw new Error(`--${name} ${text} is no count`);
  return number;
}
