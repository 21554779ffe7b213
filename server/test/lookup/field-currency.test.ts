/**
 * What a plan renders amounts with: each field in its own currency, all of them in the
 * organization's locale.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileLookupPlan } from '../../src/lookup/lookup-plan.ts';
import { makeField, stateOf } from './sample-plans.ts';

const currencies = [null, 'EUR', 'JPY', 'KWD', 'INR'];

function planIn(locale: string, format: 'display' | 'raw') {
  const fields = currencies.map((currency, place) => ({
    ...makeField(place + 1, 1, 'currency'),
    currency,
  }));
  const state = stateOf(fields);
  const organization = { ...state, organization: { ...state.organization, locale } };
  return compileLookupPlan({ organization, allowedFields: null, fields: null, format });
}

for (const locale of ['en-US', 'de-DE', 'ja-JP', 'en-IN']) {
  test(`amounts of any currency are answered as ${locale} writes them, the implied value too`, () => {
    const { renderers, implied } = planIn(locale, 'display');
    for (const [place, own] of currencies.entries()) {
      const currency = own ?? 'USD';
      const intl = new Intl.NumberFormat(locale, { style: 'currency', currency });
      for (const amount of ['0', '12.5', '-5', '1234567.891']) {
        const bytes = Buffer.from(renderers[place]?.render(amount) ?? '', 'latin1').toString();
        assert.equal(JSON.parse(bytes), intl.format(Number(amount)));
      }
      const bytes = implied[place];
      assert.equal(bytes && JSON.parse(new TextDecoder().decode(bytes)), intl.format(0));
    }
  });
}

test('raw amounts carry no currency', () => {
  const { renderers, implied } = planIn('de-DE', 'raw');
  assert.deepEqual(
    [...renderers.slice(0, 5)],
    [undefined, undefined, undefined, undefined, undefined],
  );
  assert.equal(new TextDecoder().decode(implied[1]), '0');
});

test('fields of one currency share what it was compiled to', () => {
  const fields = ['EUR', 'EUR', null, 'USD'].map((currency, place) => ({
    ...makeField(place + 1, 1, 'currency'),
    currency,
  }));
  const organization = stateOf(fields);
  const { renderers } = compileLookupPlan({
    ...{ organization, allowedFields: null, fields: null, format: 'display' },
  });
  assert.equal(renderers[0], renderers[1]);
  assert.equal(renderers[2], renderers[3]);
});
