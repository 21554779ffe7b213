/** The overview in a real browser: traffic as it happens, and what is stored. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import { listOrganizations } from '../../src/administration/organizations.ts';
import { createToken } from '../../src/administration/token/tokens.ts';
import { composeAdministration } from '../../src/compose.ts';
import { assertAccessible, openConsole } from './open-console.ts';
import { startBrowser } from './start-browser.ts';
import { startConsole } from './start-console.ts';

test('the overview shows traffic, limits, freshness and runs', {
  timeout: 280_000,
}, async (context) => {
  const node = await startConsole(context);
  const browser = await startBrowser(context);
  await node.lookUp(200);
  const { page, faults } = await openConsole(browser, node.url);
  await page.goto(await node.invite('admin', 'Dana Reyes'));
  await page.getByRole('region', { name: 'Freshness by dataset' }).getByText('crm').waitFor();
  await page.locator('canvas').first().waitFor();
  await page.getByText('Live', { exact: true }).waitFor();
  await page.getByText('Latency', { exact: true }).click();
  await page.getByRole('heading', { name: 'Latency in milliseconds' }).waitFor();
  await page.getByRole('button', { name: 'as a table' }).click();
  await page.getByRole('columnheader', { name: '99%' }).waitFor();
  await assertAccessible(page, 'the overview, as a table');
  await visitRanges(page);
  assert.deepEqual(faults, []);
});

/** Every range is in the address, and shows hours or days that the server has stored. */
async function visitRanges(page: Page): Promise<void> {
  await page.getByText(/Minutes are counted since the server started/).waitFor();
  await page.getByRole('link', { name: 'Hours before that' }).click();
  await page.waitForURL(/range=24h/);
  const entry = page
    .getByRole('navigation', { name: 'Pages' })
    .getByRole('link', { name: 'Overview' });
  assert.equal(await entry.getAttribute('aria-current'), 'page');
  await page.getByText('Codes', { exact: true }).click();
  await page.getByRole('heading', { name: 'Answers per second by code' }).waitFor();
  await page.getByRole('region', { name: /by code in the last 24 hours/ }).waitFor();
  await page.getByText('30 days', { exact: true }).click();
  await page.waitForURL(/range=30d/);
  await page.getByRole('region', { name: /by code in the last 30 days/ }).waitFor();
  await assertAccessible(page, 'the overview, 30 days');
}

test('new traffic shows by itself, and a token that ends shows who calls with it', {
  timeout: 180_000,
}, async (context) => {
  const node = await startConsole(context);
  const browser = await startBrowser(context);
  const { page, faults } = await openConsole(browser, node.url);
  await endSoon(node.dataFolder);
  await page.goto(await node.invite('analyst', 'Ivo Novak'));
  await page.getByText('Nobody calls now').waitFor();
  await page.getByRole('button', { name: 'See callers' }).click();
  await page.getByRole('dialog').getByText('Nobody has called since yesterday.').waitFor();
  await assertAccessible(page, 'the callers of a token');
  await page.getByRole('button', { name: 'Close' }).last().click();
  await node.lookUp(100);
  await page.getByText('Nobody calls now').waitFor({ state: 'detached' });
  assert.deepEqual(faults, []);
});

/** A token that was used a moment ago and ends within a day. */
async function endSoon(dataFolder: string): Promise<void> {
  const options = { operator: 'test', clock: Date.now, randomBytes, make: false };
  const administration = await composeAdministration({ catalog: 'sqlite', dataFolder }, options);
  const { catalog } = administration;
  try {
    const organizations = await listOrganizations(administration);
    const id = organizations.find(({ name }) => name === 'demo')?.id ?? 0;
    const request = { createdBy: 'it@example.com', name: 'call-centre', expires: '20h' };
    const { token } = await createToken(administration, id, request);
    const tokens = await catalog.read((view) => view.listTokens(id));
    const rowId = tokens.find((one) => one.id === token.id)?.rowId ?? 0;
    await catalog.recordLastUsed([{ rowId, atMs: Date.now() }]);
  } finally {
    await catalog.close();
  }
}
