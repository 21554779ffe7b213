/** The console in a browser, with a record of everything that a page must not do. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, Locator, Page } from 'playwright-core';
import type { ConsoleClient } from '../users/console-client.ts';
import { companyPictures } from './company/company-pages.ts';
import { firstShown } from './first-shown.ts';

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

export const wideLook: Look = { scheme: 'light', width: 1440 };

/** Nothing on a page takes this long on a quiet machine. */
const patienceMs = 60_000;

export async function openConsole(
  browser: Browser,
  origin: string,
  { scheme, width }: Look = wideLook,
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
    // So is each call that a test lets fail.
    const isAway = message.text().includes('ERR_INTERNET_DISCONNECTED');
    if (message.type() === 'error' && !isAnswer && !isAway)
      faults.push(`console: ${message.text()}`);
  });
  page.on('request', (request) => {
    const { protocol, origin: asked } = new URL(request.url());
    if (protocol !== 'data:' && asked !== origin) faults.push(`other host: ${request.url()}`);
  });
  await page.addInitScript({ content: reportBreaches });
  return { page, faults };
}

/** The console of a user whose client is signed in. */
export async function openSignedIn(
  browser: Browser,
  origin: string,
  { cookies }: Pick<ConsoleClient, 'cookies'>,
  look = wideLook,
): Promise<ConsolePage> {
  const opened = await openConsole(browser, origin, look);
  const values = [...cookies].map(([name, value]) => ({ name, value, url: origin }));
  await opened.page.context().addCookies(values);
  return opened;
}

/** As text: tests are typed without the browser's objects. */
const reportBreaches = `document.addEventListener('securitypolicyviolation', (event) => {
  console.error('policy: ' + event.violatedDirective + ' ' + event.blockedURI + event.sample);
});`;

/** The parts of a page that are wider than their place, other than code. */
const wideParts = `[...document.querySelectorAll('body, body *')].filter((part) => {
  const { overflowX, textOverflow } = getComputedStyle(part);
  if (overflowX === 'visible' || textOverflow === 'ellipsis' || part.clientWidth < 2) return false;
  return part.scrollWidth > part.clientWidth + 1 && part.querySelector('pre') === null;
}).map((part) => part.tagName + ' ' + part.className + ': ' + part.innerText.slice(0, 60))`;

/**
 * Writes a picture of the page into the folder that `npm run screens` names. Does nothing in other
 * runs. Pictures of whole pages are of the company (`judgePage`), so that one look of a page does
 * not replace another.
 */
export async function takePicture(page: Page, name: string, look: Look): Promise<void> {
  if (!companyPictures.has(name)) await writePicture(page, name, look);
}

async function writePicture(page: Page, name: string, { scheme, width }: Look): Promise<void> {
  const folder = process.env['CONSOLE_PICTURES'];
  if (folder === undefined) return;
  const path = join(folder, `${name}-${scheme}-${width}.png`);
  const height = Math.min(Number(await page.evaluate(pageHeight)), maxPictureHeight(width));
  const clip = { x: 0, y: 0, width, height };
  await page.screenshot({ path, clip, fullPage: true, animations: 'disabled', caret: 'hide' });
}

const pageHeight = 'document.documentElement.scrollHeight';

/** Two screens: a table goes on in the same way below. */
function maxPictureHeight(width: number): number {
  return width < 768 ? 1_800 : 1_600;
}

/** Takes a picture of a page of the company. The page is accessible and not too wide. */
export async function judgePage(page: Page, name: string, look: Look): Promise<void> {
  const words = `${name}, ${look.scheme}, ${look.width}`;
  await page.mouse.move(0, 0);
  await writePicture(page, name, look);
  await assertAccessible(page, words);
  await assertNotWide(page, words);
}

/** No violation of WCAG that axe can find. */
export async function assertAccessible(page: Page, words: string): Promise<void> {
  const axe = new AxeBuilder({ page })
    // No page has frames of other sites, for which the results are put together on another page.
    .setLegacyMode()
    .options({ resultTypes: ['violations'] });
  const { violations } = await axe.analyze();
  const found = violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${words}: ${id} at ${target}: ${failureSummary}`),
  );
  assert.deepEqual(found, []);
}

/** Nothing scrolls sideways but code, and nothing is cut off. */
async function assertNotWide(page: Page, words: string): Promise<void> {
  assert.deepEqual(await page.evaluate(wideParts), [], words);
}

/** A page whose session ended asks at once whether somebody signed in elsewhere. */
export async function comeBack(page: Page): Promise<void> {
  await page.evaluate(`window.dispatchEvent(new Event('visibilitychange'))`);
}

/**
 * Presses the button of a form while the server is away. The page says so and keeps what was typed.
 * The form can be sent again afterwards.
 */
export async function pressWhileAway(
  page: Page,
  button: Locator,
  fields: readonly Locator[],
): Promise<void> {
  const read = () => Promise.all(fields.map((field) => field.inputValue()));
  const typed = await read();
  await page.context().setOffline(true);
  await button.click();
  const words = page.getByRole('alert').getByText(/node is away|does not answer/);
  await words.first().waitFor();
  assert.deepEqual(await read(), typed);
  await page.context().setOffline(false);
}

/** What the browser says of an answer that `pressAndLose` drops. */
export const lostAnswer = 'console: Failed to load resource: net::ERR_FAILED';

/**
 * Presses a button. The server does what the call asks for, and its answer is lost.
 * @param route such as `PUT /datasets/people`
 */
export async function pressAndLose(page: Page, button: Locator, route: string): Promise<void> {
  const [method, path] = route.split(' ');
  const address = `**/console/api/v1${path}`;
  await page.route(address, async function lose(call) {
    if (call.request().method() !== method) return call.fallback();
    await call.fetch();
    await call.abort();
    await page.unroute(address, lose);
  });
  await button.click();
  await firstShown(page, 'The server does not answer').waitFor();
}
