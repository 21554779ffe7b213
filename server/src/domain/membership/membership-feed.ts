/**
 * The columns of the membership feeds. A definition maps columns of its source to these names;
 * `merge-reports.ts` applies the reports to a contact.
 */
import type { FieldType } from '../contact/field.ts';
import type { RowRule } from '../dataset/source-row.ts';

/** What the rows of a dataset of the kind `membership` report. */
export const feeds = ['flow', 'campaign', 'journey'] as const;

export type Feed = (typeof feeds)[number];

export interface FeedColumn {
  readonly name: string;
  readonly type: FieldType;
  /**
   * Whether every definition has this column. A required column that is not mapped is read from the
   * source's column of the same name. Other columns that are not mapped are not read.
   */
  readonly required: boolean;
}

/**
 * Besides these columns, a row has an identity. A row with `segment_name` but no `flow_id` reports
 * a segment.
 */
const flowFeedColumns: readonly FeedColumn[] = [
  { name: 'flow_id', type: 'positive integer', required: true },
  { name: 'timestamp', type: 'date', required: false },
  { name: 'flow_name', type: 'string', required: false },
  { name: 'variant', type: 'string', required: false },
  { name: 'operation', type: 'string', required: false },
  { name: 'segment_name', type: 'string', required: false },
  { name: 'action', type: 'string', required: false },
  { name: 'experiment_id', type: 'string', required: false },
];

const campaignFeedColumns: readonly FeedColumn[] = [
  { name: 'campaign_id', type: 'string', required: true },
  { name: 'received_at', type: 'date', required: true },
  { name: 'campaign_name', type: 'string', required: false },
  { name: 'channel', type: 'string', required: false },
  { name: 'variant', type: 'string', required: false },
  { name: 'flow_id', type: 'positive integer', required: false },
];

const journeyFeedColumns: readonly FeedColumn[] = [
  { name: 'journey_id', type: 'positive integer', required: true },
  { name: 'journey_name', type: 'string', required: false },
  { name: 'step', type: 'string', required: false },
  { name: 'entered_at', type: 'date', required: false },
  { name: 'step_entered_at', type: 'date', required: false },
  { name: 'operation', type: 'string', required: false },
];

const columnsOf: Readonly<Record<Feed, readonly FeedColumn[]>> = {
  flow: flowFeedColumns,
  campaign: campaignFeedColumns,
  journey: journeyFeedColumns,
};

export function feedColumns(feed: Feed): readonly FeedColumn[] {
  return columnsOf[feed];
}

/**
 * What a row must contain, beyond valid values. The writer checks the reports again when it parses
 * their JSON (`parseMembershipReports`).
 * @param computedFlows the ids of the flows whose members Usher computes
 * @param placeOf a column's index in the row's fields; `undefined` if it is not mapped
 */
export function feedRules(
  feed: Feed,
  computedFlows: readonly number[],
  placeOf: (column: string) => number | undefined,
): readonly RowRule[] {
  const some = (columns: readonly string[], reason: string): RowRule => {
    const fields = columns.flatMap((column) => placeOf(column) ?? []);
    return { kind: 'some', fields, reason };
  };
  if (feed === 'campaign') {
    return [
      some(['campaign_id'], 'is empty, so that the row names no campaign'),
      some(
        ['received_at'],
        'is empty, so that the row does not say when the campaign was received',
      ),
    ];
  }
  const operation = placeOf('operation');
  const named =
    feed === 'journey'
      ? some(['journey_id'], 'is empty, so that the row names no journey')
      : some(['flow_id', 'segment_name'], 'is empty, and the row names no segment either');
  const rules: RowRule[] = [named];
  if (operation !== undefined) {
    const reason = 'is neither add nor remove';
    rules.push({ kind: 'word', field: operation, words: ['add', 'remove'], reason });
  }
  const flow = feed === 'flow' ? placeOf('flow_id') : undefined;
  if (flow !== undefined && computedFlows.length > 0) rules.push(notComputed(flow, computedFlows));
  return rules;
}

function notComputed(field: number, numbers: readonly number[]): RowRule {
  const reason = 'is a flow of the kind stream: Usher computes its members';
  return { kind: 'not', field, numbers, code: 'flow_computed', reason };
}
