/** Chooses the kind of source; the one place that knows the kinds. */
import { openFileSource } from './file/file-source.ts';
import type { Source } from './source.ts';

/** @throws UsherError `definition_invalid` for a path that is no file of a known kind, in words for people */
export async function openSource(path: string): Promise<Source> {
  return openFileSource(path);
}
