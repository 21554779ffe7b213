/**
 * A membership feed in histories of the identity rules. Its rows are keyed by an e-mail. What a row
 * reported adds up in its section, as `s0+s2`.
 */
import {
  packedMembership,
  packedMembershipFields,
} from '../../src/domain/membership/membership.ts';
import { type DatasetRules, type Identity, rowName, textOf } from './identity-state.ts';
import type { IncomingRow, ModelState } from './model-state.ts';

export const feed: DatasetRules = {
  name: 'feed',
  kind: 'contact',
  mode: 'append',
  identifiers: ['email'],
};

/** One row for each key, with all that it reported so far. */
export function addedUp({ rows: known }: ModelState, rows: readonly IncomingRow[]): IncomingRow[] {
  const sections = new Map<Identity, Set<string>>();
  for (const { identities, section } of rows) {
    const [key] = identities;
    if (key === undefined) continue;
    const before = sections.get(key) ?? partsOf(known.get(rowName(feed.name, key))?.section);
    sections.set(key, new Set([...before, ...partsOf(section)]));
  }
  return [...sections].map(([key, parts]) => {
    return { identities: [key], section: [...parts].sort().join('+') };
  });
}

function partsOf(section: string | undefined): Set<string> {
  return new Set(section?.split('+'));
}

/** The reports of a row: a campaign for each part of its section. */
export function reportsOf({ identities, section }: IncomingRow): Buffer {
  const reports = campaignsOf(identities[0], section).map((campaign) => ({
    campaign_id: campaign,
    received_at: '2026-11-01',
  }));
  return Buffer.from(JSON.stringify(reports));
}

/** What look-ups answer for rows with these keys and sections. */
export function campaignsOf(key: Identity | undefined, section: string): string[] {
  return [...partsOf(section)].map((part) => `${textOf(key ?? '')}-${part}`);
}

/** The campaigns of packed memberships, as text. */
export function reportsIn(packed: Buffer | undefined): string {
  if (packed === undefined) return '';
  const place = packedMembershipFields.indexOf('campaigns_received');
  const text = Buffer.from(packedMembership(packed, place), 'latin1').toString();
  const campaigns = JSON.parse(text) as { campaign_id: string }[];
  return campaigns
    .map(({ campaign_id: id }) => id)
    .sort()
    .join(' ');
}
