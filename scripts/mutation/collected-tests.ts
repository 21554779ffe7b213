/**
 * Replaces `node:test` while mutants are tried. It collects the tests of a file, so that they can
 * run many times.
 */
export interface CollectedTest {
  readonly name: string;
  readonly run: () => unknown;
}

let collected: CollectedTest[] = [];

export function test(name: string, run: () => unknown): void {
  collected.push({ name, run });
}

/** The tests collected since the last call, in the order of the file. */
export function takeCollectedTests(): readonly CollectedTest[] {
  const tests = collected;
  collected = [];
  return tests;
}
