/** The segments and flows of `npm run bench:memberships`, as catalog files. */

/** Fields that the rules read. They get the flag `condition`. */
export const conditionFields = [
  ...['total_lifetime_value', 'average_order_value', 'order_count', 'return_rate'],
  ...['last_visit_at', 'last_purchase_date', 'address_state', 'loyalty_tier', 'loyalty_points'],
  ...['interests', 'is_subscribed', 'is_vip', 'lead_score', 'favorite_category'],
] as const;

/** Built-in fields that answer memberships. */
export const membershipFields = {
  flows: ['flow_variant_membership', 'flow_membership'],
  others: ['segment_membership', 'journey_membership', 'campaigns_received'],
} as const;

export interface DefinitionCounts {
  readonly segments: number;
  readonly flows: number;
}

/** Two or three clauses each; every third rule depends on the time. */
function ruleOf(place: number): string {
  const share = (place % 50) / 50;
  const rules = [
    `total_lifetime_value > ${(share * 6000).toFixed(1)} && address_state in ["NY", "CA", "TX"] && last_visit_at < now - days(${30 + (place % 90)})`,
    `loyalty_tier == "gold" && loyalty_points >= ${Math.round(share * 40_000)}`,
    `"cycling" in interests && order_count > ${place % 100} && is_subscribed`,
    `last_purchase_date > now - days(${400 + place}) && loyalty_tier != "bronze"`,
    `lead_score < ${(100 - share * 60).toFixed(1)} && return_rate >= 0.1 && !is_vip`,
    `favorite_category in ["music", "travel"] && average_order_value > ${(share * 250).toFixed(1)}`,
  ];
  return rules[place % rules.length] ?? '';
}

export function segmentName(place: number): string {
  return `Segment ${place}`;
}

/** The segment with a clause for each of the first fifty. */
export const fiftyRules = 'Fifty rules';

/** Every second flow has two variants, every fourth holds out a tenth of its contacts as well. */
export function catalogFile({ segments, flows }: DefinitionCounts): string {
  const lines = ['version: 1', 'built_in_content:'];
  for (const name of [...membershipFields.flows, ...membershipFields.others]) {
    lines.push(`  ${name}: true`);
  }
  if (segments > 0) lines.push('segments:');
  for (let place = 0; place < segments; place += 1) {
    lines.push(`  ${segmentName(place)}: { id: ${place + 1}, rule: '${ruleOf(place)}' }`);
  }
  if (flows > 0) lines.push('flows:');
  for (let place = 0; place < flows; place += 1) {
    // The last segment of each step is used by no flow.
    const segment = segmentName(Math.floor((place * segments) / flows));
    const variants = 'variants: [{ name: A, weight: 50 }, { name: B, weight: 50 }]';
    const experiment = [`, ${variants}`, '', `, ${variants}, holdout: 10`, ''][place % 4] ?? '';
    lines.push(`  Flow ${place}: { segment: ${segment}, status: live${experiment} }`);
  }
  return `${lines.join('\n')}\n`;
}

export function fiftyRulesText(): string {
  return Array.from({ length: 50 }, (_, place) => `in_segment("${segmentName(place)}")`).join(
    ' && ',
  );
}
