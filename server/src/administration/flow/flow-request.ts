/** What a caller or a catalog file asks of flows and exclusion groups. What is not given stays. */
import type { NamedRequest } from '../rule/named-definitions.ts';

export interface FlowSettings {
  /** The name of a segment; `null`: none. */
  readonly segment?: string | null;
  readonly status?: string;
  /** By default `stream` for a flow with a segment, else `reported`. */
  readonly kind?: string;
  /** `contact` or an identity type. */
  readonly unit?: string;
  readonly salt?: string;
  /** A split by weights; `null` ends it. */
  readonly variants?: readonly VariantRequest[] | null;
  /** A split by rules; `null` ends it. */
  readonly branches?: readonly BranchRequest[] | null;
  readonly otherwise?: string | null;
  readonly holdout?: number;
  readonly heldOut?: string;
}

export interface VariantRequest {
  readonly name: string;
  readonly weight: number;
  /** Ranges of slots. By default as few as possible move. */
  readonly slots?: string;
}

export interface BranchRequest {
  readonly rule: string;
  readonly variant: string;
}

export type FlowRequest = NamedRequest & FlowSettings;

export interface GroupRequest {
  readonly name: string;
  readonly unit?: string;
  /** By default `usualGroupSalt`. */
  readonly salt?: string;
  /** A new group needs them. */
  readonly flows?: readonly GroupShareRequest[];
  /** JSON pointer of the request. */
  readonly path: string;
  /** JSON pointer of its name. */
  readonly namePath: string;
}

export interface GroupShareRequest {
  /** The name or the id of a flow. */
  readonly flow: string;
  readonly share: number;
  readonly slots?: string;
}
