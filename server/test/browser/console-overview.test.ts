/** The overview in a real browser: traffic as it happens, in every look. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  assertAccessible,
  assertNotWide,
  looks,
  openConsole,
  takePicture,
} from './open-console.ts';
import { startBrowser } from './start-browser.ts';
import { startConsole } from './start-console.ts';

test('the overview shows traffic, limits, freshness and runs', {
  timeout: 280_000,
}, async (context) => {
  const node = await startConsole(context);
  const browser = await startBrowser(context);
  await node.lookUp(200);
  for (const look of looks) {
    const words = `overview, ${look.scheme}, ${look.width}`;
    const { page, faults } = await openConsole(browser, node.url, look);
    await page.goto(await node.invite('admin', 'Dana Reyes'));
    await page.getByRole('region', { name: 'Freshness by dataset' }).getByText('crm').waitFor();
    await page.locator('canvas').first().waitFor();
    await page.getByText('Live', { exact: true }).waitFor();
    await takePicture(page, 'overview', look);
    await assertAccessible(page, words);
    await assertNotWide(page, words);
    await page.getByText('Latency', { exact: true }).click();
    await page.getByRole('heading', { name: 'Latency in milliseconds' }).waitFor();
    await page.getByRole('button', { name: 'as a table' }).click();
    await page.getByRole('columnheader', { name: '99%' }).waitFor();
    await assertAccessible(page, `${words}, as a table`);
    assert.deepEqual(faults, [], words);
    await page.context().close();
  }
});

test('new traffic shows by itself', { timeout: 180_000 }, async (context) => {
  const node = await startConsole(context);
  const browser = await startBrowser(context);
  const { page, faults } = await openConsole(browser, node.url, { scheme: 'light', width: 1440 });
  await page.goto(await node.invite('analyst', 'Ivo Novak'));
  await page.getByText('Nobody calls now').waitFor();
  await node.lookUp(100);
  await page.getByText('Nobody calls now').waitFor({ state: 'detached' });
  assert.deepEqual(faults, []);
});
