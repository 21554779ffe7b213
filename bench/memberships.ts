/**
 * `npm run bench:memberships [-- --contacts 1000000 --rounds 7 --compare COMMIT]`: measures what
 * segments and flows cost look-ups, how long previews take, and how soon a saved rule answers.
 * `README.md` explains how to read the results.
 */
import { parseArgs } from 'node:util';
import { findCheckout, thisCheckout } from './lookup/checkout.ts';
import { installTools, lookupTools } from './lookup/install-peers.ts';
import { progressFile, startProgress } from './lookup/progress.ts';
import { positive } from './lookup/read-options.ts';
import { stopProgramsOnExit } from './lookup/run-program.ts';
import { prepareCheckoutData } from './lookup/usher-data.ts';
import { measureLookups } from './memberships/measure-lookups.ts';
import { measurePreviewBeside } from './memberships/measure-preview-beside.ts';
import { measurePreviews } from './memberships/measure-previews.ts';
import { measureSaves } from './memberships/measure-saves.ts';
import { reportMemberships } from './memberships/report-memberships.ts';
import { prepareSides } from './memberships/side.ts';

async function main(): Promise<void> {
  const { contacts, rounds, patienceSeconds, compare } = readFlags();
  stopProgramsOnExit();
  startProgress();
  installTools(lookupTools([], false));
  const other = compare === undefined ? undefined : findCheckout(compare);
  const before = other && {
    data: await prepareCheckoutData(contacts, other),
    name: other.name,
  };
  const sides = await prepareSides(contacts);
  const lookups = await measureLookups(sides, before, {
    ...{ contacts, rounds, patienceSeconds, seconds: 4 },
  });
  const options = { contacts, patienceSeconds, rounds: Math.min(rounds, 3) };
  const previews = await measurePreviews(sides.some, options);
  const saves = await measureSaves(sides.many);
  const beside = await measurePreviewBeside(sides.some, {
    ...{ ...options, rounds: Math.min(rounds, 5), seconds: 4 },
  });
  const now = thisCheckout().name;
  const measured = { lookups, previews, saves, beside };
  reportMemberships({ contacts, rounds, now, before: before?.name, sides, ...measured });
}

function readFlags() {
  try {
    const { values } = parseArgs({
      options: {
        contacts: { type: 'string', default: '1000000' },
        rounds: { type: 'string', default: '7' },
        patience: { type: 'string', default: '30' },
        compare: { type: 'string' },
      },
    });
    return {
      contacts: positive('contacts', values.contacts, 100),
      rounds: positive('rounds', values.rounds),
      patienceSeconds: positive('patience', values.patience, 0),
      compare: values.compare,
    };
  } catch (error) {
    console.error(`${(error as Error).message}. The flags are in bench/README.md.`);
    process.exit(2);
  }
}

// After a failure, end every program that was started, as after every other end.
await main().catch((error: unknown) => {
  console.error(error);
  console.error(`The measurements up to the failure are in ${progressFile}`);
  process.exit(1);
});
