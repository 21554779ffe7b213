/** The browser of a test file: started once, for all of its tests. */
import { after, type TestContext } from 'node:test';
import type { Browser } from 'playwright-core';
import { launchBrowser } from './launch-browser.ts';

let browser: Promise<Browser> | undefined;

after(async () => (await browser)?.close());

/** Its pages are closed with the test, and its contexts share nothing. */
export async function startBrowser(context: Pick<TestContext, 'after'>): Promise<Browser> {
  browser ??= launchBrowser();
  const started = await browser;
  context.after(() => Promise.all(started.contexts().map((it) => it.close())));
  return started;
}
