/** A thread that reads a whole file to answer one question about it. */
import { parentPort, workerData } from 'node:worker_threads';
import { answerHere, type FileQuestion } from './whole-file.ts';

parentPort?.postMessage(answerHere(workerData as FileQuestion));
