/**
 * Look-ups while ten consoles are open, compared with none. The same server is measured in turns,
 * because two starts of a server differ by more than the consoles cost.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { workFolder } from '../lookup/folders.ts';
import { combineSlices, type Measurement, measureSlice, warmUp } from '../lookup/measure.ts';
import type { MeasuredServer, StartedServer } from '../lookup/measured-server.ts';
import { noteMeasured } from '../lookup/progress.ts';
import { quietMachine } from '../lookup/quiet-machine.ts';
import { loadCore, startProgram } from '../lookup/run-program.ts';
import { waitUntil } from '../lookup/wait-until.ts';
import type { ConsoleOptions } from './console-options.ts';
import type { SignedIn } from './console-users.ts';

export const openConsoles = 10;

/** After this long, what the opening itself costs is over. */
const settleMs = 2_000;

export interface BesideRound {
  readonly closed: Measurement;
  readonly open: Measurement;
}

export async function measureBeside(
  server: MeasuredServer,
  started: StartedServer,
  users: readonly SignedIn[],
  options: ConsoleOptions,
): Promise<readonly BesideRound[]> {
  const rounds: BesideRound[] = [];
  await warmUp(server, started, options);
  for (let round = 1; round <= options.rounds; round += 1) {
    const measureOnce = () => measureTurn(server, started, options, round);
    const measureOpen = () => withConsoles(started.port, users, measureOnce);
    const isOpenFirst = round % 2 === 0;
    const first = await (isOpenFirst ? measureOpen() : measureOnce());
    const second = await (isOpenFirst ? measureOnce() : measureOpen());
    const [closed, open] = isOpenFirst ? [second, first] : [first, second];
    noteMeasured(round, 'no console', closed);
    noteMeasured(round, `${openConsoles} consoles`, open);
    rounds.push({ closed, open });
  }
  return rounds;
}

async function measureTurn(
  server: MeasuredServer,
  started: StartedServer,
  { contacts, seconds, patienceSeconds }: ConsoleOptions,
  seed: number,
): Promise<Measurement> {
  await quietMachine(started.pids, performance.now() + patienceSeconds * 1_000);
  const load = { contacts, connections: 64, seconds, seed };
  return combineSlices([await measureSlice(server, started, load)]);
}

async function withConsoles<Result>(
  port: number,
  users: readonly SignedIn[],
  use: () => Promise<Result>,
): Promise<Result> {
  const consoles = startProgram({
    name: 'consoles',
    command: process.execPath,
    parameters: [join(import.meta.dirname, 'open-consoles.ts'), String(port)],
    env: { CONSOLE_COOKIES: users.map(({ header }) => header).join('\n') },
    core: loadCore,
  });
  const log = join(workFolder, 'logs', 'consoles.log');
  const isOpen = async () => readFileSync(log, 'utf8').includes('open');
  try {
    await waitUntil(isOpen, { what: 'the consoles', within: 30_000, of: consoles });
    await wait(settleMs);
    const result = await use();
    if (!consoles.isRunning()) throw new Error(`the consoles ended. See ${log}`);
    return result;
  } finally {
    await consoles.stop();
  }
}
