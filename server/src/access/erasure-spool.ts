/**
 * Erasures that the access log has still to carry out: a file for each request, with the digests to
 * remove. Any process writes one; the one that writes the log carries it out and removes the file.
 */
import { existsSync } from 'node:fs';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { dataFiles } from '../domain/data-files.ts';
import { syncFolder, writeDurably } from '../stores/durable-file.ts';
import type { AccessSubject } from './access-entry.ts';
import { accessFolder, listAccessFiles } from './access-folder.ts';
import { readAccessKeys } from './access-keys.ts';
import type { ChainWriter } from './chain-writer.ts';
import { DigestSet, redactFile } from './redact-access.ts';

interface StoredErasure {
  readonly request: string;
  /** In hexadecimal. */
  readonly digests: readonly string[];
}

interface ErasureUnderWay {
  readonly path: string;
  readonly request: string;
  readonly wanted: DigestSet;
  /** Files below it are done. */
  nextFile: number;
}

/**
 * Asks the writer of the log to remove the digests of these subjects, which are on the disk when it
 * resolves. Does nothing if the folder has no access log.
 */
export async function requestAccessErasure(
  dataFolder: string,
  request: string,
  subjects: readonly AccessSubject[],
): Promise<void> {
  const folder = accessFolder(dataFolder);
  if (subjects.length === 0 || !existsSync(folder)) return;
  const keys = await readAccessKeys(dataFolder);
  const digests = subjects.map((subject) => keys.digestOf(subject).toString('hex'));
  const digestsPart = keys.sign(digests.join()).toString('hex').slice(0, 16);
  const path = join(folder, dataFiles.accessErasures, `${request}-${digestsPart}.json`);
  await writeDurably(path, JSON.stringify({ request, digests } satisfies StoredErasure));
}

/** How many requests wait. */
export async function countAccessErasures(dataFolder: string): Promise<number> {
  return (await listRequests(join(accessFolder(dataFolder), dataFiles.accessErasures))).length;
}

async function listRequests(folder: string): Promise<string[]> {
  if (!existsSync(folder)) return [];
  return (await readdir(folder)).filter((name) => name.endsWith('.json')).sort();
}

export class ErasureSpool {
  readonly #folder: string;
  readonly #spool: string;
  #current: ErasureUnderWay | undefined;

  /** @param folder the folder of the log */
  constructor(folder: string) {
    this.#folder = folder;
    this.#spool = join(folder, dataFiles.accessErasures);
  }

  /** Carries out a step: one file of the log. `false`: nothing is left to do. */
  async work(chain: ChainWriter): Promise<boolean> {
    this.#current ??= await this.#next();
    const current = this.#current;
    if (current === undefined) return false;
    const files = await listAccessFiles(this.#folder);
    const file = files.find(({ number }) => number >= current.nextFile);
    if (file === undefined) {
      await rm(current.path, { force: true });
      await syncFolder(this.#spool);
      this.#current = undefined;
      return true;
    }
    await redactFile(file, chain, current);
    current.nextFile = file.number + 1;
    return true;
  }

  async #next(): Promise<ErasureUnderWay | undefined> {
    const name = (await listRequests(this.#spool))[0];
    if (name === undefined) return undefined;
    const path = join(this.#spool, name);
    const { request, digests } = JSON.parse(await readFile(path, 'utf8')) as StoredErasure;
    const wanted = new DigestSet(digests.map((it) => Buffer.from(it, 'hex')));
    return { path, request, wanted, nextFile: 0 };
  }
}
