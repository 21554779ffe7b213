/** Revealing a masked value in a real browser: a reason is asked, and the value shows. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mustRunUsher } from '../launch/run-usher.ts';
import { assertAccessible, type Look, looks, openConsole, takePicture } from './open-console.ts';
import { startBrowser } from './start-browser.ts';
import { startConsole } from './start-console.ts';

test('a masked value is revealed for a reason', { timeout: 180_000 }, async (context) => {
  const node = await startConsole(context);
  const hide = ['address_city', '--sensitivity', 'sensitive', '--organization', 'demo'];
  await mustRunUsher(node.dataFolder, ['field', 'set', ...hide]);
  const browser = await startBrowser(context);
  const look = looks[0] as Look;
  const { page, faults } = await openConsole(browser, node.url, look);
  await page.goto(await node.invite('support', 'Mira Chen'));
  await page.getByRole('link', { name: 'Contacts' }).click();
  await page.getByLabel('Find a contact').fill('tom@hello.com');
  await page.getByLabel('Find a contact').press('Enter');
  await page.locator('a[data-row]').click();
  await page.getByRole('button', { name: 'Reveal address_city' }).click();
  const dialog = page.getByRole('dialog', { name: 'Reveal address_city' });
  await dialog.getByRole('combobox', { name: 'Reason' }).click();
  await page.getByRole('option', { name: 'A complaint' }).click();
  await takePicture(page, 'reveal', look);
  await assertAccessible(page, 'reveal');
  assert.equal(await page.getByText('New York').count(), 0);
  await dialog.getByRole('button', { name: 'Reveal' }).click();
  await page.getByText('New York').waitFor();
  assert.deepEqual(faults, []);
});
