/** Runs a dataset of the model, and checks everything that is promised about a run. */
import assert from 'node:assert/strict';
import { answersOf, checkPromises, fingerprint, rowsOf } from './check-promises.ts';
import type { IdentityModel } from './identity-model.ts';
import { claimedBy, rowName } from './identity-state.ts';
import { type IncomingRow, usableIdentities } from './model-state.ts';
import type { RunAction } from './random-history.ts';

/** Runs it, and compares it with copies: in another order, killed, repeated, rolled back. */
export function tryRun(model: IdentityModel, action: RunAction): void {
  const { dataset, rows } = action;
  if (action.isLeft) {
    model.run(dataset, rows, {
      killAfter: action.kills[0] ?? 0,
      batches: batchesOf(model, action),
    });
    return;
  }
  const start = model.copy();
  const isOther = (row: { readonly dataset: string }) => row.dataset !== dataset;
  model.run(dataset, rows);
  assert.equal(rowsOf(model, isOther), rowsOf(start, isOther), 'a run changes only its rows');
  const end = fingerprint(model);

  const reordered = start.copy();
  reordered.run(dataset, rows, { batches: (changes) => oneByOne(changes, action.ranks) });
  assert.equal(fingerprint(reordered), end, 'the order of rows makes no difference');

  const resumed = killAndResume(start, action);
  assert.equal(fingerprint(resumed), end, 'a run that was killed ends where it would have ended');

  const repeated = model.copy();
  repeated.run(dataset, rows);
  assert.equal(fingerprint(repeated), end, 'the same run a second time changes nothing');

  // A rollback takes back all attempts, and other writes may have come since the first.
  if (start.state.openVersions.has(dataset)) return;
  const rolledBack = model.copy();
  rolledBack.rollBack(dataset);
  assert.equal(answersOf(rolledBack), answersOf(start), 'a rollback restores the answers');
  assert.equal(rowsOf(rolledBack), rowsOf(start), 'a rollback restores the rows');
  // While a run of another dataset is unfinished, its joins are not remembered yet.
  if (start.state.openVersions.size > 0) return;
  assert.equal(
    fingerprint(rolledBack),
    fingerprint(start),
    'a rollback restores everything that later answers depend on',
  );
}

/** In between an answer may be missing, but the promises about contacts hold. */
function killAndResume(start: IdentityModel, action: RunAction): IdentityModel {
  const { dataset, rows } = action;
  const batches = batchesOf(start, action);
  const killed = start.copy();
  for (const killAfter of action.kills) {
    killed.run(dataset, rows, { killAfter, batches });
    checkPromises(killed);
  }
  killed.run(dataset, rows, { batches });
  return killed;
}

function batchesOf(start: IdentityModel, { dataset, ranks, isTogether }: RunAction) {
  return (changes: readonly IncomingRow[]) =>
    isTogether ? together(start, { dataset, changes }) : oneByOne(changes, ranks);
}

function oneByOne(changes: readonly IncomingRow[], ranks: readonly number[]): number[][] {
  const rank = (at: number) => ranks[at % ranks.length] ?? 0;
  return [...changes.keys()].sort((one, other) => rank(one) - rank(other)).map((at) => [at]);
}

/** Batches of rows that share an identity now or shared one before. */
function together(
  { state }: IdentityModel,
  { dataset, changes }: { readonly dataset: string; readonly changes: readonly IncomingRow[] },
): number[][] {
  const named = changes.map(({ identities }) => {
    const now = usableIdentities(state, dataset, identities);
    const before = claimedBy(state.rows.get(rowName(dataset, now[0] ?? '')));
    return new Set([...now, ...before]);
  });
  let batches: number[][] = [];
  for (const [at, identities] of named.entries()) {
    const meets = (batch: readonly number[]) =>
      batch.some((it) => !(named[it] ?? new Set()).isDisjointFrom(identities));
    const met = batches.filter(meets);
    batches = [...batches.filter((it) => !met.includes(it)), [...met.flat(), at]];
  }
  return batches;
}
