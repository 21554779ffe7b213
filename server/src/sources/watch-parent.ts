/**
 * Runs in the thread that `end-with-parent.ts` starts: ends the process when its parent has ended.
 */
import { workerData } from 'node:worker_threads';
import { parentCheckMs } from './limits.ts';

function endOrphan(): void {
  if (process.ppid !== workerData) process.kill(process.pid, 'SIGKILL');
}

endOrphan();
setInterval(endOrphan, parentCheckMs);
