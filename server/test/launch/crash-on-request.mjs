// Loaded into every thread of a server by a test (`--import`): a look-up thread that finds the file
// named by CRASH_FILE takes it away and throws, as a defect in it would.
import { existsSync, rmSync } from 'node:fs';
import { isMainThread, workerData } from 'node:worker_threads';

const path = process.env.CRASH_FILE;
if (!isMainThread && workerData?.row !== undefined && path !== undefined) {
  setInterval(() => {
    if (!existsSync(`${path}.${workerData.row}`)) return;
    rmSync(`${path}.${workerData.row}`, { force: true });
    throw new Error('a planted defect');
  }, 5).unref();
}
