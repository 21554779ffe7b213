/**
 * Generates the load: wrk on its own core, with a fixed number of connections. Each connection
 * waits for its answer before it sends the next request. `load.lua` builds the requests.
 */
import { join } from 'node:path';
import { emailWords } from './contacts-data.ts';
import { loadCore, runProgram } from './run-program.ts';

/** One request as text, split where the e-mail address of the contact is inserted. */
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
  /** The same seed requests the same contacts in the same order. */
  readonly seed: number;
}

export interface LoadReport {
  /** The number of answered requests. */
  readonly requests: number;
  readonly microseconds: number;
  /** The bytes of all answers, with their headers. */
  readonly bytes: number;
  /** The number of answers with a status of 400 or more. */
  readonly wrongStatus: number;
  /** The number of connections that were refused or broken, or silent for two seconds. */
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
  if (line === undefined) throw new Error(`wrk reported no load: ${output.slice(0, 500)}`);
  const report: LoadReport = JSON.parse(line);
  return report;
}

/**
 * A GET in HTTP/1.1. The e-mail address of the contact is inserted between the two texts of `path`.
 */
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
