/**
 * The tutorial is true: its commands are run in order and unchanged, and must print the output that
 * the page shows.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { runPage } from './run-page.ts';

test('every step of the tutorial prints what the page shows', {
  timeout: 300_000,
}, async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'usher-tutorial-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  await runPage('docs/tutorial.md', folder);
});
