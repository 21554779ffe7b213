/**
 * Amounts in several currencies: what an import infers from currency marks, and that no import
 * relabels an amount.
 */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { readField, updateField } from '../../src/administration/fields.ts';
import { updateOrganization } from '../../src/administration/organizations.ts';
import { type Imported, ImportPlace } from './import-place.ts';
import { organizationId, SyncPlace } from './sync-place.ts';

interface Told {
  readonly type: string | undefined;
  /** The currency of the new field itself. */
  readonly currency: string | null | undefined;
  readonly note: string | undefined;
}

function toldOf({ plan }: Imported, column = 'amt'): Told {
  const format = plan.columns.find((planned) => planned.column === column)?.format;
  return { type: format?.type, currency: format?.currency, note: format?.note };
}

function rowsOf(values: readonly string[]): string {
  const rows = values.map((value, place) => `p${place}@x.org,"${value}"`);
  return `email,amt\n${rows.join('\n')}\n`;
}

async function inOrganization(
  context: TestContext,
  settings: { readonly currency?: string; readonly locale?: string } = {},
): Promise<SyncPlace> {
  const place = new SyncPlace(context);
  await place.administrate((administration) =>
    updateOrganization(administration, organizationId, { settings }),
  );
  return place;
}

test('a new field takes its currency from the only mark in its column', async (context) => {
  const place = await inOrganization(context);
  const path = place.write(
    'money.csv',
    'email,yen,euro,pound,dollar,plain\n' +
      'a@x.org,¥500,€12.50,GBP 5,$3,7\nb@x.org,¥1200,13.50,GBP 6.25,$4.5,8\n',
  );
  const imported = await place.import(path);
  const told = (column: string) => {
    const { type, currency, note } = toldOf(imported, column);
    return [type, currency, note];
  };
  assert.deepEqual(told('yen'), [
    'currency',
    'JPY',
    'currency JPY, as ¥ means in en-US; to change: --type yen=currency:CODE',
  ]);
  assert.deepEqual(told('euro'), ['currency', 'EUR', 'currency EUR']);
  assert.deepEqual(told('pound'), ['currency', 'GBP', 'currency GBP']);
  assert.deepEqual(told('dollar'), ['currency', 'USD', 'currency USD']);
  assert.deepEqual(told('plain'), ['integer', undefined, undefined]);
  const { yen, euro } = (await place.find('email:b@x.org')) ?? {};
  assert.deepEqual([yen, euro], [1200, 13.5], 'an amount without a mark is in the currency');
  const field = await place.administrate((it) => readField(it, organizationId, 'euro'));
  assert.equal(field.currency, 'EUR');
});

const shared: readonly (readonly [
  settings: { currency: string; locale: string },
  value: string,
  currency: string | undefined,
])[] = [
  [{ currency: 'CAD', locale: 'en-US' }, '$5', 'CAD'],
  [{ currency: 'EUR', locale: 'de-DE' }, '$5', 'USD'],
  [{ currency: 'EUR', locale: 'en-AU' }, '$5', 'AUD'],
  [{ currency: 'CNY', locale: 'en-US' }, '¥5', 'CNY'],
  [{ currency: 'USD', locale: 'zh-CN' }, '¥5', 'CNY'],
  [{ currency: 'JPY', locale: 'ja-JP' }, '¥5', 'JPY'],
  [{ currency: 'INR', locale: 'en-IN' }, '₹1,00,000', 'INR'],
  [{ currency: 'USD', locale: 'en-US' }, '£5', 'GBP'],
  [{ currency: 'SEK', locale: 'sv-SE' }, '5 kr', 'SEK'],
  [{ currency: 'USD', locale: 'en-US' }, '5 kr', undefined],
  [{ currency: 'USD', locale: 'en-US' }, '5 zł', 'PLN'],
  [{ currency: 'ZAR', locale: 'en-ZA' }, 'R 5', 'ZAR'],
  [{ currency: 'USD', locale: 'en-US' }, 'R 5', undefined],
  [{ currency: 'USD', locale: 'en-US' }, '₿5', undefined],
];

