/** What `in_list` and `received_campaign` looked at. */
import type { StoredContact } from '../administration/contact/stored-values.ts';
import type { OrganizationState } from '../domain/catalog-state.ts';
import type { RuleNames } from '../domain/rule/rule-text.ts';
import { dayMs, zoneDaysOf } from '../domain/value/zone-days.ts';
import type { AskedMembership, Evaluation } from '../membership/compiled-definitions.ts';
import { timeOf } from './explain-values.ts';

export interface ExplainedMembership {
  readonly kind: AskedMembership['kind'];
  /** The name of the list, or the id of the campaign. */
  readonly name: string;
  /** Whether the contact is in the list, or has received the campaign at any time. */
  readonly is_found: boolean;
  /**
   * RFC 3339: since when the contact is in the list, or when it last received the campaign; `null`:
   * it is not found, or the time is not known.
   */
  readonly at: string | null;
  /** RFC 3339: the time before which a campaign does not count; `null`: any time counts. */
  readonly since: string | null;
}

export type ExplainMembership = (
  asked: AskedMembership,
  evaluation: Evaluation,
) => ExplainedMembership;

interface MembershipContext {
  readonly organization: OrganizationState;
  readonly names: Pick<RuleNames, 'nameOf'>;
  readonly stored: StoredContact;
}

export function membershipExplainer(context: MembershipContext): ExplainMembership {
  const { organization, names, stored } = context;
  const { timeZone } = organization.organization;
  let received: ReadonlyMap<string, number> | undefined;
  return (asked, evaluation) => {
    const { kind } = asked;
    if (kind === 'in_list') {
      const { datasetId } = asked;
      const name = names.nameOf('list', datasetId) ?? String(datasetId);
      const row = stored.sections.find((section) => section.datasetId === datasetId);
      // An earlier release did not keep the time.
      const at = timeOf(row?.writtenAtMs || undefined);
      return { kind, name, is_found: row !== undefined, at, since: null };
    }
    received ??= newestReceived(stored, timeZone);
    const { campaignId: name } = asked;
    const newest = received.get(name);
    const sinceMs = asked.since?.(evaluation);
    const since = Number.isFinite(sinceMs) ? timeOf(sinceMs) : null;
    return { kind, name, is_found: newest !== undefined, at: timeOf(newest), since };
  };
}

/** When each campaign was received last, by its id. */
function newestReceived(
  { memberships }: StoredContact,
  timeZone: string,
): ReadonlyMap<string, number> {
  const [, json = '[]'] = memberships.find(([name]) => name === 'campaigns_received') ?? [];
  const newest = new Map<string, number>();
  const campaigns = JSON.parse(json) as readonly {
    readonly campaign_id: string;
    readonly received_at: string;
  }[];
  for (const { campaign_id, received_at } of campaigns) {
    const parsedMs = Date.parse(received_at);
    const isDay = !received_at.includes('T');
    const timeMs = isDay ? zoneDaysOf(timeZone).startOf(parsedMs / dayMs) : parsedMs;
    newest.set(campaign_id, Math.max(timeMs, newest.get(campaign_id) ?? timeMs));
  }
  return newest;
}
