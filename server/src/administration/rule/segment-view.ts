/** Segments as the API and catalog files show them. */
import type { Segment } from '../../domain/membership/definitions.ts';
import { type RuleNames, ruleTextOf } from '../../domain/rule/rule-text.ts';

export interface SegmentView {
  readonly id: number;
  readonly name: string;
  readonly description: string | null;
  readonly rule: string;
}

export function viewSegment(segment: Segment, names: Pick<RuleNames, 'nameOf'>): SegmentView {
  const { id, name, description, rule } = segment;
  return { id, name, description, rule: ruleTextOf(rule, names) };
}

/** Without defaults, for a catalog file, where the name is the key. */
export function viewSegmentDocument({ id, description, rule }: SegmentView) {
  return { id, ...(description !== null && { description }), rule };
}
