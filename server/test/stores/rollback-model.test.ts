/** After a rollback the store equals one that never had the run. */
import { test } from 'node:test';
import type { ContactChange } from '../../src/stores/store.ts';
import { clear, email, hashOnly, list, replace, userId } from './sample-changes.ts';
import {
  compareRollback,
  datasets,
  type Run,
  tryRollbacks,
  tryRollingAllBack,
} from './try-rollbacks.ts';

const [ann, anna, bea] = [email('ann'), email('anna'), email('bea')];
const [u1, u2] = [userId('1'), userId('2')];

test('a store whose runs were rolled back equals one that never had them', () => tryRollbacks(60));

test('rolling back all runs of a dataset, newest first, leaves nothing', () =>
  tryRollingAllBack(60));

test('a value that the run lost and gave again stays after the rollback', () =>
  compareRollback([
    run([replace([u1, ann], { 1: 'x' })]),
    rolledBack(
      [clear([u1, ann])],
      [replace([hashOnly(u1), ann], { 1: 'y' }), replace([ann, u1], { 1: 'z' })],
    ),
  ]));

test('a value that only the run gave goes with the rollback', () =>
  compareRollback([
    run([replace([ann, hashOnly(bea)], { 1: 'x' })]),
    rolledBack([replace([ann], { 1: 'y' })], [replace([u2, bea], { 1: 'z' })]),
  ]));

test('a mark of a list that the rollback itself took away comes back', () =>
  compareRollback([
    run([replace([u1, ann], { 1: 'x' })]),
    { ...run([list([ann, anna])]), datasetId: datasets.list },
    rolledBack([replace([ann], { 1: 'y' }), replace([u1, anna], { 1: 'z' })]),
  ]));

function run(...batches: readonly (readonly ContactChange[])[]): Run {
  return { datasetId: datasets.contacts, batches, isRolledBack: false, limit: 1 };
}

function rolledBack(...batches: readonly (readonly ContactChange[])[]): Run {
  return { ...run(...batches), isRolledBack: true };
}