for (const [settings, value, currency] of shared) {
  const { locale } = settings;
  test(`${value} is ${currency ?? 'text'} to an organization in ${settings.currency}, ${locale}`, async (context) => {
    const place = await inOrganization(context, settings);
    const imported = await place.import(place.write('money.csv', rowsOf([value, value])));
    const told = toldOf(imported);
    assert.equal(told.currency, currency);
    assert.equal(told.type, currency === undefined ? 'string' : 'currency');
    assert.match(told.note ?? '', currency === undefined ? /^amounts with/ : /^currency/);
    assert.equal(imported.report.rejected, 0);
  });
}

test('a column with several currencies is text, wherever the second one first appears', async (context) => {
  const place = await inOrganization(context);
  const early = await place.import(place.write('money.csv', rowsOf(['€12.50', '$5', 'GBP 5'])));
  assert.deepEqual(toldOf(early), {
    ...{ type: 'string', currency: undefined },
    note: 'amounts in several currencies: €, $, GBP',
  });
  assert.equal((await place.find('email:p0@x.org'))?.['amt'], '€12.50');
  const late = new ImportPlace(context);
  const values = [...Array.from({ length: 2_500 }, (_, place) => `€${place}.50`), '$5'];
  const imported = await late.import(late.write('money.csv', rowsOf(values)));
  assert.equal(toldOf(imported).type, 'string');
  assert.match(toldOf(imported).note ?? '', /several currencies/);
  assert.equal((await late.find('email:p2500@x.org'))?.['amt'], '$5');
  assert.equal(imported.report.rejected, 0);
});

test('order numbers, flight numbers and sizes are not money, declared or not', async (context) => {
  const place = await inOrganization(context);
  const path = place.write(
    'codes.csv',
    'email,order_no,sku,plate,flight,size,rev\n' +
      'a@x.org,ORD1001,ABC-0042,ABC 123,100 LHR,10 CMS,1.2 MIO\n' +
      'b@x.org,ORD0003,EUR-0043,XYZ 456,200 JFK,20 CMS,3 MLN\n' +
      'c@x.org,ORD0004,XYZ-0007,KLM 001,300 SFO,30 CMS,\n',
  );
  const imported = await place.import(path);
  for (const column of ['order_no', 'sku', 'plate', 'flight', 'size', 'rev']) {
    assert.equal(toldOf(imported, column).type, 'string', column);
  }
  const declared = await place.import(path, {
    ...{ dataset: 'other', prefix: 'o_', types: new Map([['rev', 'currency']]) },
  });
  assert.deepEqual(declared.rejections, [
    '1,rev,value_invalid,is not an amount of money',
    '2,rev,value_invalid,is not an amount of money',
  ]);
});

test('a new field has the declared currency, and rows with another mark are rejected without their value', async (context) => {
  const place = await inOrganization(context);
  const path = place.write('money.csv', rowsOf(['€1,50', '2,50', '$3.99', '4 EUR']));
  const types = new Map([['amt', 'currency:EUR:decimal-comma']]);
  const { rejections, plan } = await place.import(path, { types });
  assert.equal(plan.columns[1]?.format.currency, 'EUR');
  assert.deepEqual(rejections, [
    '3,amt,currency_mismatch,has the mark of another currency than EUR',
  ]);
  assert.equal((await place.find('email:p1@x.org'))?.['amt'], 2.5);
  const again = await place.import(place.write('money.csv', rowsOf(['$7', '8'])));
  assert.deepEqual(again.rejections, [
    '1,amt,currency_mismatch,has the mark of another currency than EUR',
  ]);
});

test('a sync rejects marks of other currencies, and reads every row again after the currency changes', async (context) => {
  const place = await inOrganization(context);
  const write = await place.defineCsv('orders', { amt: 'currency' }, { maxChangeShare: 1 });
  write(rowsOf(['$1', '2', '€3', '4 USD', '5 €']));
  const first = await place.sync('orders');
  assert.deepEqual(first.counts, { currency_mismatch: 2 });
  await place.administrate((it) =>
    updateField(it, organizationId, {
      ...{ name: 'amt', settings: { currency: 'EUR' }, force: true },
    }),
  );
  const second = await place.sync('orders');
  assert.deepEqual(second.counts, { currency_mismatch: 2 });
  assert.equal((await place.find('email:p2@x.org'))?.['amt'], 3);
  assert.equal((await place.find('email:p4@x.org'))?.['amt'], 5);
});
