/** What all tests of a file share, such as a server: each of them would start it anew otherwise. */
import assert from 'node:assert/strict';
import { after, before, type TestContext } from 'node:test';

/**
 * Starts something before the first test of a file, and ends it after the last one. To be called
 * where the file is loaded, not in a test.
 * @param start gives what ends it to `after`, as tests do
 * @returns a function for the tests, which returns what was started
 */
export function share<Shared>(
  start: (context: Pick<TestContext, 'after'>) => Promise<Shared>,
): () => Shared {
  const ends: (() => unknown)[] = [];
  let started: { readonly shared: Shared } | undefined;
  before(async () => {
    started = { shared: await start({ after: (end) => void ends.push(end as () => unknown) }) };
  });
  after(async () => {
    for (const end of ends) await end();
  });
  return () => {
    assert.ok(started !== undefined, 'nothing is shared before the first test');
    return started.shared;
  };
}
