/** Why a run failed, in words for people who cannot mend it by a code. */

/** Completes "Failed: "; `undefined` for a code that says nothing to people. */
export function failureWords(code: string | null): string | undefined {
  return code === null ? undefined : words[code];
}

const words: Readonly<Record<string, string>> = {
  definition_invalid: 'the source and the definition do not fit',
  source_unavailable: 'the source could not be read',
  storage_full: 'the disk is full',
  store_unavailable: 'the store did not answer',
  run_in_progress: 'another run took its place',
};
