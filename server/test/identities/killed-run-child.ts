/**
 * A child process that syncs a dataset one row at a time, and is killed after some of them.
 *
 *     node killed-run-child.ts DATA_FOLDER ORGANIZATION_ID DATASET ROWS
 */
import { startRun } from '../../src/runs/start-run.ts';
import { changesOf } from '../../src/stores/change-batch.ts';
import type { ContactWriter } from '../../src/stores/store.ts';
import { openAdministration, runPartsOf } from './door-parts.ts';

async function runKilled(
  dataFolder: string,
  organizationId: number,
  { dataset, rows }: { readonly dataset: string; readonly rows: number },
): Promise<void> {
  const administration = await openAdministration(dataFolder);
  const parts = runPartsOf(dataFolder);
  const dying = { ...parts, openWriter: async () => killedAfter(rows, await parts.openWriter()) };
  const request = { dataset, trigger: 'command', isFull: false } as const;
  await startRun({ administration, organizationId }, dying, request);
}

/** Sends each change as a batch of its own, and kills this process after so many of them. */
function killedAfter(rows: number, writer: ContactWriter): ContactWriter {
  let applied = 0;
  return {
    ...writer,
    applyBatch: async (lease, changes) => {
      for (const change of changesOf(changes)) {
        await writer.applyBatch(lease, [change]);
        applied += 1;
        if (applied === rows) process.kill(process.pid, 'SIGKILL');
      }
      throw new Error(`The run has only ${applied} rows.`);
    },
  };
}

if (import.meta.main) {
  const [dataFolder = '', organizationId, dataset = '', rows] = process.argv.slice(2);
  await runKilled(dataFolder, Number(organizationId), { dataset, rows: Number(rows) });
}
