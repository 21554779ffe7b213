/**
 * The reference page of the API in a real browser: it can be read, and its calls reach the server
 * that serves it.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startApi } from '../http/start-api.ts';
import { firstShown } from './first-shown.ts';
import { startBrowser } from './start-browser.ts';

/** Loading the page's script takes a second on a quiet machine. */
const patienceMs = 60_000;

test('"Test Request" calls the server that serves the page, and <type>:<value> can be read', {
  timeout: 180_000,
}, async (context) => {
  const api = await startApi(context);
  const token = await api.token();
  const browser = await startBrowser(context);
  const page = await browser.newPage({ viewport: { width: 1_300, height: 1_000 } });
  page.setDefaultTimeout(patienceMs);
  const origins = new Set<string>();
  page.on('request', (request) => origins.add(new URL(request.url()).origin));
  await page.goto(`${api.url}/docs/api#tag/contacts/GET/audience/v2/contacts`);
  await firstShown(page, '<type>:<value>').waitFor();
  await page
    .getByRole('button', { name: /Test Request/ })
    .first()
    .click();
  const dialog = page.getByRole('dialog');
  await dialog.getByPlaceholder('Token', { exact: true }).fill(token);
  const [response] = await Promise.all([
    page.waitForResponse((one) => one.url().includes('/audience/v2/contacts')),
    dialog
      .getByRole('button', { name: /Send get request/ })
      .first()
      .click(),
  ]);
  assert.equal(
    response.status(),
    200,
    `${await response.text()} ${JSON.stringify(await response.request().allHeaders())}`,
  );
  const { contact } = (await response.json()) as { contact: { first_name: string } };
  assert.equal(contact.first_name, 'Tom');
  assert.deepEqual([...origins], [api.url]);
});
