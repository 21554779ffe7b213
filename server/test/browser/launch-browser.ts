/** Debian's headless Chromium for tests of pages. It talks to this machine alone. */
import { type Browser, chromium } from 'playwright-core';

/** Without these it looks up hosts of its maker at every start. */
const quiet = [
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
];

export function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: '/usr/bin/chromium-headless-shell',
    // Tests run as root on machines of their own, where the sandbox cannot be made.
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', ...quiet],
  });
}
