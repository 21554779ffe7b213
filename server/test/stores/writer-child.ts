/**
 * A child process that writes runs until it is killed, and prints a line for each acknowledged
 * step. The contacts are users with numbers. Batch b of run k writes the value `stepValue(k, b)` to
 * its `rowsPerBatch` users. After `runsPerRound` runs it begins again with the first users.
 *
 *     node writer-child.ts DATA_FOLDER FIRST_RUN
 */
import { openWriter } from '../../src/stores/open-store.ts';
import type { ContactChange, ContactWriter } from '../../src/stores/store.ts';
import { email, patch, userId } from './sample-changes.ts';

export const rowsPerBatch = 40;
export const batchesPerRun = 4;
const userCount = 1_600;

export function stepValue(run: number, batch: number): number {
  return run * 10 + batch;
}

/** The users of a batch. */
export function stepUsers(run: number, batch: number): number[] {
  const first = (run * batchesPerRun + batch) * rowsPerBatch;
  return Array.from({ length: rowsPerBatch }, (_, row) => (first + row) % userCount);
}

function stepChanges(run: number, batch: number): ContactChange[] {
  return stepUsers(run, batch).map((user) =>
    patch([userId(`${user}`), email(`${user}@hello.com`)], {
      1: stepValue(run, batch),
      2: `text ${'x'.repeat(user % 300)}`,
    }),
  );
}

/** The number of runs that write each user once. */
export const runsPerRound = userCount / (rowsPerBatch * batchesPerRun);

/** @param onApplied called after each acknowledged batch */
export async function writeRun(
  writer: ContactWriter,
  run: number,
  onApplied: (batch: number) => void,
): Promise<void> {
  const lease = await writer.beginRun({ runId: `run-${run}`, organizationId: 1, datasetId: 1 });
  for (let batch = 0; batch < batchesPerRun; batch += 1) {
    await writer.applyBatch(lease, stepChanges(run, batch));
    onApplied(batch);
  }
  await writer.finishRun(lease, { baselineId: `baseline-${run}`, asOfMs: 0 });
}

async function writeForEver(dataFolder: string, firstRun: number): Promise<never> {
  const writer = await openWriter(dataFolder);
  console.log('open');
  for (let run = firstRun; ; run += 1) {
    await writeRun(writer, run, (batch) => console.log(`applied ${run} ${batch}`));
    console.log(`finished ${run}`);
  }
}

if (import.meta.main) await writeForEver(process.argv[2] ?? '', Number(process.argv[3]));
