/** The long version of `http/own-answers.test.ts`. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tryOwnAnswers } from '../http/own-answers.ts';
import { startApi } from '../http/start-api.ts';
import { slowReader } from '../stores/slow-reader.ts';

/** A million look-ups take about six minutes on two idle cores. */
const maxMs = 30 * 60_000;

test('each of a million pipelined look-ups gets its own contact', async (t) => {
  const api = await startApi(t);
  const { answers, wrong } = await tryOwnAnswers(api, { answers: 1_000_000, seed: 3, maxMs });
  assert.deepEqual(wrong, []);
  assert.ok(answers >= 1_000_000, `${answers} answers in ${maxMs} ms`);
});

test('the same holds for 100,000 look-ups in a store that answers later', async (t) => {
  let turn = 0;
  const turns = () => {
    turn += 1;
    return turn % 5;
  };
  const api = await startApi(t, { reader: (real) => slowReader(real, turns) });
  const { answers, wrong } = await tryOwnAnswers(api, { answers: 100_000, seed: 4, maxMs });
  assert.deepEqual(wrong, []);
  assert.ok(answers >= 100_000, `${answers} answers in ${maxMs} ms`);
});
