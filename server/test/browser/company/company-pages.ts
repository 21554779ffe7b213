/** The pages of the console, with what is there when each is whole. */
import type { Page } from 'playwright-core';
import { firstShown } from '../first-shown.ts';

interface ShownPage {
  readonly path: string;
  /** Of the picture. */
  readonly name: string;
  /** Resolves when the page is whole. */
  readonly whole: (page: Page) => Promise<unknown>;
}

const text = (words: string | RegExp) => (page: Page) => firstShown(page, words).waitFor();

export const companyPages: readonly ShownPage[] = [
  {
    ...{ path: '/?range=24h', name: 'overview' },
    whole: async (page) => {
      await page.getByRole('region', { name: 'Freshness by dataset' }).getByText('crm').waitFor();
      await page.locator('canvas').first().waitFor();
      await page.getByText('Live', { exact: true }).waitFor();
    },
  },
  { path: '/contacts', name: 'contacts', whole: text('What you can search for') },
  {
    ...{ path: '/contacts', name: 'contacts-found' },
    whole: async (page) => {
      await page.getByLabel('Find a contact').fill('tom@hello.com');
      await page.getByLabel('Find a contact').press('Enter');
      await page.getByRole('heading', { name: 'Contacts found' }).waitFor();
    },
  },
  {
    ...{ path: '/contacts', name: 'contact' },
    whole: async (page) => {
      await page.getByLabel('Find a contact').fill('tom@hello.com');
      await page.getByLabel('Find a contact').press('Enter');
      await page.getByRole('link', { name: /Tom Weber/ }).click();
      await page.getByRole('heading', { level: 1, name: 'Tom Weber' }).waitFor();
      await page.getByText('"first_name"').waitFor();
      await page.getByRole('heading', { name: 'Who looked' }).waitFor();
    },
  },
  { path: '/datasets', name: 'datasets', whole: text('shop_orders') },
  { path: '/datasets/crm', name: 'dataset', whole: text('Succeeded') },
  {
    ...{ path: '/datasets/crm?tab=definition', name: 'dataset-definition' },
    whole: text('As the API has it'),
  },
  { path: '/datasets/crm?tab=rejected', name: 'dataset-rejected', whole: text('value_invalid') },
  { path: '/datasets/crm?tab=history', name: 'dataset-history', whole: text('first definition') },
  { path: '/datasets/shop_orders', name: 'dataset-guard', whole: text('Fields that lose values') },
  { path: '/datasets?tab=runs', name: 'runs', whole: text('Waits for approval') },
  { path: '/new-dataset', name: 'new-dataset', whole: text('Drop a file') },
  { path: '/fields', name: 'fields', whole: text('revenue_lifetime') },
  {
    ...{ path: '/access', name: 'access' },
    whole: async (page) => {
      await page
        .getByRole('region', { name: 'Looks in 30 days' })
        .getByText(/^\d+[,.]\d/)
        .first()
        .waitFor();
      const looks = page.getByText(/^(?:Answered|Found|Opened)/).locator('visible=true');
      await looks.first().waitFor();
      await page.getByText(/^Chain verified/).waitFor();
    },
  },
  { path: '/audit', name: 'audit', whole: text('user: sign in') },
  { path: '/users', name: 'users', whole: text('This session') },
  { path: '/account', name: 'account', whole: text('Your sessions') },
];

/** The tabs of a contact: the link, the name of the picture, the heading. */
export const contactTabs = [
  [/Memberships/, 'contact-memberships', 'Memberships'],
  [/Identities/, 'contact-identities', 'Identities'],
  [/Who looked/, 'contact-who-looked', 'Who looked'],
] as const;

/** The names of the pictures that show the company. */
export const companyPictures: ReadonlySet<string> = new Set([
  ...companyPages.map(({ name }) => name),
  ...contactTabs.map(([, name]) => name),
]);
