/**
 * `npm run bench:sync`: measures Usher's syncs of files and of a database, DuckDB's bare scan of
 * the same files, PostgreSQL's COPY and Redis' pipe of prepared rows, and csv-parse, in one run and
 * on all cores. `README.md` explains how to read the results.
 */
import { statSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { writeCommandFile, writePreparedFile, writeWholeFile } from './lookup/data-files.ts';
import { startPostgres } from './lookup/databases/postgres.ts';
import { installPeerServers, installTools, syncTools } from './lookup/install-peers.ts';
import { othersShare, quietMachine, readMachineTimes } from './lookup/quiet-machine.ts';
import { positive } from './lookup/read-options.ts';
import { stopProgramsOnExit } from './lookup/run-program.ts';
import { describeMachine } from './lookup/write-results.ts';
import { measureCopy, measureCsvParse, measurePipe, measureScan } from './sync/measure-peers.ts';
import {
  type Measurement,
  measureSync,
  prepareFolder,
  readThrough,
  syncKinds,
} from './sync/measure-sync.ts';
import { copyName, type Round, reportSync, scanName, syncName } from './sync/report-sync.ts';
import { prepareSource, type SourceForm, sourceForms } from './sync/sync-sources.ts';

const peers = ['copy', 'redis', 'csv-parse'] as const;
type Peer = (typeof peers)[number];

async function main(): Promise<void> {
  const { rows, rounds, patienceSeconds, forms, only } = readFlags();
  stopProgramsOnExit();
  installTools(syncTools);
  if (only.includes('csv-parse')) installPeerServers();
  console.error(`writing ${rows} rows, unless they exist`);
  const csv = writeWholeFile(rows);
  const postgres = await startPostgres();
  const measured = new Map<string, Round[]>();
  const take = async (name: string, files: readonly string[], work: () => Promise<Measurement>) => {
    await readThrough(files);
    await quietMachine([postgres.pid], performance.now() + patienceSeconds * 1000);
    console.error(name);
    const before = readMachineTimes([postgres.pid]);
    const measurement = await work();
    const others = othersShare(before, readMachineTimes([postgres.pid]));
    const round = { ...measurement, othersShare: others };
    measured.set(name, [...(measured.get(name) ?? []), round]);
  };
  const takePeer: Record<Peer, () => Promise<void>> = {
    copy: async () => {
      const prepared = writePreparedFile(rows);
      await take(copyName, [prepared], () => measureCopy(postgres, prepared, rows));
    },
    redis: async () => {
      const prepared = writeCommandFile(rows);
      await take('Redis, pipe of prepared commands', [prepared], () => measurePipe(prepared, rows));
    },
    'csv-parse': () => take('csv-parse, CSV into objects', [csv], () => measureCsvParse(csv, rows)),
  };
  for (let round = 1; round <= rounds; round += 1) {
    console.error(`round ${round} of ${rounds}`);
    for (const form of forms) {
      const source = await prepareSource(form, rows, postgres.port);
      const { file } = source;
      if (file !== undefined) await take(scanName(form), [file], () => measureScan(file, rows));
      await prepareFolder(source);
      for (const kind of syncKinds) {
        await source.show(kind === 'changed' ? 'changed' : 'base');
        const databasePids = form === 'postgres' ? [postgres.pid] : [];
        const options = { kind, rows, databasePids };
        await take(syncName(form, kind), source.files, () => measureSync(source, options));
      }
    }
    for (const peer of only) await takePeer[peer]();
  }
  await postgres.stop();
  const machine = describeMachine(new Date());
  reportSync({ rows, fileBytes: statSync(csv).size, machine, measured });
}

interface Flags {
  readonly rows: number;
  readonly rounds: number;
  readonly patienceSeconds: number;
  readonly forms: readonly SourceForm[];
  readonly only: readonly Peer[];
}

function readFlags(): Flags {
  const { values } = parseArgs({
    options: {
      rows: { type: 'string', default: '1000000' },
      rounds: { type: 'string', default: '3' },
      patience: { type: 'string', default: '30' },
      forms: { type: 'string', default: sourceForms.join(',') },
      peers: { type: 'string', default: peers.join(',') },
    },
  });
  const [forms, wanted] = [values.forms.split(','), values.peers.split(',')];
  return {
    rows: positive('rows', values.rows),
    rounds: positive('rounds', values.rounds),
    patienceSeconds: positive('patience', values.patience),
    forms: sourceForms.filter((form) => forms.includes(form)),
    only: peers.filter((peer) => wanted.includes(peer)),
  };
}

// After a failure, end every program that was started, as after every other end.
await main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
