/** Reads the text of a setting: returns its value, or what is wrong with it. */
import { isIP } from 'node:net';
import { resolve } from 'node:path';
import { normaliseCidr } from '../domain/token/address-list.ts';

/** `problem` completes "USHER_X ...". */
export type Reading<T> = { readonly value: T } | { readonly problem: string };

export interface Machine {
  /** Relative paths start here. */
  readonly workingFolder: string;
  readonly cores: number;
}

export function readWhole(min: number, max: number): (text: string) => Reading<number> {
  return (text) => {
    const number = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
    if (number >= min && number <= max) return { value: number };
    return { problem: `must be a whole number from ${min} to ${max}` };
  };
}

export function readOneOf<T extends string>(words: readonly T[]): (text: string) => Reading<T> {
  return (text) => {
    const word = words.find((known) => known === text);
    if (word !== undefined) return { value: word };
    return { problem: `must be ${words.length === 1 ? words[0] : `one of ${words.join(', ')}`}` };
  };
}

export function readPath(text: string, machine: Machine): Reading<string> {
  if (text.includes('\0')) return { problem: 'must be a path without NUL characters' };
  return { value: resolve(machine.workingFolder, text) };
}

export function readHost(text: string): Reading<string> {
  const isName = text.length <= 253 && /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i.test(text);
  if (isIP(text) !== 0 || isName) return { value: text };
  return { problem: 'must be an address or a host name, such as 127.0.0.1 or ::' };
}

/** Networks, separated by commas or spaces. */
export function readNetworks(text: string): Reading<readonly string[]> {
  const parts = text.split(/[\s,]+/).filter((part) => part !== '');
  const networks = parts.map(normaliseCidr);
  const wrong = parts.filter((_, index) => networks[index] === undefined);
  if (wrong.length === 0) return { value: networks.filter((network) => network !== undefined) };
  return {
    problem: `must be a list of addresses or CIDRs, such as 10.0.0.0/8; not ${wrong.join(', ')}`,
  };
}

export function orNone<T>(
  read: (text: string, machine: Machine) => Reading<T>,
): (text: string, machine: Machine) => Reading<T | null> {
  return (text, machine) => (text === '' ? { value: null } : read(text, machine));
}
