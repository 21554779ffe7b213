/**
 * `npm run bench:identities [-- --contacts 1000000 --rounds 3 --compare COMMIT]`: measures what it
 * costs that rows find their contacts by several identities, beside an earlier commit. `README.md`
 * explains how to read the results.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { measureMerges } from './identities/measure-merges.ts';
import {
  measureBytes,
  measurePhase,
  preparePhase,
  prepareSide,
} from './identities/measure-phases.ts';
import {
  type Measured,
  phasesOf,
  type Round,
  reportIdentities,
} from './identities/report-identities.ts';
import { type Phase, phases, type Side } from './identities/side.ts';
import { type Checkout, findCheckout, thisCheckout } from './lookup/checkout.ts';
import { workFolder } from './lookup/folders.ts';
import { noteFigures, progressFile, startProgress } from './lookup/progress.ts';
import { othersShare, quietMachine, readMachineTimes } from './lookup/quiet-machine.ts';
import { positive } from './lookup/read-options.ts';
import { stopProgramsOnExit } from './lookup/run-program.ts';

interface Taken extends Side {
  readonly isNow: boolean;
  readonly rounds: Map<Phase, Round[]>;
  bytes: number;
}

async function main(): Promise<void> {
  const { contacts, rounds, patienceSeconds, compare } = readFlags();
  stopProgramsOnExit();
  startProgress();
  const now = newSide(thisCheckout(), contacts, true);
  const before =
    compare === undefined ? undefined : newSide(findCheckout(compare), contacts, false);
  for (let round = 1; round <= rounds; round += 1) {
    console.error(`round ${round} of ${rounds}`);
    const both = before === undefined ? [now] : [before, now];
    const sides = round % 2 === 1 ? both : both.toReversed();
    for (const side of sides) await prepareSide(side);
    for (const phase of phases) {
      for (const side of sides.filter(({ isNow }) => phasesOf(isNow).includes(phase))) {
        await takePhase(side, phase, patienceSeconds);
        if (phase === 'first' && round === 1) side.bytes = await measureBytes(side);
      }
    }
  }
  await quietMachine([], performance.now() + patienceSeconds * 1000);
  const merged = await measureMerges(now.folder);
  const measured = ({ checkout, rounds, bytes }: Taken): Measured => ({
    ...{ name: checkout.name, rounds, bytes },
  });
  reportIdentities({
    contacts,
    now: measured(now),
    before: before === undefined ? undefined : measured(before),
    merged,
  });
}

function newSide(checkout: Checkout, contacts: number, isNow: boolean): Taken {
  const folder = join(workFolder, 'identities', isNow ? 'now' : 'before');
  return { checkout, folder, contacts, isNow, rounds: new Map(), bytes: 0 };
}

async function takePhase(side: Taken, phase: Phase, patienceSeconds: number): Promise<void> {
  await preparePhase(side, phase);
  await quietMachine([], performance.now() + patienceSeconds * 1000);
  const begun = readMachineTimes([]);
  const measurement = await measurePhase(side, phase);
  const round = { ...measurement, othersShare: othersShare(begun, readMachineTimes([])) };
  const rounds = [...(side.rounds.get(phase) ?? []), round];
  side.rounds.set(phase, rounds);
  noteFigures(rounds.length, `${side.checkout.name}, ${phase}`, round);
}

interface Flags {
  readonly contacts: number;
  readonly rounds: number;
  readonly patienceSeconds: number;
  readonly compare: string | undefined;
}

function readFlags(): Flags {
  const { values } = parseArgs({
    options: {
      contacts: { type: 'string', default: '1000000' },
      rounds: { type: 'string', default: '3' },
      patience: { type: 'string', default: '30' },
      compare: { type: 'string' },
    },
  });
  const contacts = positive('contacts', values.contacts, 200);
  if (contacts % 200 !== 0)
    throw new Error(`--contacts must be a multiple of 200, not ${contacts}`);
  return {
    contacts,
    rounds: positive('rounds', values.rounds),
    patienceSeconds: positive('patience', values.patience, 0),
    compare: values.compare,
  };
}

// After a failure, end every program that was started, as after every other end.
await main().catch((error: unknown) => {
  console.error(error);
  console.error(`The measurements up to the failure are in ${progressFile}`);
  process.exit(1);
});
