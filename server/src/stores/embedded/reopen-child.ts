/**
 * A process that opens the contact store and closes it again. When a process opens the store
 * without its turn, the number of the last transaction can become too low. Opening the store again
 * sets it to the newest number on the disk. The parent process holds the turn meanwhile.
 *
 *     node reopen-child.ts PATH_OF_THE_STORE
 */
import { openStoreFile } from './open-root.ts';

const [, , path = ''] = process.argv;
await openStoreFile(path, { readOnly: true }).close();
