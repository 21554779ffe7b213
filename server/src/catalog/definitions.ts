/**
 * The part of the catalog that stores segments and flows, and the history of every definition with
 * rules. Calls follow the promises of `catalog.ts`.
 */
import type { ExclusionGroup, Flow, GlobalHoldout } from '../domain/flow/flow.ts';
import type { DefinitionKind, Segment } from '../domain/membership/definitions.ts';
import type { ChangePlan } from './change-plans.ts';

/** Which definition an edit belongs to. */
export interface DefinitionKey {
  readonly kind: DefinitionKind;
  readonly id: number;
}

/** One edit of a definition. Its documents have the names of that time. */
export interface DefinitionEdit {
  /** Counts up from 1 for each definition. */
  readonly number: number;
  /** The actor, as in the audit log. */
  readonly author: string;
  readonly atMs: number;
  /** `null` if the edit created the definition. */
  readonly before: EditDocument | null;
  /** `null` if the edit removed the definition. */
  readonly after: EditDocument | null;
}

/** Plain JSON. */
export type EditDocument = Readonly<Record<string, unknown>>;

/** Without an id, the segment gets the one after the largest that was ever used. */
export type NewSegment = Omit<Segment, 'id'> & { readonly id?: number };

/** Without an id, the flow gets the one after the largest that was ever used. */
export type NewFlow = Omit<Flow, 'id'> & { readonly id?: number };

export interface DefinitionView {
  listSegments(organizationId: number): Promise<readonly Segment[]>;
  listFlows(organizationId: number): Promise<readonly Flow[]>;
  /** By name. */
  listExclusionGroups(organizationId: number): Promise<readonly ExclusionGroup[]>;
  /** `null` if there is none. */
  readGlobalHoldout(organizationId: number): Promise<GlobalHoldout | null>;
  /** The edits of a definition, also of a removed one. Empty if it has none. */
  listEdits(organizationId: number, key: DefinitionKey): Promise<readonly DefinitionEdit[]>;
  /** Plans that nobody approved, kept since a time, the newest first. */
  listOpenPlans(
    organizationId: number,
    page: { readonly sinceMs: number; readonly limit: number },
  ): Promise<readonly ChangePlan[]>;
  /** A plan that is kept, also one that expired or was carried out. */
  findChangePlan(organizationId: number, id: string): Promise<ChangePlan | undefined>;
  /** What `keepLastLive` kept, by the id of the flow. A removed flow keeps it. */
  listLastLive(organizationId: number): Promise<ReadonlyMap<number, Uint8Array>>;
}

export interface DefinitionChange {
  /** Whether the change has written anything but tokens so far. */
  readonly definesAnything: boolean;
  /** Notes that the author of the change approved the plan, which is carried out with it. */
  endChangePlan(organizationId: number, id: string): Promise<void>;
  /** Keeps the definitions with which a flow answered last; `null`: it answers again. */
  keepLastLive(
    organizationId: number,
    flowId: number,
    definitions: Uint8Array | null,
  ): Promise<void>;
  /** Adds a segment. A given id must be one that no segment has or had. */
  insertSegment(organizationId: number, segment: NewSegment): Promise<Segment>;
  /** Replaces everything of the segment with this id. */
  updateSegment(organizationId: number, segment: Segment): Promise<void>;
  deleteSegment(organizationId: number, id: number): Promise<void>;
  /** Adds a flow. A given id must be one that no flow has. */
  insertFlow(organizationId: number, flow: NewFlow): Promise<Flow>;
  /** Replaces everything of the flow with this id. */
  updateFlow(organizationId: number, flow: Flow): Promise<void>;
  deleteFlow(organizationId: number, id: number): Promise<void>;
  /** Adds the group, or replaces the one of this name. */
  putExclusionGroup(organizationId: number, group: ExclusionGroup): Promise<void>;
  deleteExclusionGroup(organizationId: number, name: string): Promise<void>;
  setGlobalHoldout(organizationId: number, holdout: GlobalHoldout | null): Promise<void>;
  /** Adds an edit to the history of a definition. */
  recordEdit(
    organizationId: number,
    key: DefinitionKey,
    edit: Pick<DefinitionEdit, 'before' | 'after'>,
  ): Promise<void>;
}
