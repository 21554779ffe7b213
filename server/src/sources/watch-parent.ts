/**
 * A thread beside the one that works, which a query or a lock holds up for as long as it takes: it
 * ends the process once the one that started it is gone.
 */
import { workerData } from 'node:worker_threads';
import { parentCheckMs } from './limits.ts';

setInterval(() => {
  if (process.ppid !== workerData) process.kill(process.pid, 'SIGKILL');
}, parentCheckMs);
