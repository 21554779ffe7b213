/** Each answer belongs to its question: to the same person and organization, and to one commit. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { slowReader } from '../stores/slow-reader.ts';
import { tryOwnAnswers } from './own-answers.ts';
import { startApi } from './start-api.ts';

/** Ten times what both tests take on two busy cores. */
const maxMs = 240_000;

test('each of 10,000 pipelined look-ups through every door gets its own contact', async (t) => {
  const api = await startApi(t);
  const { answers, wrong, writes } = await tryOwnAnswers(api, { answers: 10_000, seed: 1, maxMs });
  assert.deepEqual(wrong, []);
  assert.ok(answers >= 10_000 && writes > 10, `${answers} answers, ${writes} writes`);
});

test('the same holds for a store that answers later and overwrites the memory it lent', async (t) => {
  let turn = 0;
  const turns = () => {
    turn += 1;
    return turn % 4;
  };
  const api = await startApi(t, { reader: (real) => slowReader(real, turns) });
  const { answers, wrong, writes } = await tryOwnAnswers(api, { answers: 2_000, seed: 2, maxMs });
  assert.deepEqual(wrong, []);
  assert.ok(answers >= 2_000 && writes > 10, `${answers} answers, ${writes} writes`);
});
