/** What an organization has defined to compute memberships from. */
import type { ExclusionGroup, Flow, GlobalHoldout } from '../flow/flow.ts';
import type { RuleText } from '../rule/rule-text.ts';

export interface Segment {
  /** Unique among the organization's segments, and never given to another one. */
  readonly id: number;
  readonly name: string;
  readonly description: string | null;
  readonly rule: RuleText;
}

export interface Definitions {
  /**
   * Grows with each change of anything that an answer depends on. Changes of tokens do not change
   * it. Two definitions of one organization with equal revisions are the same object, so compiled
   * rules can be kept for the object.
   */
  readonly revision: number;
  /** By id, in ascending order. */
  readonly segments: ReadonlyMap<number, Segment>;
  /** By id, in ascending order. */
  readonly flows: ReadonlyMap<number, Flow>;
  /** By name. A flow is in at most one. */
  readonly groups: ReadonlyMap<string, ExclusionGroup>;
  readonly globalHoldout: GlobalHoldout | null;
}

/** Definitions with a history of edits. */
export type DefinitionKind = 'segment' | 'computed_field' | 'flow';
