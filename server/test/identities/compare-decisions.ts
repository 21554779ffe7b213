/** Compares what the code decides with the model, after each write of random histories. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Decision } from '../../src/domain/contact/component.ts';
import { clashOfContacts, whoAnswers } from '../../src/domain/contact/who-answers.ts';
import { clash } from './clash.ts';
import { componentOf, connectedRows, decisionText, modelText } from './component-of-state.ts';
import { IdentityModel } from './identity-model.ts';
import { whoAnswers as whoAnswersOfModel } from './identity-rules.ts';
import type { IdentitySettings } from './identity-state.ts';
import type { ModelState } from './model-state.ts';
import { type Action, actionOf, randomSettings, randomSteps, type Step } from './random-history.ts';

/** Compares the decisions after each write of this many histories. */
export function compareHistories(seed: number, count: number): void {
  const property = fc.property(randomSettings, randomSteps, compareHistory);
  fc.assert(property, { numRuns: count, seed });
}

function compareHistory(random: IdentitySettings, steps: readonly Step[]): void {
  // The code has one limit for all organizations.
  const model = new IdentityModel({ ...random, maxIdentities: 100 });
  let backup = model.copy();
  for (const step of steps) {
    const action = actionOf(model, step);
    if (action === undefined) continue;
    if (action.kind === 'run') {
      const killed = model.copy();
      killed.run(action.dataset, action.rows, { killAfter: action.kills[0] ?? 0 });
      compareDecisions(killed.state);
    }
    if (action.kind === 'backup') backup = model.copy();
    else write(model, action, backup);
    compareDecisions(model.state);
  }
}

function write(model: IdentityModel, action: Action, backup: IdentityModel): void {
  switch (action.kind) {
    case 'run':
      if (action.isLeft) model.run(action.dataset, action.rows, { killAfter: 2 });
      else model.run(action.dataset, action.rows);
      break;
    case 'push':
      model.push(action.dataset, action.row);
      break;
    case 'merge':
      model.merge(action.one, action.other);
      break;
    case 'unmerge':
      model.unmerge(action.entry);
      break;
    case 'split':
      model.split(action.identity);
      break;
    case 'erase':
      model.erase(action.identity);
      break;
    case 'part':
      model.partStorm(0, action.by);
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

function compareDecisions(state: ModelState): void {
  const expected = whoAnswersOfModel(state);
  const all = componentOf(state);
  const decision = whoAnswers(all.component);
  assert.equal(decisionText(all, decision), modelText(expected), 'the code decides as the model');
  checkGroups(decision);
  for (const rows of connectedRows(state)) {
    const part = componentOf(state, rows);
    assert.equal(
      decisionText(part, whoAnswers(part.component)),
      modelText(whoAnswersOfModel(state, rows)),
      'rows that share no identity with others are decided by themselves',
    );
  }
  for (const one of decision.groups) {
    for (const other of decision.groups) {
      const [left, right] = [one, other].map(({ identities }) =>
        expected.groupOf.get(all.identities[identities[0] ?? 0] ?? ''),
      );
      if (left === undefined || right === undefined || left === right) continue;
      assert.equal(
        clashOfContacts(all.component, one, other),
        clash(state, [left, right], { peers: true, barred: true }),
        'the code refuses the merges that the model refuses',
      );
    }
  }
}

function checkGroups({ groupOf, groups }: Decision): void {
  const listed = groups.flatMap(({ identities }, at) => identities.map((it) => [it, at]));
  listed.sort(([one = 0], [other = 0]) => one - other);
  assert.deepEqual(
    listed,
    [...groupOf.entries()],
    'each identity is in its group, and in no other',
  );
}
