/**
 * Tries random histories of the model against all promises. The seed is printed: USHER_TEST_SEED
 * repeats a failure. A failure names the promise, and the shortest history that breaks it.
 */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import fc from 'fast-check';
import { answersOf, checkPromises, fingerprint, rowsOf } from './check-promises.ts';
import { IdentityModel } from './identity-model.ts';
import { endsOf, type Identity, type IdentitySettings, rowName } from './identity-state.ts';
import { joinsOfRuns } from './joins-by-people.ts';
import { type Action, actionOf, randomSettings, randomSteps, type Step } from './random-history.ts';
import { tryRun } from './try-run.ts';

/** Tries this many random histories: others in each run, unless a seed is given. */
export function tryHistories(context: TestContext, count: number, usualSeed?: number): void {
  const usual = usualSeed ?? Date.now() % 1_000_000;
  const seed = Number(process.env['USHER_TEST_SEED'] ?? usual);
  context.diagnostic(`USHER_TEST_SEED=${seed}`);
  const property = fc.property(randomSettings, randomSteps, tryHistory);
  const { failed, errorInstance, numShrinks } = fc.check(property, { numRuns: count, seed });
  const from = `Shortened ${numShrinks} times from the history of USHER_TEST_SEED=${seed}`;
  assert.ok(!failed, `${errorInstance}\n${from}`);
}

function tryHistory(settings: IdentitySettings, steps: readonly Step[]): void {
  const model = new IdentityModel(settings);
  const history: Action[] = [];
  let backup = model.copy();
  for (const step of steps) {
    const action = actionOf(model, step);
    if (action === undefined) continue;
    history.push(action);
    try {
      if (action.kind === 'backup') backup = model.copy();
      else tryAction(model, action, backup);
      checkPromises(model);
    } catch (error) {
      const written = [settings, ...history].map((it) => JSON.stringify(it)).join('\n');
      throw new Error(`${error}\nSettings and history:\n${written}`, { cause: error });
    }
  }
}

function tryAction(model: IdentityModel, action: Action, backup: IdentityModel): void {
  switch (action.kind) {
    case 'run':
      tryRun(model, action);
      break;
    case 'push':
      tryPush(model, action);
      break;
    case 'merge':
      tryMerge(model, action.one, action.other);
      break;
    case 'unmerge':
      tryUnmerge(model, action.entry);
      break;
    case 'split':
      trySplit(model, action.identity);
      break;
    case 'erase':
      tryErase(model, action.identity);
      break;
    case 'part':
      tryPart(model, action.by);
      break;
    case 'restore':
      model.restore(backup);
      break;
    case 'rollback':
      model.rollBack(action.dataset);
      break;
    case 'wait':
      model.wait(action.days);
      break;
  }
}

function tryPush(model: IdentityModel, { dataset, row }: Action & { readonly kind: 'push' }): void {
  const before = fingerprint(model);
  const count = model.state.rows.size;
  if (model.push(dataset, row) !== undefined) {
    assert.equal(fingerprint(model), before, 'a refused push changes nothing');
    return;
  }
  assert.ok(model.state.rows.size >= count, 'a push loses no row');
  const repeated = model.copy();
  repeated.push(dataset, row);
  assert.equal(answersOf(repeated), answersOf(model), 'the same push twice answers as once');
}

function tryMerge(model: IdentityModel, one: Identity, other: Identity): void {
  const before = fingerprint(model);
  const rows = rowsOf(model);
  const outcome = model.merge(one, other);
  if ('refused' in outcome) {
    assert.equal(fingerprint(model), before, 'a refused merge changes nothing');
    return;
  }
  assert.ok(areJoined(model, one, other), 'a merge joins the two');
  assert.equal(rowsOf(model), rows, 'a merge keeps every row');
  const unmerged = model.copy();
  assert.equal(unmerged.unmerge(outcome.entry), undefined, 'a merge can be taken back at once');
  if (model.state.openVersions.size > 0) return;
  assert.equal(fingerprint(unmerged), before, 'a merge that is taken back leaves all as before');
}

function tryUnmerge(model: IdentityModel, entry: number): void {
  const before = fingerprint(model);
  const rows = rowsOf(model);
  const keys = model.state.merges.find((it) => it.entry === entry)?.keys;
  if (model.unmerge(entry) !== undefined) {
    assert.equal(fingerprint(model), before, 'a refused unmerge changes nothing');
  } else if (keys !== undefined) {
    assert.ok(!areJoined(model, ...keys), 'an unmerge parts the two');
  }
  assert.equal(rowsOf(model), rows, 'an unmerge keeps every row');
}

function trySplit(model: IdentityModel, identity: Identity): void {
  const others = new Set(model.rowsAt(identity).map(({ key }) => key));
  others.delete(identity);
  const rows = rowsOf(model);
  const isRefused = model.split(identity) !== undefined;
  assert.equal(isRefused, others.size === 0, 'a split is refused only if there is nothing to part');
  assert.equal(rowsOf(model), rows, 'a split keeps every row');
  for (const key of others) assert.ok(!areJoined(model, identity, key), 'a split parts the two');
}

function tryErase(model: IdentityModel, identity: Identity): void {
  const identities = [...(model.state.decision.groupOf.get(identity)?.identities ?? [])];
  const names = () => [...model.state.rows.keys()].sort();
  const others = [...model.state.rows.values()].filter(({ key }) => !identities.includes(key));
  if (model.erase(identity) === 'contact_not_found') return;
  for (const it of identities) {
    assert.deepEqual(model.shownRows(it), [], 'an erased identity answers 404');
  }
  assert.deepEqual(
    names(),
    others.map(({ dataset, key }) => rowName(dataset, key)).sort(),
    'an erasure takes the rows of one contact',
  );
}

function tryPart(model: IdentityModel, by: string | undefined): void {
  const joined = joinsOfRuns(model.state, { since: 0, by }).map(endsOf);
  const rows = rowsOf(model);
  model.partStorm(0, by);
  assert.equal(rowsOf(model), rows, 'parting a storm keeps every row');
  // A merge by a person joins what bars part.
  if (model.state.merges.length > 0) return;
  for (const [one, other] of joined) {
    assert.ok(!areJoined(model, one, other), 'a join that was parted stays parted');
  }
}

function areJoined(model: IdentityModel, one: Identity, other: Identity): boolean {
  const { groupOf } = model.state.decision;
  const [left, right] = [groupOf.get(one), groupOf.get(other)];
  return left !== undefined && left.rows.length > 0 && left === right;
}
