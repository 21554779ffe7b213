/** The console before anybody is signed in, in a real browser. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startApi } from '../http/start-api.ts';
import { assertAccessible, assertNotWide, looks, openConsole } from './open-console.ts';
import { startBrowser } from './start-browser.ts';

test('who is not signed in sees the sign-in page, wide and narrow, light and dark', {
  timeout: 180_000,
}, async (context) => {
  const api = await startApi(context);
  const browser = await startBrowser(context);
  for (const look of looks) {
    const words = `sign-in, ${look.scheme}, ${look.width}`;
    const { page, faults } = await openConsole(browser, api.url, look);
    await page.goto(`${api.url}/console/sign-in`);
    await page.getByRole('heading', { level: 1, name: 'Sign in' }).waitFor();
    assert.equal(await page.title(), 'Sign in · Usher');
    await assertAccessible(page, words);
    await assertNotWide(page, words);
    assert.deepEqual(faults, [], words);
    await page.context().close();
  }
});
