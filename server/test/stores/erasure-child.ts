/**
 * A child process that erases contacts until it is killed. It prints a line when it begins, and one
 * when it is done.
 *
 *     node erasure-child.ts DATA_FOLDER REQUEST_ID IDENTITIES
 */
import { openWriter } from '../../src/stores/open-store.ts';
import { email } from './sample-changes.ts';

async function erase(dataFolder: string, requestId: string, count: number): Promise<void> {
  const writer = await openWriter(dataFolder);
  const identities = Array.from({ length: count }, (_, row) => email(`p${row}@x.org`));
  console.log('begin');
  let isDone = false;
  while (!isDone) ({ isDone } = await writer.eraseContacts(1, { requestId, identities }, {}));
  console.log('done');
  await writer.close();
}

const [, , folder = '', requestId = '', count = '0'] = process.argv;
if (import.meta.main) await erase(folder, requestId, Number(count));
