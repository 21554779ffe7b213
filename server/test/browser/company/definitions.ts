/** What the company of the pictures has defined, as a catalog document. */
import { demoDefinitions } from '../../../src/cli/demo/demo-definitions.ts';

const timeZone = 'America/Los_Angeles';

const nightly = (hour: number) => ({ cron: `15 ${hour} * * *`, time_zone: timeZone });

/** @param folder has the files of the sources */
export function companyDocument(folder: string) {
  const file = (name: string) => ({ kind: 'file', paths: [`${folder}/${name}.csv`] });
  return {
    version: 1,
    organization: { currency: 'USD', locale: 'en-GB', time_zone: timeZone },
    identity_types: { customer_key: 'exact', phone: 'phone', loyalty_card: 'exact' },
    datasets: {
      crm: {
        source: file('crm'),
        identifiers: { customer_key: 'customer_key', email: 'email', phone: 'phone' },
        mode: 'snapshot',
        schedule: nightly(4),
        max_age: { after: '36h', policy: 'flag' },
        fields: {
          first_name: { type: 'string', sensitivity: 'personal' },
          last_name: { type: 'string', sensitivity: 'personal' },
          email_address: { column: 'email', type: 'string', sensitivity: 'personal' },
          phone_number: { column: 'phone', type: 'string', sensitivity: 'sensitive' },
          city: { type: 'string', sensitivity: 'internal' },
          country: { type: 'string', sensitivity: 'internal' },
          birth_date: { type: 'date', sensitivity: 'sensitive', content: false },
        },
      },
      shop_orders: {
        source: file('shop_orders'),
        identifiers: { customer_key: 'customer_key' },
        mode: 'snapshot',
        schedule: nightly(5),
        max_age: { after: '36h', policy: 'flag' },
        fields: {
          orders: { type: 'positive integer', sensitivity: 'internal' },
          revenue_lifetime: { column: 'revenue', type: 'currency', sensitivity: 'internal' },
          last_purchase_date: { type: 'date', sensitivity: 'internal' },
        },
      },
      newsletter: {
        source: file('newsletter'),
        identifiers: { email: 'email' },
        mode: 'snapshot',
        schedule: nightly(6),
        max_age: { after: '24h', policy: 'flag' },
        fields: {
          newsletter: { type: 'boolean', sensitivity: 'internal' },
          newsletter_since: { type: 'date', sensitivity: 'internal' },
        },
      },
      ...hourlyDatasets(file),
    },
    ...rules,
  };
}

function hourlyDatasets(file: (name: string) => object) {
  return {
    loyalty: {
      source: file('loyalty'),
      identifiers: { loyalty_card: 'card', email: 'email' },
      mode: 'append',
      schedule: { cron: '*/30 * * * *', time_zone: timeZone },
      max_age: { after: '2h', policy: 'flag' },
      fields: {
        loyalty_tier: { column: 'tier', type: 'string', sensitivity: 'public' },
        loyalty_points: { column: 'points', type: 'positive integer', sensitivity: 'internal' },
      },
    },
    support_desk: {
      source: {
        kind: 'postgres',
        url: 'env:SUPPORT_DESK_URL',
        sql: 'SELECT email, open_tickets FROM tickets_by_customer',
      },
      identifiers: { email: 'email' },
      schedule: { cron: '0 * * * *', time_zone: timeZone },
      max_age: { after: '3h', policy: 'withhold' },
      fields: { open_tickets: { type: 'positive integer', sensitivity: 'internal' } },
    },
    store_survey: {
      source: { kind: 'upload' },
      identifiers: { email: 'email' },
      fields: { survey_score: { type: 'positive integer', sensitivity: 'internal' } },
    },
  };
}

/** Those of the demo, over the fields of the company. */
const rules = {
  segments: {
    ...demoDefinitions.segments,
    'Good customers': {
      ...demoDefinitions.segments['Good customers'],
      rule: 'orders >= 3 && revenue_lifetime > 200.0',
    },
    'Gold members in Seattle': {
      id: 47,
      rule: 'loyalty_tier == "Gold" && city == "Seattle"',
    },
  },
  flows: demoDefinitions.flows,
};
