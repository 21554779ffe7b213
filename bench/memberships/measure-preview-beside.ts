/**
 * Measures the cost and the latency of look-ups while the server runs exact previews on the same
 * core: the CPU time of the look-up threads alone.
 */

import { warmUp } from '../lookup/measure.ts';
import {
  type BesideMeasurement,
  type BesideOptions,
  measureThreads,
} from '../lookup/measure-import-beside.ts';
import { usherServer } from '../lookup/peers/usher.ts';
import { noteFigures } from '../lookup/progress.ts';
import { quietMachine } from '../lookup/quiet-machine.ts';
import { fiftyRules } from './definitions.ts';
import type { Side } from './side.ts';

export interface PreviewBesideRound {
  readonly quiet: BesideMeasurement;
  readonly beside: BesideMeasurement;
  /** How many previews had ended when the load ended. */
  readonly previews: number;
}

export async function measurePreviewBeside(
  side: Side,
  options: Omit<BesideOptions, 'seed'> & { readonly rounds: number },
): Promise<readonly PreviewBesideRound[]> {
  const server = usherServer(side, { workers: 1, name: 'preview-beside' });
  const rounds: PreviewBesideRound[] = [];
  try {
    const started = await server.start();
    await warmUp(server, started, options);
    for (let round = 1; round <= options.rounds; round += 1) {
      console.error(`round ${round} of ${options.rounds}: look-ups beside previews`);
      await quietMachine(started.pids, performance.now() + options.patienceSeconds * 1_000);
      const load = { ...options, seed: round };
      const quiet = await measureThreads(server, started, load);
      const previews = startPreviews(side, started.port);
      const beside = await measureThreads(server, started, load);
      const found = { quiet, beside, previews: await previews.stop() };
      noteFigures(round, 'look-ups beside previews', found);
      rounds.push(found);
    }
    return rounds;
  } finally {
    await server.stop();
  }
}

/** Asks for one exact preview after the other. The server runs each in a process of its own. */
function startPreviews({ adminToken }: Side, port: number): { stop(): Promise<number> } {
  const stopped = new AbortController();
  let ended = 0;
  const ask = async () => {
    while (!stopped.signal.aborted) {
      const response = await fetch(`http://127.0.0.1:${port}/admin/v1/segments/preview`, {
        method: 'POST',
        headers: { authorization: `Bearer ${adminToken}`, 'content-type': 'application/json' },
        body: JSON.stringify({ segment: fiftyRules, exact: true }),
        signal: stopped.signal,
      });
      const text = await response.text();
      if (response.status !== 200) throw new Error(`The preview failed: ${text.slice(0, 500)}`);
      ended += 1;
    }
  };
  const asking = ask().catch((error: unknown) => {
    if (!stopped.signal.aborted) throw error;
  });
  // `stop` reports the failure.
  asking.catch(() => undefined);
  return {
    stop: async () => {
      stopped.abort();
      await asking;
      return ended;
    },
  };
}
