/**
 * The load: wrk on the core of its own, with a fixed number of connections that each wait for their
 * answer before asking again. The requests themselves are put together in `load.lua`.
 */
import { join } from 'node:path';
import { emailWords } from './contacts-data.ts';
import { loadCore, runProgram } from './run-program.ts';

/** One request as text, parted where the contact's e-mail address stands. */
export interface RequestText {
  readonly before: string;
  readonly after: string;
}

export interface Load {
  readonly port: number;
  readonly request: RequestText;
  readonly contacts: number;
  readonly connections: number;
  readonly seconds: number;
  /** The same seed asks for the same contacts in the same order. */
  readonly seed: number;
}

export interface LoadReport {
  /** That were answered. */
  readonly requests: number;
  readonly microseconds: number;
  /** Of all answers, with their headers. */
  readonly bytes: number;
  /** Answers of 400 and more. */
  readonly wrongStatus: number;
  /** Connections refused, broken or silent for two seconds. */
  readonly failed: number;
  readonly p50Us: number;
  readonly p99Us: number;
}

export async function runLoad(load: Load): Promise<LoadReport> {
  const { first, last, domains } = emailWords;
  const output = await runProgram({
    name: 'wrk',
    command: 'wrk',
    core: loadCore,
    parameters: [
      ...['-t', '1', '-c', String(load.connections), '-d', `${load.seconds}s`],
      ...['-s', join(import.meta.dirname, 'load.lua'), `http://127.0.0.1:${load.port}/`, '--'],
      ...[String(load.seed), String(load.contacts), load.request.before, load.request.after],
      ...[first.join(','), last.join(','), domains.join(',')],
    ],
  });
  const line = /^LOAD (.*)$/m.exec(output)?.[1];
  if (line === undefined) throw new Error(`wrk said nothing of its load: ${output.slice(0, 500)}`);
  const report: LoadReport = JSON.parse(line);
  return report;
}

/** A GET in HTTP/1.1. The path and its query end where the address begins or go on after it. */
export function getRequest(
  path: RequestText,
  headers: Readonly<Record<string, string>>,
): RequestText {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return {
    before: `GET ${path.before}`,
    after: `${path.after} HTTP/1.1\r\nHost: 127.0.0.1\r\n${lines.join('')}\r\n`,
  };
}
