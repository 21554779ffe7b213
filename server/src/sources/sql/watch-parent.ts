/**
 * A thread beside the one that reads an SQLite file, which a query holds up for as long as it takes: it
 * ends the process once the one that started it is gone.
 */
import { workerData } from 'node:worker_threads';
import { parentCheckMs } from '../limits.ts';

setInterval(() => {
  if (process.ppid !== workerData) process.kill(process.pid, 'SIGKILL');
}, parentCheckMs);
