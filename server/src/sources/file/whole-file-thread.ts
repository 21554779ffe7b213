/** A thread that reads a whole file. */
import { parentPort, workerData } from 'node:worker_threads';
import { type FileQuestion, factsHere } from './whole-file.ts';

parentPort?.postMessage(factsHere(workerData as FileQuestion));
