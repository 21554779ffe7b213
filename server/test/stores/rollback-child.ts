/**
 * A child process that rolls a run back, a few contacts at a time, until it is killed. It takes one
 * step for each line that it reads, and prints a line after each step.
 *
 *     node rollback-child.ts DATA_FOLDER SOURCE_VERSION
 */
import { createInterface } from 'node:readline';
import { openWriter } from '../../src/stores/open-store.ts';

export const contactsPerStep = 20;

async function rollBack(dataFolder: string, sourceVersion: bigint): Promise<void> {
  const writer = await openWriter(dataFolder);
  const request = { organizationId: 1, datasetId: 1, canRollBack: false };
  const lease = await writer.beginRun({ ...request, runId: `rollback-${process.pid}` });
  console.log('begin');
  for await (const _ of createInterface({ input: process.stdin })) {
    const { isDone } = await writer.rollBackBatch(lease, { sourceVersion }, contactsPerStep);
    console.log(isDone ? 'done' : 'step');
    if (isDone) break;
  }
  await writer.abandonRun(lease);
  await writer.close();
}

if (import.meta.main) await rollBack(process.argv[2] ?? '', BigInt(process.argv[3] ?? 0));
