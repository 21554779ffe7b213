/**
 * Reads one value of a document that people write: JSON, or YAML as plain values and Maps. Each
 * fault is noted with its JSON pointer.
 * @example
 * const cron = reader.member('schedule').member('cron').text(100); // undefined if absent or wrong
 */
import { pointerStep } from '../../domain/json-pointer.ts';
import { nearestWord } from '../../domain/nearest-word.ts';
import type { DefinitionProblems } from '../dataset/definition-problems.ts';

export class DocumentReader {
  readonly value: unknown;
  readonly path: string;
  readonly problems: DefinitionProblems;

  constructor(value: unknown, path: string, problems: DefinitionProblems) {
    this.value = value;
    this.path = path;
    this.problems = problems;
  }

  /** Whether the value is left out or null. */
  get isAbsent(): boolean {
    return this.value === undefined || this.value === null;
  }

  fail(detail: string): undefined {
    this.problems.add(this.path, detail);
    return undefined;
  }

  /** A member of an object; absent if the object has no such member. */
  member(name: string): DocumentReader {
    return this.#below(name, memberOf(this.value, name));
  }

  /**
   * Refuses members with other names.
   * @returns whether the value is an object
   */
  takes(names: readonly string[]): boolean {
    const entries = entriesOf(this.value);
    if (entries === undefined) {
      this.fail(`Give an object with ${names.join(', ')}.`);
      return false;
    }
    for (const [key] of entries) {
      if (names.includes(key)) continue;
      const near = nearestWord(key, names);
      const detail =
        near === undefined ? `The members are ${names.join(', ')}.` : `Did you mean ${near}?`;
      this.#below(key, undefined).fail(`This member is unknown. ${detail}`);
    }
    return true;
  }

  /** The members of an object with free names; empty if it is absent. */
  entries(what: string): readonly (readonly [name: string, place: DocumentReader])[] {
    if (this.isAbsent) return [];
    const entries = entriesOf(this.value);
    if (entries === undefined) this.fail(`Give an object: ${what}.`);
    return (entries ?? []).map(([key, value]) => [key, this.#below(key, value)]);
  }

  /** The elements of a list, at most `max`. A single text counts as a list of one. */
  elements(what: string, max: number): readonly DocumentReader[] {
    if (this.isAbsent) return [];
    if (typeof this.value === 'string') return [this];
    if (!Array.isArray(this.value)) this.fail(`Give a list of ${what}.`);
    const list: readonly unknown[] = Array.isArray(this.value) ? this.value : [];
    if (list.length > max) this.fail(`Give at most ${max} ${what}.`);
    return list.slice(0, max).map((value, index) => this.#below(String(index), value));
  }

  /** A text of 1 to `max` characters; `undefined` if it is absent or wrong. */
  text(max: number): string | undefined {
    if (this.isAbsent) return undefined;
    const { value } = this;
    if (typeof value !== 'string') return this.fail('Give a string.');
    if (value.trim() === '' || value.length > max) {
      return this.fail(`Give a string of 1 to ${max} characters.`);
    }
    if (value.includes('\0')) return this.fail('A text must not contain a NUL character.');
    return value;
  }

  word<const Word extends string>(words: readonly Word[]): Word | undefined {
    if (this.isAbsent) return undefined;
    const word = words.find((known) => known === this.value);
    return word ?? this.fail(`Give one of ${words.join(', ')}.`);
  }

  flag(): boolean | undefined {
    if (this.isAbsent) return undefined;
    return typeof this.value === 'boolean' ? this.value : this.fail('Give true or false.');
  }

  number(range: { readonly min: number; readonly max: number }): number | undefined {
    if (this.isAbsent) return undefined;
    const { value } = this;
    const isGiven = typeof value === 'number' && Number.isFinite(value);
    if (isGiven && value >= range.min && value <= range.max) return value;
    if (!isGiven) return this.fail('Give a number.');
    return this.fail(`Give a number from ${range.min} to ${range.max}.`);
  }

  #below(key: string, value: unknown): DocumentReader {
    return new DocumentReader(value, `${this.path}/${pointerStep(key)}`, this.problems);
  }
}

/** Found without a walk over all members: a document may have thousands of segments. */
function memberOf(value: unknown, name: string): unknown {
  if (value instanceof Map) {
    if (value.has(name)) return (value as ReadonlyMap<unknown, unknown>).get(name);
    // A key such as 12 is a number in YAML.
    return entriesOf(value)?.find(([key]) => key === name)?.[1];
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  return Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined;
}

/** Names come from outside, so only an object's own members count. */
function entriesOf(value: unknown): readonly (readonly [string, unknown])[] | undefined {
  if (value instanceof Map) {
    return [...(value as ReadonlyMap<unknown, unknown>)].map(([key, one]) => [String(key), one]);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  return Object.entries(value);
}
