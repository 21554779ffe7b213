/** Random contacts, often with the values that random rules name. */

import { sampleCampaigns, sampleVariants } from './naive-condition.ts';
import type { NaiveContact } from './naive-contact.ts';
import { naiveFields } from './naive-contact.ts';
import { sampleDays, sampleTimes } from './naive-date.ts';
import { sampleTexts } from './naive-text.ts';
import type { RandomSource } from './random-source.ts';

export function randomContact(random: RandomSource, timeZone: string): NaiveContact {
  const textsOf = (count: number) => {
    const found = Array.from({ length: count }, () => random.pick(sampleTexts)).filter(Boolean);
    return found.length === 0 ? ['a'] : [...new Set(found)];
  };
  const values: Record<string, unknown> = {
    state: random.pick(sampleTexts),
    name: random.pick(sampleTexts),
    orders: random.pick([0, 1, 2, -7, 90, 9_007_199_254_740_991]),
    visits: random.pick([0, 3, 12]),
    spend: random.pick([0, 12.34, -2.5, 1000, 0.1, 123_456_789.123_456]),
    rate: random.pick([0.5, 1.1, 1e-7, 1e300, 123_456_789_012_345_680_000, 0.30000000000000004]),
    vip: random.chance(50),
    news: random.chance(50),
    card: random.pick(['0', '-40', '7', '100000000000000000000', '99999999999999999999']),
    seen: random.pick([...sampleDays, ...sampleTimes]),
    born: random.pick([...sampleDays, ...sampleTimes]),
    tags: textsOf(3),
    likes: textsOf(2),
  };
  for (const name of Object.keys(values)) {
    if (values[name] === '' || random.chance(30)) delete values[name];
  }
  const withheld = Object.keys(naiveFields).filter(() => random.chance(8));
  const flows = [5, 50, 142_309].filter(() => random.chance(40));
  return {
    values,
    ...(random.chance(30) && { withheld }),
    lists: random.chance(50) ? ['press'] : [],
    nowMs: Date.parse(random.pick(sampleTimes)),
    timeZone,
    ...(random.chance(70) && {
      memberships: {
        flows: flows.map((flowId) => ({
          flowId,
          flowName: random.pick(['"5-A"', null]),
          variant: random.pick([...sampleVariants, null]),
          since: null,
        })),
        campaigns: sampleCampaigns.flatMap((campaignId) => {
          const count = random.below(3);
          return Array.from({ length: count }, () => ({
            ...{ campaignId, campaignName: '{"campaign_id":"spring",', channel: null },
            ...{ variant: '"received_at":"', flowId: 5 },
            receivedAt: random.pick(sampleTimes),
          }));
        }),
      },
    }),
  };
}
