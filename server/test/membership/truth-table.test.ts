/** Executes the truth table of `docs/rules.md`, row by row. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readPage, tableRows } from '../docs/pages.ts';
import { RuleTrial, type TrialContact } from './rule-trial.ts';

const nowMs = Date.parse('2026-03-09T04:00:00Z');

const trialOptions = {
  fields: {
    ...({ state: 'string', orders: 'integer', spend: 'currency', rate: 'rate' } as const),
    ...({ vip: 'boolean', news: 'boolean', card: 'big integer' } as const),
    ...({ seen: 'date', tags: 'set' } as const),
  },
  implied: { rate: 'null', news: 'null' },
  computed: { city: ['string', 'coalesce(state, "none")'] },
  timeZone: 'America/New_York',
} as const;

function tableOf(): { rule: string; contact: string; result: string }[] {
  const section = readPage('docs/rules.md').split('\n## Truth table\n')[1]?.split('\n## ')[0] ?? '';
  const rows = tableRows(section);
  assert.ok(rows.length > 80, `${rows.length} rows`);
  return rows.map(([rule = '', contact = '', result = '']) => ({ rule, contact, result }));
}

/** Records keep times in UTC. */
function contactOf(json: string): TrialContact {
  const { withheld, ...values } = JSON.parse(json);
  const { seen } = values;
  const isTime = typeof seen === 'string' && seen.length > 10;
  const inUtc = isTime && new Date(seen).toISOString().replace('.000Z', 'Z');
  return { values: isTime ? { ...values, seen: inUtc } : values, withheld };
}

test('every row of the truth table holds', () => {
  const rows = tableOf();
  const trial = new RuleTrial(
    trialOptions,
    rows.map(({ rule }) => rule),
  );
  for (const [place, { rule, contact, result }] of rows.entries()) {
    const truths = trial.truths(trial.begin(contactOf(contact), nowMs));
    assert.equal(String(truths[place]), result, `${rule} for ${contact}`);
  }
});

test('a rule of the truth table is saved as it is written', () => {
  const trial = new RuleTrial(trialOptions);
  for (const { rule } of tableOf()) {
    const texts = trial.read(rule).map((part) => {
      return typeof part === 'string' ? part : trial.names.nameOf(part.kind, part.id);
    });
    assert.equal(texts.join(''), rule);
  }
});
