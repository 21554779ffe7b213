/**
 * `npm run bench:console [-- --parts start,scroll,beside,demo --record]`: measures how soon the
 * console can be used, how smoothly a long table scrolls, what open consoles cost look-ups, and how
 * soon the demo answers in a clean clone. `README.md` explains how to read the results.
 */
import { parseArgs } from 'node:util';
import { type ConsoleOptions, type ConsolePart, consoleParts } from './console/console-options.ts';
import { measureDemo } from './console/measure-demo.ts';
import { type InConsole, measureInConsole } from './console/measure-in-console.ts';
import { reportConsole } from './console/report-console.ts';
import { installTools, lookupTools } from './lookup/install-peers.ts';
import { progressFile, startProgress } from './lookup/progress.ts';
import { positive } from './lookup/read-options.ts';
import { stopProgramsOnExit } from './lookup/run-program.ts';

const browser = 'chromium-headless-shell';

async function main(): Promise<void> {
  const options = readFlags();
  stopProgramsOnExit();
  startProgress();
  installTools([...lookupTools([], false), { binary: browser, package: browser }]);
  const needsNode = options.parts.some((part) => part !== 'demo');
  const found: InConsole = needsNode ? await measureInConsole(options) : {};
  const demo = options.parts.includes('demo') ? await measureDemo() : undefined;
  reportConsole(options, { ...found, demo });
}

function readFlags(): ConsoleOptions {
  const { values } = parseArgs({
    options: {
      contacts: { type: 'string', default: '1000000' },
      rounds: { type: 'string', default: '7' },
      seconds: { type: 'string', default: '5' },
      patience: { type: 'string', default: '30' },
      parts: { type: 'string', default: consoleParts.join(',') },
      record: { type: 'boolean', default: false },
    },
  });
  return {
    contacts: positive('contacts', values.contacts),
    rounds: positive('rounds', values.rounds),
    seconds: positive('seconds', values.seconds),
    patienceSeconds: positive('patience', values.patience, 0),
    parts: values.parts.split(',').map(partOf),
    record: values.record,
  };
}

function partOf(text: string): ConsolePart {
  const part = consoleParts.find((one) => one === text);
  if (part === undefined)
    throw new Error(`--parts: ${text} is unknown. Give some of ${consoleParts.join(', ')}.`);
  return part;
}

// After a failure, end every program that was started, as after every other end.
await main().catch((error: unknown) => {
  console.error(error);
  console.error(`The measurements up to the failure are in ${progressFile}`);
  process.exit(1);
});
