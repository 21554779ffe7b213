/** A page of the console in a browser of its own, whose cache is empty. */
import type { Page } from 'playwright-core';
import { launchBrowser } from '../../server/test/browser/launch-browser.ts';
import type { SignedIn } from './console-users.ts';

/** @param user signed in; `undefined`: nobody is */
export async function withPage<Result>(
  origin: string,
  user: SignedIn | undefined,
  use: (page: Page) => Promise<Result>,
): Promise<Result> {
  const browser = await launchBrowser();
  try {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
    const cookies = [...(user?.cookies ?? [])];
    await context.addCookies(cookies.map(([name, value]) => ({ name, value, url: origin })));
    return await use(await context.newPage());
  } finally {
    await browser.close();
  }
}
