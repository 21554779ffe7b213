/**
 * A real store answers as the model of the identity rules does, after any history of writes: the
 * same histories in each run, of about 6,000 steps. `nightly/store-histories.test.ts` tries
 * others. Histories that once were answered otherwise are kept here.
 */
import { test } from 'node:test';
import type { DatasetRules, Identity, IdentitySettings } from './identity-state.ts';
import type { Action } from './random-history.ts';
import { tryKeptHistory, tryStoreHistories } from './try-store-histories.ts';

for (const seed of [2_026, 2_027]) {
  test(`a store answers as the rules say after any history of writes (seed ${seed})`, async (context) =>
    tryStoreHistories(context, 350, seed));
}

test('an erasure leaves a number whose join was parted for a moment, and that joined others', async (context) => {
  await tryKeptHistory(context, settings, [
    run('shop', ['user:0'], ['user:1']),
    run('links', ['user:0', 'email:0']),
    run('links', ['user:0', 'email:0'], ['number:0', 'email:0'], ['number:0', 'user:1']),
    run('links'),
    { kind: 'erase', identity: 'user:0' },
  ]);
});

test('an erasure takes a number that rows joined before they got one key', async (context) => {
  await tryKeptHistory(context, settings, [
    push('number:0', 'email:2'),
    run('shop', ['user:0', 'email:2']),
    push('number:2', 'user:0', 'email:1'),
    { kind: 'erase', identity: 'email:1' },
  ]);
});

test('an erasure leaves who was joined by a run that was rolled back, and parted since', async (context) => {
  await tryKeptHistory(context, settings, [
    run('crm', ['number:1', 'email:1'], ['number:2', 'email:2']),
    run('shop', ['user:1', 'email:2'], ['user:2'], ['user:0', 'email:0']),
    run('links', ['number:2', 'user:2'], ['number:0', 'user:0']),
    { kind: 'rollback', dataset: 'shop' },
    { kind: 'erase', identity: 'number:2' },
  ]);
});

test('a rollback leaves the value of an identity that went and came in the run', async (context) => {
  await tryKeptHistory(context, settings, [
    run('crm', ['email:0'], ['number:2']),
    { kind: 'merge', one: 'email:0', other: 'number:2' },
    run('crm', ['number:2'], ['number:0', 'email:0']),
    { kind: 'rollback', dataset: 'crm' },
  ]);
});

const settings: IdentitySettings = {
  types: ['number', 'user', 'email', 'phone'].map((name) => {
    return { name, joins: name !== 'phone', isStable: false, maxPerContact: 20 };
  }),
  datasets: [
    dataset('crm', 'snapshot', 'number', 'email'),
    dataset('shop', 'append', 'user', 'email'),
    dataset('web', 'push', 'user', 'number', 'email'),
    { ...dataset('links', 'snapshot', 'number', 'user', 'email'), kind: 'identity' },
  ],
  ...{ trust: [], maxIdentities: 100, sharedLimit: 1, blocked: [] },
};

function dataset(
  name: string,
  mode: DatasetRules['mode'],
  ...identifiers: readonly string[]
): DatasetRules {
  return { name, kind: 'contact', mode, identifiers };
}

function run(name: string, ...rows: readonly Identity[][]): Action {
  const incoming = rows.map((identities) => ({ identities, section: 's0' }));
  const whole = { ranks: [], kills: [], isTogether: false, isLeft: false };
  return { kind: 'run', dataset: name, rows: incoming, ...whole };
}

function push(...identities: readonly Identity[]): Action {
  return { kind: 'push', dataset: 'web', row: { identities, section: 's0', cleared: [] } };
}
