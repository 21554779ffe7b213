/** Field values: what each type accepts, what it refuses, and that its results are canonical. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type FieldType, fieldTypes } from '../../src/domain/contact/field.ts';
import {
  isEmptyValue,
  parseFieldValue,
  type ValueOptions,
} from '../../src/domain/value/field-value.ts';
import { email, text } from '../sync/awkward-texts.ts';

const utc: ValueOptions = { timeZone: 'Z' };
const comma: ValueOptions = { timeZone: 'Z', decimalComma: true };
const monthFirst: ValueOptions = { timeZone: 'Z', dateOrder: 'month-first' };
const dayFirst: ValueOptions = { timeZone: 'Z', dateOrder: 'day-first' };
const exact: ValueOptions = { timeZone: 'Z', exact: true };
const berlin: ValueOptions = { timeZone: 'Europe/Berlin' };

const read: readonly (readonly [FieldType, unknown, string, ValueOptions?])[] = [
  ['currency', '$90,000 ', '90000'],
  ['currency', '(1,234.50)', '-1234.5'],
  ['currency', '€1.234,56', '1234.56', comma],
  ['currency', '1 234,56 €', '1234.56', comma],
  ['currency', 'USD 12', '12'],
  ['currency', '-$5.00', '-5'],
  ['currency', '$-5', '-5'],
  ['currency', '12.50-', '-12.5'],
  ['currency', '1,234.- ', '1234'],
  ['currency', 'CHF 5.-', '5'],
  ['currency', '-5.–', '-5'],
  ['currency', '$(63.12)', '-63.12'],
  ['currency', '($30.00)', '-30'],
  ['currency', '₹12,34,567', '1234567'],
  ['currency', 241.56, '241.56'],
  ['currency', '¥500', '500', { timeZone: 'Z', currency: 'JPY' }],
  ['currency', '¥500', '500', { timeZone: 'Z', currency: 'CNY' }],
  ['currency', 'CA$5', '5', { timeZone: 'Z', currency: 'CAD' }],
  ['currency', '500 kr', '500', { timeZone: 'Z', currency: 'DKK' }],
  ['currency', '12.50', '12.5', { timeZone: 'Z', currency: 'EUR' }],
  ['float', '1e3', '1000'],
  ['float', '-0.0', '0'],
  ['float', '.5', '0.5'],
  ['rate', '25%', '0.25'],
  ['rate', '7 %', '0.07'],
  ['rate', '0.25', '0.25'],
  ['integer', '12.0', '12'],
  ['integer', '1,234', '1234'],
  ['integer', '-9007199254740991', '-9007199254740991'],
  ['positive integer', '0', '0'],
  ['big integer', '-00012345678901234567890', '"-12345678901234567890"'],
  ['big integer', '-0', '"0"'],
  ['boolean', 'Y', 'true'],
  ['boolean', ' off ', 'false'],
  ['boolean', true, 'true'],
  ['boolean', 0, 'false'],
  ['string', ' e\u0301 ', '"é"'],
  ['string', '"', '"\\""'],
  ['date', '2026-11-23', '"2026-11-23"'],
  ['date', '04/08/1966', '"1966-04-08"', monthFirst],
  ['date', '04/08/1966', '"1966-08-04"', dayFirst],
  ['date', '5.14.1965', '"1965-05-14"', monthFirst],
  ['date', '14 May 1965', '"1965-05-14"'],
  ['date', 'May 14, 1965 3:04 PM', '"1965-05-14T15:04:00Z"'],
  ['date', '1965-05-14 10:00:00', '"1965-05-14T10:00:00Z"'],
  ['date', '2026-11-23T05:00:00.250+02:00', '"2026-11-23T03:00:00.250Z"'],
  ['date', '2026-07-01 00:00', '"2026-06-30T22:00:00Z"', berlin],
  ['date', '2026-03-29 02:30', '"2026-03-29T01:30:00Z"', berlin],
  ['date', '2026-10-25 02:30', '"2026-10-25T00:30:00Z"', berlin],
  ['date', '1600000000', '"2020-09-13T12:26:40Z"', { timeZone: 'Z', dateOrder: 'epoch-seconds' }],
  ['date', '2024-02-29', '"2024-02-29"'],
  ['date', 'Tue, 31 Dec 2019 23:00:00 GMT', '"2019-12-31T23:00:00Z"'],
  ['date', 'Tue, 31 Dec 2019 23:00:00 +0100', '"2019-12-31T22:00:00Z"'],
  ['date', 'Tue, 31 Dec 2019 23:00 -0500 (EST)', '"2020-01-01T04:00:00Z"'],
  ['date', 'Wed, 1 Jan 2020 08:00:00 PDT', '"2020-01-01T15:00:00Z"'],
  ['date', '1 Jan 2020 08:00:00 UT', '"2020-01-01T08:00:00Z"'],
  ['date', 'Wednesday, 01 January 2020', '"2020-01-01"'],
  ['date', 'Sun Nov  6 08:49:37 1994', '"1994-11-06T08:49:37Z"'],
  [
    ...(['date', 'Tue Dec 31 2019 23:00:00 GMT+0100 (Central European Standard Time)'] as const),
    '"2019-12-31T22:00:00Z"',
  ],
  ['date', 'May 14, 1965, 3:04:05 PM', '"1965-05-14T15:04:05Z"'],
  ['set', '["x","y","x"]', '["x","y"]'],
  ['set', 'b|a|b| c|', '["b","a","c"]', { timeZone: 'Z', separator: '|' }],
  ['set', ['x', 1, true], '["x","1","true"]'],
  ['set', ['x', null], '["x"]'],
  ['set', '["x",null,"y"]', '["x","y"]'],
  ['set', '[null]', '[]'],
  ['set', '[12345678901234567890,1.5,2.0]', '["12345678901234567890","1.5","2"]'],
  ['float', '1\u2019234.5', '1234.5'],
  ['currency', '$(63.12)', '-63.12'],
  ['currency', '-0042.50', '-42.5'],
  ['integer', '+007', '7'],
  ['integer', '7', '7', exact],
  ['integer', '1,234', '1234', exact],
  ['float', '1.50', '1.5', exact],
  ['float', '0.30000000000000004', '0.30000000000000004', exact],
  ['float', '-0.05', '-0.05', exact],
  ['rate', '0,5%', '0.005', { ...exact, decimalComma: true }],
];

for (const [type, value, json, options] of read) {
  test(`${type} reads ${JSON.stringify(value)} as ${json}`, () => {
    assert.deepEqual(parseFieldValue(type, value, options ?? utc), { json });
  });
}

const refused: readonly (readonly [FieldType, unknown, RegExp, ValueOptions?])[] = [
  ['currency', '1,2,3', /not an amount of money/],
  ['currency', '1234567890.1234567', /more than 15 significant digits.*cast it to a decimal/],
  ['currency', '--5', /not an amount/],
  ['currency', 'ORD1001', /not an amount/],
  ['currency', 'ABC-0042', /not an amount/],
  ['currency', 'EUR-0042', /not an amount/],
  ['currency', '100 LHR', /not an amount/],
  ['currency', '1.2 MIO', /not an amount/],
  ['float', 'Infinity', /not a number/],
  ['float', '0x10', /not a number/],
  ['float', '1e999', /too large/],
  ['integer', '1.5', /not a whole number/],
  ['integer', '9007199254740993', /outside .*big integer/],
  ['positive integer', '-1', /negative/],
  ['big integer', '1e5', /not a whole number/],
  ['boolean', 'maybe', /is not one of true, false/],
  ['string', 'x'.repeat(255), /longer than 254 characters; the type text/],
  ['string', '\ud800', /not valid Unicode/],
  ['string', { a: 1 }, /a list or an object/],
  ['text', 'x'.repeat(65_536), /longer than 65536 bytes/],
  ['date', '2/30/2020', /a day that its month does not have/, monthFirst],
  ['date', '2020-13-01', /a month that is not 1 to 12/],
  ['date', '1900-02-29', /a day that its month does not have/],
  ['date', '1/2/20', /fewer than four digits/, monthFirst],
  ['date', '1/2/2020', /which number is the month/],
  ['date', '2020-01-01 25:00', /has an invalid time of day/],
  ['date', 'soon', /not a date/],
  ['set', '[{"a":1}]', /lists or objects/],
  ['date', 'Mon, 31 Dec 2019 23:00:00 GMT', /another day of the week/],
  ['date', 'Tue, 31 Dec 19 23:00:00 GMT', /fewer than four digits/],
  ['date', 'Tue, 31 Dec 2019 23:00:00 CET', /has an invalid time of day/],
  ['currency', 'ORD1001', /not an amount/],
  ['currency', '1.2 MIO', /not an amount/],
  ['currency', '5 TSD', /not an amount/],
  ['currency', '100 LHR', /not an amount/],
  ['currency', 'EUR-0042', /not an amount/],
  ['integer', '0042', /zeros in front/, exact],
  ['integer', '-007', /zeros in front/, exact],
  ['integer', '+5', /a plus in front/, exact],
  ['integer', '(5)', /brackets/, exact],
  ['float', '12E34', /an exponent/, exact],
  ['float', '0.1234567890123456789', /more digits than the type float keeps/, exact],
  ['float', '0,123.5', /zeros in front/, exact],
  ['currency', '$007', /zeros in front/, exact],
  ['big integer', '0012', /zeros in front/, exact],
  ['rate', '05%', /zeros in front/, exact],
];

for (const [type, value, reason, options] of refused) {
  test(`${type} refuses ${JSON.stringify(value).slice(0, 30)}: ${reason.source}`, () => {
    const parsed = parseFieldValue(type, value, options ?? utc);
    assert.ok('reason' in parsed);
    assert.match(parsed.reason, reason);
  });
}

test('an amount with a mark of a currency other than that of the field has its own problem', () => {
  const others: readonly (readonly [string, string])[] = [
    ['€12.50', 'USD'],
    ['¥500', 'USD'],
    ['GBP 5', 'USD'],
    ['C$5', 'USD'],
    ['₿5', 'USD'],
    ['500 kr', 'EUR'],
    ['$5', 'EUR'],
    ['USD 5', 'CAD'],
  ];
  for (const [value, currency] of others) {
    const parsed = parseFieldValue('currency', value, { timeZone: 'Z', currency });
    assert.ok('reason' in parsed && parsed.code === 'currency_mismatch', value);
    assert.equal(parsed.reason, `has the mark of another currency than ${currency}`);
  }
});

test('markers for missing values clear a field, but a name may be Null', () => {
  for (const marker of ['', '  ', 'NULL', '\\N', 'N/A', 'nan']) {
    assert.equal(isEmptyValue('float', marker), true);
  }
  assert.equal(isEmptyValue('string', 'Null'), false);
  assert.equal(isEmptyValue('string', 'NULL'), false);
  assert.equal(isEmptyValue('set', []), true);
});

for (const type of fieldTypes) {
  test(`any text is ${type} as valid JSON that reads as itself, or is refused without being repeated`, () => {
    fc.assert(
      fc.property(
        fc.oneof(text, email),
        fc.constantFrom(utc, comma, monthFirst, dayFirst),
        (value, options) => {
          if (isEmptyValue(type, value)) return;
          const parsed = parseFieldValue(type, value, options);
          if ('reason' in parsed) {
            const shown = value.trim();
            assert.ok(shown.length < 12 || !parsed.reason.includes(shown), parsed.reason);
            return;
          }
          const again: unknown = JSON.parse(parsed.json);
          assert.ok([...parsed.json].every((character) => character >= ' '));
          if (isEmptyValue(type, again)) return;
          const point = typeof again === 'number' ? { ...options, decimalComma: false } : options;
          assert.deepEqual(parseFieldValue(type, again, point), parsed);
        },
      ),
      { numRuns: 2_000 },
    );
  });
}
