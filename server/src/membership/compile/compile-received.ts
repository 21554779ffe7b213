/**
 * Compiles what asks for memberships that were reported: lists, campaigns and flows. Campaigns and
 * flows are searched in the packed JSON. A quotation mark inside of a text is escaped there, so
 * what begins with one is never found inside of a text.
 */
import { packedMembershipFields, packedStart } from '../../domain/membership/membership.ts';
import { hasSection } from '../../stores/read-record.ts';
import type { TypedNode } from '../check/typed-node.ts';
import type { CompileContext, Condition } from './compile-context.ts';
import { dateReader } from './read-values.ts';

/** Whether a dataset of the kind `list` marks the contact. */
export function compileListMark(datasetId: number): Condition {
  return ({ bytes }) => hasSection(bytes, datasetId);
}

const campaignsPlace = packedMembershipFields.indexOf('campaigns_received');
const variantsPlace = packedMembershipFields.indexOf('flow_variant_membership');
const receivedAt = Buffer.from('"received_at":');

/** Whether a campaign was received, at or after a time. */
export function compileReceived(
  node: Extract<TypedNode, { readonly op: 'received-campaign' }>,
  context: CompileContext,
): Condition {
  const wanted = Buffer.from(`{"campaign_id":${JSON.stringify(node.campaignId)},`);
  const since = node.since === null ? null : context.number(node.since);
  const slot = context.register();
  const read = dateReader(slot, context.zone);
  return (evaluation) => {
    const packed = evaluation.memberships;
    if (packed === undefined) return false;
    evaluation.spend(packed.length >> 3);
    const end = packedStart(packed, campaignsPlace + 1);
    let at = packed.indexOf(wanted, packedStart(packed, campaignsPlace));
    if (since === null) return at !== -1 && at < end;
    if (since.load !== null) since.load(evaluation);
    const { numbers } = evaluation;
    while (at !== -1 && at < end) {
      const time = packed.indexOf(receivedAt, at) + receivedAt.length;
      read(evaluation, packed, time);
      if ((numbers[slot] as number) >= (numbers[since.slot] as number)) return true;
      at = packed.indexOf(wanted, time);
    }
    return false;
  };
}

/** Whether another tool reported that the contact is in a flow, or in one of its variants. */
export function compileReportedFlow(flowId: number, variant: string | null): Condition {
  const shown = variant === null ? String(flowId) : `${flowId}-${variant}`;
  const wanted = [Buffer.from(JSON.stringify(shown))];
  if (variant === null) wanted.push(Buffer.from(`"${flowId}-`));
  return (evaluation) => {
    const packed = evaluation.memberships;
    if (packed === undefined) return false;
    evaluation.spend(packed.length >> 3);
    const end = packedStart(packed, variantsPlace + 1);
    return wanted.some((text) => {
      const at = packed.indexOf(text, packedStart(packed, variantsPlace));
      return at !== -1 && at < end;
    });
  };
}
