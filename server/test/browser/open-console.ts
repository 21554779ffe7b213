/** The console in a browser, with a record of everything that a page must not do. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, Page } from 'playwright-core';

export interface ConsolePage {
  readonly page: Page;
  /** Console errors, breaches of the content policy, failed scripts, and calls of other hosts. */
  readonly faults: readonly string[];
}

export interface Look {
  readonly scheme: 'light' | 'dark';
  readonly width: number;
}

/** The looks of the design. */
export const looks: readonly Look[] = [
  { scheme: 'light', width: 1440 },
  { scheme: 'dark', width: 1440 },
  { scheme: 'light', width: 390 },
  { scheme: 'dark', width: 390 },
];

/** Nothing on a page takes this long on a quiet machine. */
const patienceMs = 60_000;

export async function openConsole(
  browser: Browser,
  origin: string,
  { scheme, width }: Look,
): Promise<ConsolePage> {
  const context = await browser.newContext({
    colorScheme: scheme,
    viewport: { width, height: width < 768 ? 844 : 900 },
    locale: 'en-GB',
    reducedMotion: 'reduce',
  });
  const page = await context.newPage();
  page.setDefaultTimeout(patienceMs);
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(`error: ${error.message}`));
  page.on('console', (message) => {
    const { url } = message.location();
    // The browser reports each answer of 400 and more, such as the one that asks to sign in.
    const isAnswer =
      url.startsWith(`${origin}/console/api/`) && message.text().includes('status of');
    if (message.type() === 'error' && !isAnswer) faults.push(`console: ${message.text()}`);
  });
  page.on('request', (request) => {
    const { protocol, origin: asked } = new URL(request.url());
    if (protocol !== 'data:' && asked !== origin) faults.push(`other host: ${request.url()}`);
  });
  await page.addInitScript({ content: reportBreaches });
  return { page, faults };
}

/** As text: tests are typed without the browser's objects. */
const reportBreaches = `document.addEventListener('securitypolicyviolation', (event) => {
  console.error('policy: ' + event.violatedDirective + ' ' + event.blockedURI + event.sample);
});`;

const excessWidth = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';

/**
 * Writes a picture of the page into the folder that `npm run screens` names. Does nothing in other
 * runs.
 */
export async function takePicture(
  page: Page,
  name: string,
  { scheme, width }: Look,
): Promise<void> {
  const folder = process.env['CONSOLE_PICTURES'];
  if (folder === undefined) return;
  const path = join(folder, `${name}-${scheme}-${width}.png`);
  await page.screenshot({ path, fullPage: true, animations: 'disabled', caret: 'hide' });
}

/** No violation of WCAG that axe can find. */
export async function assertAccessible(page: Page, words: string): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  const found = violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${words}: ${id} at ${target}: ${failureSummary}`),
  );
  assert.deepEqual(found, []);
}

/** Nothing scrolls sideways. */
export async function assertNotWide(page: Page, words: string): Promise<void> {
  const excess = await page.evaluate(excessWidth);
  assert.equal(excess, 0, `${words} is ${excess} px too wide`);
}
