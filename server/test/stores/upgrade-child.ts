/**
 * A child process that opens a store for writing, which converts it to the current format. It
 * prints a line when it begins.
 *
 *     node upgrade-child.ts DATA_FOLDER
 */
import { openWriter } from '../../src/stores/open-store.ts';

if (import.meta.main) {
  console.log('begin');
  await openWriter(process.argv[2] ?? '');
  console.log('done');
}
