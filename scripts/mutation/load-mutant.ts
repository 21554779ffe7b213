/**
 * Lets a test's process read one source with a change in it, and leaves the files as they are. Given to node by
 * `--import`; the change is in the variable USHER_MUTANT.
 */
import { registerHooks } from 'node:module';
import { pathToFileURL } from 'node:url';

export interface LoadedMutant {
  /** Absolute. */
  readonly file: string;
  readonly start: number;
  readonly end: number;
  readonly to: string;
}

const { file, start, end, to } = JSON.parse(process.env['USHER_MUTANT'] ?? '{}') as LoadedMutant;
const url = pathToFileURL(file).href;

registerHooks({
  load(at, context, nextLoad) {
    const loaded = nextLoad(at, context);
    if (at !== url) return loaded;
    const text = String(loaded.source);
    return { ...loaded, source: text.slice(0, start) + to + text.slice(end) };
  },
});
