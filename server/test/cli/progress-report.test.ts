/** What a long command prints while it works, on a terminal and in a log. */
import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { ProgressReport, type ProgressStep } from '../../src/cli/terminal/progress-report.ts';

/** The output when each step is reported at its second. */
function told(steps: readonly (readonly [number, ProgressStep])[], isTTY: boolean): string {
  let nowMs = 0;
  let written = '';
  const stderr = new Writable({
    write: (bytes: Buffer, _encoding, done) => {
      written += bytes.toString();
      done();
    },
  });
  const terminal = Object.assign(stderr, { isTTY, columns: 100 });
  const io = { stderr: terminal as unknown as NodeJS.WriteStream, clock: () => nowMs };
  const report = new ProgressReport(io, false);
  for (const [second, step] of steps) {
    nowMs = second * 1_000;
    report.update(step);
  }
  report.end();
  return stripVTControlCharacters(written);
}

const applying = { phase: 'applying', done: 3_000, total: 18_148, unit: 'rows' } as const;
const fetching = { phase: 'fetching', done: 0, total: 0, unit: 'bytes' } as const;

for (const isTTY of [true, false]) {
  test(`joins are counted as joins ${isTTY ? 'on a terminal' : 'in a log'}`, () => {
    const parting = { phase: 'parting', done: 50, total: 0, unit: 'joins' } as const;
    const words = told(
      [
        [0, parting],
        [20, { ...parting, done: 2_000 }],
      ],
      isTTY,
    );
    assert.match(words, /parting:? 2,000 joins, 100 joins\/s/);
  });

  const where = isTTY ? 'on a terminal' : 'in a log';
  test(`a step without a known end shows no percentage and no time left ${where}`, () => {
    const words = told(
      [
        [0, fetching],
        [20, { ...fetching, done: 40_000_000 }],
      ],
      isTTY,
    );
    assert.match(words, /fetching:? 40 MB, 2\.0 MB\/s/);
    assert.doesNotMatch(words, /%|left| of /);
  });

  test(`a step with a known end shows its percentage and the time left ${where}`, () => {
    const words = told(
      [
        [0, { ...applying, done: 0 }],
        [20, applying],
      ],
      isTTY,
    );
    assert.match(words, /16%.*3,000.* rows, 150 rows\/s, 101 s left/);
  });

  test(`a step without known progress shows its duration ${where}`, () => {
    const comparing = { phase: 'comparing', done: 0, total: 1_000_000, unit: 'rows' } as const;
    const steps = [0, 20].map((second) => [second, comparing] as const);
    assert.match(told(steps, isTTY), /comparing:?.* 1,000,000 rows, 20 s/);
  });
}

test('a step that reports nothing is printed again', async (context) => {
  context.mock.timers.enable({ apis: ['setInterval'] });
  let nowMs = 0;
  let lines = 0;
  const stderr = { write: () => (lines += 1), isTTY: false } as unknown as NodeJS.WriteStream;
  const report = new ProgressReport({ stderr, clock: () => nowMs }, false);
  report.update({ phase: 'comparing', done: 0, total: 10, unit: 'rows' });
  for (nowMs = 0; nowMs <= 30_000; nowMs += 1_000) context.mock.timers.tick(1_000);
  assert.equal(lines, 3);
  report.end();
  context.mock.timers.tick(60_000);
  assert.equal(lines, 3);
});
