/**
 * A process that opens the contact store and closes it again. Opening sets the number of the last
 * transaction to the newest on the disk, which a process that took no turn has set back. The parent
 * holds the turn.
 *
 *     node reopen-child.ts PATH_OF_THE_STORE
 */
import { openStoreFile } from './open-root.ts';

const [, , path = ''] = process.argv;
await openStoreFile(path, { readOnly: true }).close();
