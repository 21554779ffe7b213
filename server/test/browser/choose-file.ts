/** Chooses files on the page of a new dataset, and what a person may choose about them. */
import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { waitFor } from '../launch/run-usher.ts';
import { assertAccessible } from './open-console.ts';

export async function chooseFile(
  page: Page,
  name: string,
  content: string | Buffer,
): Promise<void> {
  const input = page.getByLabel('A file with rows');
  await input.setInputFiles({ name, mimeType: 'text/csv', buffer: Buffer.from(content) });
}

/** What is chosen by hand is read again: its format, and the rows that a run would reject. */
async function chooseByHand(page: Page): Promise<void> {
  const create = page.getByRole('button', { name: 'Create and run' });
  await page.getByRole('combobox', { name: 'The type of people_2_price_code' }).click();
  await page.getByRole('option', { name: 'float' }).click();
  await page.getByText('decimal comma').waitFor();
  await page.getByRole('combobox', { name: 'Column, the row key' }).click();
  await page.getByRole('option', { name: 'city' }).click();
  await page.getByText('rows that cannot be used: 1 × Repeated key').waitFor();
  await waitFor(async () => (await create.isEnabled()) || undefined, 30_000);
}

/** A file never changes a definition unasked, and a name that is taken is a question. */
export async function bringLaterFiles(page: Page, url: string): Promise<void> {
  await page.goto(`${url}/console/new-dataset?dataset=people`);
  await chooseFile(
    page,
    'later.csv',
    'customer_no,email,mobile,points,tier\n1,a@example.com,,3,gold\n',
  );
  await page.getByRole('heading', { name: 'The file lacks a column of people' }).waitFor();
  await page.getByText('The definition reads city').waitFor();
  assert.equal(await page.getByRole('combobox').count(), 0, 'what is defined is there to read');
  const addTier = page.getByRole('checkbox', { name: 'tier' });
  assert.equal(await addTier.isChecked(), false);
  await addTier.check();
  const add = page.getByRole('button', { name: 'Add 1 field and run' });
  assert.equal(await add.isDisabled(), true);
  await page.getByText('This also changes the definition of people: it gets tier.').waitFor();
  await assertAccessible(page, 'a file that lacks a column');

  await page.goto(`${url}/console/new-dataset`);
  await page.getByRole('link', { name: 'Go on with later.csv' }).waitFor();
  await page.getByRole('button', { name: 'Delete later.csv' }).click();
  const kept = page.getByRole('heading', { name: 'Uploaded files' });
  await kept.waitFor({ state: 'detached' });
  const long = `a${'b'.repeat(199)}`;
  await chooseFile(
    page,
    'people.csv',
    `email,city,${long},price_code\na@example.com,York,1,"1.234,5"\nb@example.com,York,1,"2,5"\n`,
  );
  await page.getByRole('heading', { name: 'A dataset people exists' }).waitFor();
  await assertAccessible(page, 'the question what a file is for');
  await page.getByRole('link', { name: 'A new dataset' }).click();
  const name = page.getByLabel('Name of the dataset');
  await name.waitFor();
  assert.equal(await name.inputValue(), 'people_2');
  await page.getByText('people_2_city', { exact: true }).waitFor();
  await chooseByHand(page);
  // A name of a field that is taken is marked before anything is sent.
  await page.getByRole('checkbox', { name: /^Names of fields begin/ }).uncheck();
  await page.getByRole('cell', { name: /^city This name is taken by people$/ }).waitFor();
  const create = page.getByRole('button', { name: 'Create and run' });
  assert.equal(await create.isDisabled(), true);
  await assertAccessible(page, 'names of fields that are taken');
  await page.getByRole('button', { name: /^Let their names begin/ }).click();
  await page.getByText('people_2_city', { exact: true }).waitFor();
  await name.fill('towns');
  await page.getByText('towns_city', { exact: true }).waitFor();
  await page.getByText(`${long.slice(0, 40)}…`, { exact: true }).waitFor();
  await name.fill('people');
  await page.getByText('A dataset of this name exists').waitFor();
  assert.equal(await page.getByRole('button', { name: 'Create and run' }).isDisabled(), true);
  await page.getByRole('button', { name: 'Choose another file' }).click();
  await page.getByRole('button', { name: 'Choose a file' }).waitFor();
  await kept.waitFor({ state: 'detached' });
  const polish = [Buffer.from('mail,miasto\na@example.com,'), Buffer.from('a3f3649f', 'hex')];
  await chooseFile(page, 'miasta.csv', Buffer.concat(polish));
  await page.getByRole('combobox', { name: 'Read the file as' }).click();
  await page.getByRole('option', { name: /^Windows-1250/ }).click();
  await page.getByText('Łódź').waitFor();
}
