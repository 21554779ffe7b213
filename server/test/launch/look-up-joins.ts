/**
 * Looks up contacts while another process joins, parts and moves them, and checks every answer
 * (`joining-people.ts`).
 */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { decodeRecord } from '../../src/stores/contact-codec.ts';
import { openReader } from '../../src/stores/open-store.ts';
import type { ContactReader, LentContact } from '../../src/stores/store.ts';
import { startChild } from '../stores/child-process.ts';
import { makeDataFolder } from '../stores/sample-changes.ts';
import {
  guestQuestion,
  organizationId,
  type Question,
  questions,
  readShown,
  type Shown,
} from './joining-people.ts';

export interface JoinLookups {
  /** The least number of look-ups. */
  readonly lookups: number;
  readonly minMs: number;
  /** Fails if not everything was seen within this time. */
  readonly maxMs: number;
}

/**
 * What must be seen: an answer with a customer number (`joined`), with none (`alone`), or no
 * answer. For addresses also the place of the owner in the pair.
 */
const expected = [
  ...['number joined', 'fixed address joined', 'user of shop joined'],
  ...['moving address joined 0', 'moving address joined 1', 'moving address alone'],
  ...['user of club alone', 'user of club joined'],
  ...['user of trip joined', 'user of trip none'],
  ...['user of guest joined', 'user of guest alone'],
];

/** @returns how many look-ups were made, and in how many rounds of writes */
export async function lookUpJoins(
  context: TestContext,
  { lookups, minMs, maxMs }: JoinLookups,
): Promise<{ readonly lookups: number; readonly rounds: number }> {
  const dataFolder = makeDataFolder(context);
  const child = startChild('../launch/joining-child.ts', [dataFolder]);
  context.after(() => child.kill());
  await child.line((line) => line === 'ready');
  const reader = openReader(dataFolder);
  context.after(() => reader.close());
  const watch = new JoinWatch(reader);
  const beganMs = performance.now();
  const isOver = () =>
    watch.lookups >= lookups && performance.now() - beganMs >= minMs && watch.missing.length === 0;
  while (!isOver()) {
    assert.equal(child.process.exitCode, null, 'the writing process ended');
    assert.ok(performance.now() - beganMs < maxMs, `not seen: ${watch.missing.join(', ')}`);
    await watch.lookUpAll();
    await setImmediate();
  }
  await child.kill();
  const faults = await reader.verify();
  assert.deepEqual(faults, { tornContacts: 0, danglingIdentities: 0, wrongCounts: 0 });
  return { lookups: watch.lookups, rounds: watch.round };
}

class JoinWatch {
  lookups = 0;
  /** The newest round that an answer showed. */
  round = 0;
  readonly #reader: ContactReader;
  readonly #seen = new Set<string>();

  constructor(reader: ContactReader) {
    this.#reader = reader;
  }

  get missing(): readonly string[] {
    return expected.filter((it) => !this.#seen.has(it));
  }

  /** Asks every question by itself, then all of them as of one moment. */
  async lookUpAll(): Promise<void> {
    for (const question of questions) await this.#lookUp(question);
    for (const round of [this.round, this.round + 1]) await this.#lookUp(guestQuestion(round));
    const asked = questions.map(queryOf);
    const found = await this.#reader.readContacts(asked, show);
    const rounds = new Set<number>();
    for (const [at, question] of questions.entries()) {
      const shown = found[at];
      this.#check(question, shown);
      if (shown?.rounds.web !== undefined) rounds.add(shown.rounds.web);
    }
    assert.equal(rounds.size, 1, 'one push is seen as a whole');
  }

  async #lookUp(question: Question): Promise<void> {
    this.#check(question, await this.#reader.lendContact(queryOf(question), show));
  }

  #check(question: Question, shown: Shown | undefined): void {
    const { name, faultOf } = question;
    this.lookups += 1;
    const fault = faultOf(shown);
    assert.equal(fault, undefined, `${name} ${question.identity.value}: ${JSON.stringify(shown)}`);
    this.#seen.add(shown === undefined ? `${name} none` : describe(name, shown));
    this.round = Math.max(this.round, shown?.rounds.web ?? 0);
  }
}

function describe(name: string, { people: [owner], numbers }: Shown): string {
  if (numbers.length === 0) return `${name} alone`;
  const place = name === 'moving address' ? ` ${(owner ?? 0) % 2}` : '';
  return `${name} joined${place}`;
}

function queryOf({ identity }: Question) {
  return { organizationId, identity, parts: { memberships: false, identities: true } };
}

function show({ record, identities }: LentContact): Shown {
  return readShown(decodeRecord(record.bytes, record.length), identities);
}
