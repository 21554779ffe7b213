/** The overview in a real browser: traffic as it happens, and what is stored. */
import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import { listOrganizations } from '../../src/administration/organizations.ts';
import { createToken } from '../../src/administration/token/tokens.ts';
import { composeAdministration } from '../../src/compose.ts';
import { noCounts } from '../../src/sync/dataset-run.ts';
import { assertAccessible, judgePage, openConsole, wideLook } from './open-console.ts';
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
  await waitForPeople(node.dataFolder);
  await page.goto(await node.invite('analyst', 'Ivo Novak'));
  await page.getByText('Nobody calls now').waitFor();
  await decide(page);
  await page.getByRole('button', { name: 'See callers' }).click();
  await page.getByRole('dialog').getByText('Nobody has called since yesterday.').waitFor();
  await assertAccessible(page, 'the callers of a token');
  await page.getByRole('button', { name: 'Close' }).last().click();
  await node.lookUp(100);
  await page.getByText('Nobody calls now').waitFor({ state: 'detached' });
  assert.deepEqual(faults, []);
});

/** Who approves a change reads which definition it is about, and how sure its count is. */
async function decide(page: Page): Promise<void> {
  await page.getByText('The source could not be read. Nothing tries it by itself.').waitFor();
  await page.getByText(/^About 136 of 136 members would move\. The operator asked/).waitFor();
  await page.getByRole('button', { name: 'Review change' }).click();
  const dialog = page.getByRole('dialog', { name: 'A change of flows waits' });
  await dialog.getByText('Changes the segment Good customers').waitFor();
  await dialog.getByText('spent > 100').waitFor();
  await dialog.getByText('spent > 900').waitFor();
  await dialog.getByText('1 to 291').waitFor();
  await judgePage(page, 'overview-plan', wideLook);
  await dialog.getByRole('button', { name: 'Close' }).last().click();
}

/** A run that failed, and a plan whose counts are of a sample. */
async function waitForPeople(dataFolder: string): Promise<void> {
  const options = { operator: 'test', clock: Date.now, randomBytes, make: false };
  const administration = await composeAdministration({ catalog: 'sqlite', dataFolder }, options);
  const { catalog } = administration;
  try {
    const organizations = await listOrganizations(administration);
    const organizationId = organizations.find(({ name }) => name === 'demo')?.id ?? 0;
    const datasets = await catalog.read((view) => view.listDatasets(organizationId));
    await catalog.startRun({
      ...{ id: 'away', organizationId, datasetId: datasets[0]?.id ?? 0, approvalOf: null },
      ...{ kind: 'sync', trigger: 'api', definitionVersion: 1, startedAtMs: Date.now() },
    });
    const failure = { errorCode: 'source_unavailable', errorDetail: 'It does not answer.' };
    const end = { state: 'failed', endedAtMs: Date.now(), counts: noCounts } as const;
    await catalog.endRun('away', { ...end, ...failure });
    const author = { actor: 'operator:operator', atMs: Date.now() };
    const flow = { id: 7, name: 'Spring', members: 136, moved: 136, margin: 155 };
    const rules = { before: { rule: 'spent > 100' }, after: { rule: 'spent > 900' } };
    await catalog.keepChangePlan(author, {
      ...{ id: randomUUID(), organizationId, author: author.actor, createdAtMs: author.atMs },
      approvedBy: null,
      plan: {
        ...{ digest: '', sample: { seed: 1, share: 0.02, windows: 1 }, contacts: 9_000 },
        flows: [{ ...flow, joined: 0, left: 136, changed: 0 }],
        changes: [{ action: 'segment.edit', target: 'Good customers', ...rules }],
      },
    });
  } finally {
    await catalog.close();
  }
}

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
