/**
 * Which type an import infers for a column. The texts of the column must prove the type, and every
 * assumption is reported with the flag that changes it.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inferColumnFormat } from '../../src/sync/infer/infer-type.ts';

const options = (locale: string) => ({
  timeZone: 'Z',
  locale,
  currency: locale === 'en-US' ? 'USD' : 'EUR',
  flag: (type: string) => `--type x=${type}`,
});

function tell(texts: readonly string[], { column = 'x', locale = 'en-US' } = {}) {
  return inferColumnFormat(column, texts, options(locale));
}

/** Codes, names and ranges that look like another type. */
const plainTexts: readonly (readonly string[])[] = [
  ['ORD1001', 'ORD1002', 'ORD0003'],
  ['ABC-0042', 'XYZ-0007'],
  ['ABC 123', 'KLM 001'],
  ['100 LHR', '200 JFK'],
  ['10 CMS', '20 CMS'],
  ['1.2 MIO', '5 TSD', '3 MLN'],
  ['EUR-0042', 'EUR-0043'],
  ['EUR 007', 'EUR 008'],
  ['USD-42', 'USD-43'],
  ['TOP 10', 'TOP 5'],
  ['ALL-100', 'ALL-200'],
  ['R 5', 'R 6'],
  ['€5', '$5', 'GBP 5'],
  ['12E34', '77E01'],
  ['1e5', '2.5'],
  ['1E+15', '3'],
  ['NO', 'NO'],
  ['ON', 'ON', 'on'],
  ['NO', 'ON'],
  ['Y', 'Y'],
  ['f', 'f'],
  ['NO', 'true'],
  ['0042', '1000'],
  ['+5', '6'],
  ['+49 30 1234', '+49 30 99'],
  ['030-1234', '040-999'],
  ['(555)', '(212)'],
  ['12345-6789', '00501-1234'],
  ['10-20', '30-40'],
  ['1.2.3', '2.0.1'],
  ['12:30', '09:15'],
  ['192.168.100.200', '192.168.101.201'],
  ['1/2', '3/4'],
  ['0x1F', '0xFF'],
  ['1_000', '2_000'],
  ['Infinity', '5'],
  ['XIV', 'MMXX'],
  ['١٢٣', '٤٥٦'],
  ['１２３', '４５６'],
  ['0.1234567890123456789', '0.5'],
  ['9007199254740993', '1.5'],
  ['12,345,678,901,234,567', '1,000'],
  ['1 234', '5 678'],
  ['123 45', '100 04'],
  ['Smith,John', 'Doe'],
  ['13/02/2024', '02/13/2024'],
];

for (const texts of plainTexts) {
  test(`${texts.join(' and ')} are texts`, () => {
    for (const locale of ['en-US', 'de-DE']) {
      const column = texts[0] === 'Smith,John' ? 'full_name' : 'x';
      assert.equal(tell(texts, { column, locale }).type, 'string', locale);
    }
  });
}

const typed: readonly (readonly [string, readonly string[], string?])[] = [
  ['integer', ['0', '-5', '123456789012345']],
  ['integer', ['4006381333931']],
  ['integer', ['1,234', '2,345,678']],
  ['integer', ['1,00,000', '2,50,000']],
  ['integer', ['1 234', '5 678'], 'fr-FR'],
  ['big integer', ['4111111111111111', '5']],
  ['big integer', ['12345678901234567890', '-7']],
  ['float', ['1.5', '2']],
  ['float', ['1,5', '2,75']],
  ['float', ["1'234.50", '99.10']],
  ['float', ['1\u2019234.50', '99.10']],
  ['float', ['1\u00a0234,50', '99,10']],
  ['float', ['0.30000000000000004', '1.5']],
  ['currency', ['$(63.12)', '($30.00)', '$5']],
  ['currency', ['EUR 42', 'EUR 43.50']],
  ['currency', ['CHF 5.00', 'CHF-5.00']],
  ['currency', ['$5', 'USD 6']],
  ['currency', ['TOP 10.50', 'TOP 5.00']],
  ['rate', ['25%', '7 %']],
  ['boolean', ['NO', 'YES']],
  ['boolean', ['yes', 'yes']],
  ['boolean', ['on', 'off']],
  ['boolean', ['Y', 'n']],
  ['date', ['Tue, 31 Dec 2019 23:00:00 GMT', 'Wed, 01 Jan 2020 01:00:00 +0100']],
  ['date', ['25.12.1999', '01.02.2000']],
];

for (const [type, texts, locale] of typed) {
  test(`${texts.join(' and ')} have the type ${type}`, () => {
    assert.equal(tell(texts, locale === undefined ? {} : { locale }).type, type);
  });
}

const assumed: readonly (readonly [string[], string, string, RegExp])[] = [
  [['€1.234'], 'de-DE', 'currency', /1\.234 is read as 1234.*--type x=currency:decimal-point/],
  // Nobody writes dollars with a decimal comma.
  [['$90,000'], 'de-DE', 'currency', /1,234 is read as 1234.*--type x=currency:decimal-comma/],
  [['€1.234'], 'en-US', 'currency', /1\.234 is read as 1\.234.*--type x=currency:decimal-comma/],
  [
    ['1.234', '7'],
    'de-DE',
    'integer',
    /as in de-DE: 1\.234 is read as 1234.*x=float:decimal-point/,
  ],
  [['1,234', '7'], 'de-DE', 'float', /as in de-DE: 1,234 is read as 1\.234/],
  [['1,234', '7'], 'en-US', 'integer', /as in en-US: 1,234 is read as 1234/],
  [['1,234%'], 'en-US', 'rate', /as in en-US: 1,234 is read as 1234.*x=rate:decimal-comma/],
  [
    ['01/02/2024'],
    'en-US',
    'date',
    /month-first, as en-US writes it.*to change: --type x=date:day-first/,
  ],
  [
    ['01/02/2024'],
    'en-GB',
    'date',
    /day-first, as en-GB writes it.*to change: --type x=date:month-first/,
  ],
];

for (const [texts, locale, type, note] of assumed) {
  test(`${locale} decides what ${texts.join(' and ')} mean, and the assumption is reported`, () => {
    const told = tell(texts, { locale });
    assert.equal(told.type, type);
    assert.match(told.note ?? '', note);
    assert.doesNotMatch(told.note ?? '', /\n/);
  });
}

test('a value with only one meaning decides its column, whatever the locale', () => {
  for (const locale of ['en-US', 'de-DE']) {
    assert.equal(tell(['1.234', '1,5'], { locale }).options.decimalComma, true);
    assert.equal(tell(['1,234', '1.5'], { locale }).options.decimalComma, undefined);
    assert.equal(tell(['0.123', '1.234'], { locale }).options.decimalComma, undefined);
  }
});

for (const column of ['zip', 'Postal Code', 'PLZ', 'Home Phone', 'tel', 'version', 'phoneNumber']) {
  test(`digits in a column named ${column} are text`, () => {
    assert.equal(tell(['12345', '23456'], { column }).type, 'string');
  });
}

for (const column of ['phone_calls', 'zip_count', 'hotel', 'total']) {
  test(`digits in a column named ${column} are numbers`, () => {
    assert.equal(tell(['12345', '23456'], { column }).type, 'integer');
  });
}
