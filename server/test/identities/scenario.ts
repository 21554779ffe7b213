/**
 * The form of a scenario: settings, steps that write something, and who answers then. Rows are
 * written as their identities and their section: `no:1 em:a Ann`. `em:null` clears the e-mail.
 */
import assert from 'node:assert/strict';
import { type Identity, type IdentitySettings, textOf, typeOf } from './identity-state.ts';
import type { IdentityTrial } from './identity-trial.ts';
import type { IncomingRow } from './model-state.ts';

type ScenarioStep = (scene: Scene) => Promise<void>;

export interface Scenario {
  /** Its number in the table of the rules, if it is there. */
  readonly number?: number;
  /** A promise, in the present tense. */
  readonly name: string;
  readonly settings?: IdentitySettings;
  readonly steps: readonly ScenarioStep[];
  /** Identity or contact id to the sections that it leads to, or `404`. */
  readonly answers: Readonly<Record<Identity, string>>;
}

interface Scene {
  readonly trial: IdentityTrial;
  /** The entries of the merges so far. */
  readonly entries: number[];
}

const phone = { name: 'ph', joins: false, isStable: false, maxPerContact: 20 };

/** Customer numbers, user ids, e-mails and phone numbers, which do not join. None is stable. */
export const usualSettings: IdentitySettings = {
  types: [...['no', 'user', 'em'].map((name) => ({ ...phone, name, joins: true })), phone],
  datasets: [
    { name: 'crm', kind: 'contact', mode: 'snapshot', identifiers: ['no', 'em'] },
    { name: 'shop', kind: 'contact', mode: 'snapshot', identifiers: ['user', 'em'] },
    { name: 'news', kind: 'contact', mode: 'snapshot', identifiers: ['em'] },
    { name: 'till', kind: 'contact', mode: 'snapshot', identifiers: ['no'] },
    { name: 'crm2', kind: 'contact', mode: 'snapshot', identifiers: ['no', 'em'] },
    { name: 'imp', kind: 'contact', mode: 'snapshot', identifiers: ['em', 'user'] },
    { name: 'tel', kind: 'contact', mode: 'snapshot', identifiers: ['user', 'ph'] },
    { name: 'log', kind: 'contact', mode: 'append', identifiers: ['no', 'em'] },
    { name: 'web', kind: 'contact', mode: 'push', identifiers: ['no', 'user', 'em'] },
    { name: 'same', kind: 'identity', mode: 'push', identifiers: ['no', 'user', 'em'] },
  ],
  trust: [],
  maxIdentities: 100,
  sharedLimit: 3,
  blocked: ['', '0', 'null'],
};

/** The usual settings, with customer numbers as the stable type. */
export const stableSettings: IdentitySettings = {
  ...usualSettings,
  types: usualSettings.types.map((type) => ({ ...type, isStable: type.name === 'no' })),
};

/** Writes a scenario, and checks each answer. */
export async function playScenario(
  { steps, answers }: Scenario,
  trial: IdentityTrial,
): Promise<void> {
  const scene = { trial, entries: [] };
  for (const step of steps) await step(scene);
  const found: Record<Identity, string> = {};
  for (const identity of Object.keys(answers)) {
    found[identity] = (await trial.answer(identity)) ?? '404';
  }
  assert.deepEqual(found, answers);
}

function readRow(text: string): IncomingRow {
  const words = text.split(' ');
  const named = words.filter((word) => word.includes(':'));
  return {
    identities: named.filter((it) => textOf(it) !== 'null'),
    cleared: named.filter((it) => textOf(it) === 'null').map(typeOf),
    section: words.filter((word) => !word.includes(':')).join(' '),
  };
}

/** A run of a dataset with these rows. */
export function run(dataset: string, ...rows: readonly string[]): ScenarioStep {
  return ({ trial }) => trial.run(dataset, rows.map(readRow));
}

/** A run that is killed after its first row. */
export function runKilledAfterFirst(dataset: string, ...rows: readonly string[]): ScenarioStep {
  return ({ trial }) => trial.runKilled(dataset, rows.map(readRow), 1);
}

export function push(dataset: string, row: string): ScenarioStep {
  return ({ trial }) => trial.push(dataset, readRow(row));
}

export function merge(one: Identity, other: Identity): ScenarioStep {
  return async ({ trial, entries }) => {
    const answer = await trial.merge(one, other);
    assert.ok('entry' in answer, `${one} and ${other} are merged`);
    entries.push(answer.entry);
  };
}

export function refusedMerge(one: Identity, other: Identity, code: string): ScenarioStep {
  return async ({ trial }) => {
    assert.deepEqual(await trial.merge(one, other), { refused: code });
  };
}

/** Takes the last merge back. */
export function unmerge(): ScenarioStep {
  return async ({ trial, entries }) => {
    const entry = entries.pop();
    assert.ok(entry !== undefined);
    await trial.unmerge(entry);
  };
}

export function split(identity: Identity): ScenarioStep {
  return ({ trial }) => trial.split(identity);
}

/** Parts everything that runs of the dataset joined. */
export function part(dataset: string): ScenarioStep {
  return ({ trial }) => trial.part(dataset);
}

export function erase(identity: Identity): ScenarioStep {
  return ({ trial }) => trial.erase(identity);
}

export function rollBack(dataset: string): ScenarioStep {
  return ({ trial }) => trial.rollBack(dataset);
}

export function backUp(): ScenarioStep {
  return ({ trial }) => trial.backUp();
}

export function restore(): ScenarioStep {
  return ({ trial }) => trial.restore();
}

export function wait(days: number): ScenarioStep {
  return ({ trial }) => trial.wait(days);
}
