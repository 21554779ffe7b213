/**
 * Currency marks in amounts: which marks exist, where they may stand, and what only looks like one.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { currencyCodes, isCurrencyCode } from '../../src/domain/value/currency-code.ts';
import { currenciesOf, isClearMark, marksOf } from '../../src/domain/value/currency-mark.ts';
import { splitAmount } from '../../src/domain/value/split-amount.ts';

const amounts: readonly (readonly [
  text: string,
  mark: string | undefined,
  digits: string,
  isNegative?: boolean,
])[] = [
  ['5', undefined, '5'],
  ['+5', undefined, '5'],
  ['$90,000 ', '$', '90,000'],
  ['€1.234,56', '€', '1.234,56'],
  ['1 234,56\u00a0€', '€', '1 234,56'],
  ['USD 12', 'USD', '12'],
  ['USD12.50', 'USD', '12.50'],
  ['12\u202fCHF', 'CHF', '12'],
  ['A$5', 'A$', '5'],
  ['R$ 5,00', 'R$', '5,00'],
  ['R5', 'R', '5'],
  ['500 kr', 'kr', '500'],
  ['kr. 500', 'kr.', '500'],
  ['12,00 zł', 'zł', '12,00'],
  ['500円', '円', '500'],
  ['5 000 F\u202fCFA', 'F CFA', '5 000'],
  ['5,00 $\u00a0US', '$ US', '5,00'],
  ['￥500', '￥', '500'],
  ['Rs.500', 'Rs.', '500'],
  ['₿5', '₿', '5'],
  ['$5 USD', 'USD', '5'],
  ['CAD$5', 'CAD', '5'],
  ['US$5.00 USD', 'USD', '5.00'],
  ['5,- €', '€', '5,'],
  ['€ 1.234,-', '€', '1.234,'],
  ['CHF 5.--', 'CHF', '5.'],
  ['5,\u2013 €', '€', '5,'],
  ['-5,- €', '€', '5,', true],
  ['-$5', '$', '5', true],
  ['$-5', '$', '5', true],
  ['$ −5', '$', '5', true],
  ['5-', undefined, '5', true],
  ['5,00- EUR', 'EUR', '5,00', true],
  ['5,00 €-', '€', '5,00', true],
  ['($30.00)', '$', '30.00', true],
  ['$(63.12)', '$', '63.12', true],
  ['(63.12) $', '$', '63.12', true],
  ['( 5 )', undefined, '5', true],
  ['CHF-5.00', 'CHF', '5.00', true],
  ['\u200f5.00 \u200f€', '€', '5.00'],
];

for (const [text, mark, digits, isNegative = false] of amounts) {
  test(`${JSON.stringify(text)} is an amount of ${digits} with ${mark ?? 'no mark'}`, () => {
    assert.deepEqual(splitAmount(text), { digits, isNegative, mark });
  });
}

const others = [
  ...['EUR-0042', 'EUR 0042', 'EUR0042', '0042 EUR', '42-EUR', 'EUR-42', 'R0042'],
  ...['$5 EUR', '€5 USD', '$5$', 'USD 5 EUR', 'USD 5 USD', 'US$ 5 CAD'],
  ...['--5', '(-5)', '-$-5', '(5', '5)', '$(5', '((5))', '-(5)', '-5-', '$(5)-'],
];

for (const text of others) {
  test(`${JSON.stringify(text)} is not an amount`, () => {
    assert.equal(splitAmount(text), undefined);
  });
}

test('capital letters that are not a code stay with the digits', () => {
  for (const text of ['ORD1001', 'ABC-0042', 'ABC 123', '100 LHR', '10 CMS', '1.2 MIO', 'XTS 5']) {
    assert.match(splitAmount(text)?.digits ?? '', /[A-Z]{3}/, text);
  }
});

test('a mark means every currency that has it, and no other', () => {
  assert.ok(['USD', 'CAD', 'AUD', 'MXN'].every((code) => currenciesOf('$').includes(code)));
  assert.deepEqual(currenciesOf('¥'), ['JPY', 'CNY']);
  assert.deepEqual(currenciesOf('€'), ['EUR']);
  assert.deepEqual(currenciesOf('₿'), []);
  assert.deepEqual(marksOf('EUR'), ['EUR', '€']);
  for (const code of currencyCodes) {
    for (const mark of marksOf(code)) assert.ok(currenciesOf(mark).includes(code));
  }
});

test('codes are those that the runtime knows, without metals, funds and tests', () => {
  const runtime = Intl.supportedValuesOf('currency');
  assert.deepEqual(
    runtime.filter((code) => !isCurrencyCode(code)),
    [],
  );
  for (const code of ['XTS', 'XAU', 'ABC', 'usd', '']) assert.ok(!isCurrencyCode(code));
});

test('every amount is read back that the runtime formats with a currency sign', () => {
  const places = [
    'en-US',
    'en-IN',
    'de-DE',
    'de-CH',
    'fr-FR',
    'ja-JP',
    'sv-SE',
    'nb-NO',
    'pt-BR',
    'pl-PL',
  ];
  const codes = 'USD EUR GBP JPY CNY INR CHF SEK NOK BRL PLN CAD AUD MXN KRW ILS VND TRY ZAR'.split(
    ' ',
  );
  const amount = fc.integer({ min: -9_999_999, max: 9_999_999 }).filter((cents) => cents !== 0);
  fc.assert(
    fc.property(
      fc.constantFrom(...places),
      fc.constantFrom(...codes),
      amount,
      (locale, currency, cents) => {
        const written = new Intl.NumberFormat(locale, { style: 'currency', currency }).format(
          cents / 10,
        );
        const read = splitAmount(written);
        assert.ok(read?.mark !== undefined, written);
        assert.ok(currenciesOf(read.mark).includes(currency), written);
        assert.equal(read.isNegative, /[-−]/.test(written), written);
        assert.match(read.digits, /^[0-9].*[0-9]$|^[0-9]$/, written);
      },
    ),
    { numRuns: 2_000 },
  );
});

test('splitting any text takes linear time', () => {
  for (const unit of [' ', '$', '(', '-', '5', 'USD', '\u200f', '$-', ' 5']) {
    const started = process.cpuUsage().user;
    splitAmount(`$${unit.repeat(300_000)}x`);
    splitAmount(`x${unit.repeat(300_000)}$`);
    assert.ok(process.cpuUsage().user - started < 500_000, unit);
  }
});

test('a sign or a code shows money; a word that also counts rooms or feet does not', () => {
  for (const mark of ['$', '€', 'R$', 'EUR', 'zł', '₿']) assert.ok(isClearMark(mark), mark);
  for (const mark of ['R', 'RM', 'Ft', 'KM', 'kr']) assert.ok(!isClearMark(mark), mark);
});
