/**
 * A child process that joins a chain of contacts in one batch, parts all of them again, and prints
 * a line before and after each of both.
 *
 *     node dense-child.ts DATA_FOLDER CONTACTS
 */
import { openWriter } from '../../src/stores/open-store.ts';
import type { ContactWriter } from '../../src/stores/store.ts';
import { change, replace, userId } from './sample-changes.ts';

const rowDataset = 1;
const joinDataset = 2;

async function joinAll(writer: ContactWriter, count: number): Promise<void> {
  const users = Array.from({ length: count }, (_, user) => userId(`${user}`));
  await run(
    writer,
    rowDataset,
    users.map((user) => replace([user], { 1: 'x' })),
    () => undefined,
  );
  const pairs = users.slice(1).map((user, before) => [users[before] ?? user, user]);
  const joins = pairs.map((pair) => change('identity', pair));
  await run(writer, joinDataset, joins, (step) => console.log(`${step} joining`));
}

async function run(
  writer: ContactWriter,
  datasetId: number,
  changes: Parameters<ContactWriter['applyBatch']>[1],
  tell: (step: 'begins' | 'ends') => void,
): Promise<void> {
  const lease = await writer.beginRun({ runId: `of-${datasetId}`, organizationId: 1, datasetId });
  tell('begins');
  await writer.applyBatch(lease, changes);
  tell('ends');
  await writer.finishRun(lease, { baselineId: 'none', asOfMs: 0 });
}

async function partAll(writer: ContactWriter): Promise<number> {
  const until = 'f'.repeat(16);
  let parted = 0;
  const since = '0'.repeat(16);
  let after: string | null = null;
  do {
    const storm = { since, until, datasetId: joinDataset, after };
    const step: Awaited<ReturnType<ContactWriter['partJoins']>> = await writer.partJoins(1, storm, {
      by: null,
    });
    parted += step.parted;
    after = step.next;
  } while (after !== null);
  return parted;
}

const [folder = '', count] = process.argv.slice(2);
const writer = await openWriter(folder);
await joinAll(writer, Number(count));
console.log('begins parting');
const parted = await partAll(writer);
console.log('ends parting');
console.log(`parted ${parted}`);
await writer.close();
