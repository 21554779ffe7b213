/** What is kept of a report, by the columns of its feed. */
import type { LedgerEntry } from './ledger-entry.ts';

export type ReportKind = 'flow' | 'segment' | 'campaign' | 'journey';

type Columns = Readonly<Record<string, string | number | null>>;

export function kindOf(entry: LedgerEntry): ReportKind {
  if ('flowName' in entry) return 'flow';
  if ('segment' in entry) return 'segment';
  return 'journeyId' in entry ? 'journey' : 'campaign';
}

/** Columns without a value are `null`. That of `operation` is left out. */
export function reportedColumns(entry: LedgerEntry): Columns {
  if ('journeyId' in entry) {
    return {
      ...{ journey_id: entry.journeyId, journey_name: entry.journeyName, step: entry.step },
      ...{ entered_at: entry.enteredAt, step_entered_at: entry.stepEnteredAt },
    };
  }
  if ('campaignId' in entry) {
    return {
      ...{ campaign_id: entry.campaignId, received_at: entry.receivedAt },
      ...{ campaign_name: entry.campaignName, channel: entry.channel },
      ...{ variant: entry.variant, flow_id: entry.flowId },
    };
  }
  const told = {
    timestamp: entry.isDated ? entry.at : null,
    ...{ action: entry.action, experiment_id: entry.experimentId },
  };
  if ('segment' in entry) return { segment_name: entry.segment, ...told };
  return {
    ...{ flow_id: entry.flowId, flow_name: entry.flowName, variant: entry.variant },
    ...{ segment_name: entry.segmentName, ...told },
  };
}
