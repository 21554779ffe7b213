/**
 * A process of its own that opens a store for writing, which makes it of this release's format, and
 * prints that it begins.
 *
 *     node upgrade-child.ts DATA_FOLDER
 */
import { openWriter } from '../../src/stores/open-store.ts';

if (import.meta.main) {
  console.log('begin');
  await openWriter(process.argv[2] ?? '');
  console.log('done');
}
