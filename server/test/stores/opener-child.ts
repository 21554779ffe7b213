/**
 * A child process that opens and closes a store until it is killed. It prints `open` after the
 * first time. With `earlier` it takes no turn, like an earlier release.
 *
 *     node opener-child.ts DATA_FOLDER this|earlier
 */
import { open } from 'lmdb';
import { contactsPath, maxReaders } from '../../src/stores/embedded/files/embedded-files.ts';
import { databaseOptions } from '../../src/stores/embedded/keyed-database.ts';
import { openReader } from '../../src/stores/open-store.ts';

const [folder = '', release] = process.argv.slice(2);
const earlierRelease = {
  ...databaseOptions,
  ...{ noSubdir: true, readOnly: true, maxDbs: 12, maxReaders, overlappingSync: false },
};

for (let count = 0; ; count += 1) {
  const opened =
    release === 'earlier' ? open(contactsPath(folder), earlierRelease) : openReader(folder);
  await opened.close();
  if (count === 0) console.log('open');
}
