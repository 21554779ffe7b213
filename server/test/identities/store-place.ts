/**
 * A store in a temporary folder that several histories share, each in an organization of its own.
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openReader, openWriter } from '../../src/stores/open-store.ts';
import type { ContactReader, ContactWriter } from '../../src/stores/store.ts';

const dayMs = 86_400_000;
/** A store stays small, because each history looks at all of it. */
const organizationsPerStore = 6;

export class StorePlace {
  #folder = '';
  #store: { readonly writer: ContactWriter; readonly reader: ContactReader } | undefined;
  #opens = 0;
  #organizations = organizationsPerStore;
  #nowMs = Date.UTC(2026, 10, 23);

  get writer(): ContactWriter {
    return this.#opened.writer;
  }

  get reader(): ContactReader {
    return this.#opened.reader;
  }

  get #opened() {
    if (this.#store === undefined) throw new Error('The store is closed.');
    return this.#store;
  }

  /** Gives an organization that has nothing yet. */
  async nextOrganization(): Promise<number> {
    if (this.#organizations === organizationsPerStore) {
      await this.remove();
      this.#folder = mkdtempSync(join(quickestFolder(), 'usher-identities-'));
      this.#organizations = 0;
      await this.reopen();
    }
    this.#organizations += 1;
    return this.#organizations;
  }

  wait(days: number): void {
    this.#nowMs += days * dayMs;
  }

  async reopen(): Promise<void> {
    await this.#close();
    this.#opens += 1;
    const writer = await openWriter(this.#folder, {
      nowMs: () => this.#nowMs,
      // Components of a history are small: half of the time, all of them are kept.
      ...(this.#opens % 2 === 0 && { leastCachedRows: 0 }),
    });
    this.#store = { writer, reader: openReader(this.#folder) };
  }

  async #close(): Promise<void> {
    await this.#store?.reader.close();
    await this.#store?.writer.close();
    this.#store = undefined;
  }

  /** The next organization gets a store of its own. */
  async remove(): Promise<void> {
    await this.#close();
    if (this.#folder !== '') rmSync(this.#folder, { recursive: true });
    this.#folder = '';
    this.#organizations = organizationsPerStore;
  }
}

/** In memory if there is such a folder: histories make thousands of commits. */
function quickestFolder(): string {
  return existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
}
