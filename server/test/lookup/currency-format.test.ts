/** The compiled display form of currencies against the formatter that it stands for. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { compileCurrencyRenderer } from '../../src/lookup/currency-format.ts';

const places = [
  ['en-US', 'USD'],
  ['en-GB', 'GBP'],
  ['de-DE', 'EUR'],
  ['fr-FR', 'EUR'],
  ['es-ES', 'EUR'],
  ['pl-PL', 'PLN'],
  ['en-IN', 'INR'],
  ['ja-JP', 'JPY'],
  ['ar-EG', 'EGP'],
  ['de-CH', 'CHF'],
  ['ar-KW', 'KWD'],
  ['sv-SE', 'SEK'],
] as const;

function rendered(locale: string, currency: string, raw: string): unknown {
  const bytes = compileCurrencyRenderer(locale, currency).render(raw);
  return JSON.parse(Buffer.from(bytes, 'latin1').toString());
}

for (const [locale, currency] of places) {
  test(`${currency} in ${locale} reads as Intl writes it`, () => {
    const formatter = new Intl.NumberFormat(locale, {
      style: 'currency',
      currency,
      signDisplay: 'negative',
    });
    const amounts = fc.oneof(
      fc.integer({ min: -2_000_000, max: 2_000_000 }).map((cents) => cents / 100),
      fc.integer({ min: -99_999, max: 99_999 }),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
    );
    fc.assert(
      fc.property(amounts, (amount) => {
        const raw = JSON.stringify(amount);
        assert.equal(rendered(locale, currency, raw), formatter.format(Number(raw)));
      }),
      { numRuns: 200 },
    );
  });
}

test('a whole amount gets its cents, and a negative one its sign in front', () => {
  assert.equal(rendered('en-US', 'USD', '90000'), '$90,000.00');
  assert.equal(rendered('en-US', 'USD', '-1234567.5'), '-$1,234,567.50');
  assert.equal(rendered('en-US', 'USD', '0'), '$0.00');
  assert.equal(rendered('en-US', 'USD', '"York"'), 'York', 'what is no amount stays');
});
