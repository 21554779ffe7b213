/** Debian's Chromium for tests of pages. It talks to this machine alone. */
import type { TestContext } from 'node:test';
import { type Browser, chromium } from 'playwright-core';

/** Without these it looks up hosts of its maker at every start. */
const quiet = [
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
];

/** Ended with the test. */
export async function startBrowser(context: Pick<TestContext, 'after'>): Promise<Browser> {
  const browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    // Tests run as root on machines of their own, where the sandbox cannot be made.
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', ...quiet],
  });
  context.after(() => browser.close());
  return browser;
}
