/** Lists, creates, edits and removes flows. Nothing is evaluated here. */
import type { CatalogChange, CatalogView } from '../../catalog/catalog.ts';
import { UsherError } from '../../domain/errors.ts';
import type { Flow } from '../../domain/flow/flow.ts';
import {
  type Administration,
  changeIn,
  type Precondition,
  type Removal,
  readIn,
  requirePrecondition,
} from '../administration.ts';
import { DefinitionProblems } from '../dataset/definition-problems.ts';
import { type EditView, viewEdits } from '../rule/edit-view.ts';
import { type RuleBook, readRuleBook } from '../rule/rule-book.ts';
import { type FoundUse, findRuleUses, refuseUses } from '../rule/rule-users.ts';
import { writeDefinitions } from '../rule/write-definitions.ts';
import { hasWholeSight, requireWholeSight } from '../token/actor-sight.ts';
import type { FlowSettings } from './flow-request.ts';
import { type FlowView, viewFlow } from './flow-view.ts';
import { recordFlowEdit } from './write-flows.ts';

export interface NewFlowRequest extends FlowSettings {
  /** By default the next one. */
  readonly id?: number;
  readonly name: string;
}

export interface FlowEdit extends FlowSettings {
  readonly name?: string;
  readonly precondition?: Precondition<FlowView>;
}

/** All flows by id. Empty for a token with lists, because rules name fields. */
export async function listFlows(
  administration: Administration,
  organizationId: number,
): Promise<readonly FlowView[]> {
  return readIn(administration, organizationId, async (view) => {
    if (!hasWholeSight(administration.actor)) return [];
    const book = await readRuleBook(view, organizationId);
    return [...book.flows.values()].map((flow) => viewFlow(flow, book));
  });
}

/**
 * @param reference a name or an id
 * @throws UsherError `resource_not_found`, `scope_missing`
 */
export async function readFlow(
  administration: Administration,
  organizationId: number,
  reference: string,
): Promise<FlowView> {
  const flows = await listFlows(administration, organizationId);
  return flows.find((flow) => isMeant(flow, reference)) ?? noFlow(reference);
}

/**
 * Who changed the flow, when, and what: newest first. An id also finds a removed flow.
 * @throws UsherError `resource_not_found`, `scope_missing`
 */
export async function listFlowEdits(
  administration: Administration,
  organizationId: number,
  reference: string,
): Promise<readonly EditView[]> {
  return readIn(administration, organizationId, async (view) => {
    const flows = await view.listFlows(organizationId);
    const found = flows.find((flow) => isMeant(flow, reference));
    const id = found?.id ?? (isId(reference) ? Number(reference) : undefined);
    if (!hasWholeSight(administration.actor) || id === undefined) return noFlow(reference);
    const edits = await view.listEdits(organizationId, { kind: 'flow', id });
    return edits.length === 0 ? noFlow(reference) : viewEdits(edits);
  });
}

/**
 * @throws UsherError `definition_invalid`, `rule_invalid`, `definition_cycle`, `name_taken`,
 *   `scope_missing`
 */
export async function createFlow(
  administration: Administration,
  organizationId: number,
  request: NewFlowRequest,
): Promise<FlowView> {
  requireWholeSight(administration.actor);
  return changeIn(administration, organizationId, async (change) => {
    const flows = await change.listFlows(organizationId);
    const other = flows.find(({ name }) => name === request.name);
    if (other !== undefined) {
      const detail = `The flow ${request.name} already exists. Its id is ${other.id}.`;
      throw new UsherError('name_taken', detail);
    }
    const problems = new DefinitionProblems();
    const isFree = flows.every(({ id }) => id !== request.id);
    problems.check(isFree, '/id', 'Another flow has this id. Leave the id out.');
    problems.throwIfAny();
    return writeOne(change, organizationId, request);
  });
}

/**
 * Changes what is given. An edit without effect changes nothing.
 * @throws UsherError as `createFlow`, and `resource_not_found`, `precondition_failed`
 */
export async function editFlow(
  administration: Administration,
  organizationId: number,
  { reference, precondition, ...edit }: FlowEdit & { readonly reference: string },
): Promise<FlowView> {
  requireWholeSight(administration.actor);
  return changeIn(administration, organizationId, async (change) => {
    const { flow, book } = await findFlow(change, organizationId, reference);
    requirePrecondition(precondition, viewFlow(flow, book));
    return writeOne(change, organizationId, { id: flow.id, name: flow.name, ...edit });
  });
}

/**
 * @throws UsherError `definition_in_use` while rules use the flow or a group has a share for it,
 *   `resource_not_found`, `scope_missing`
 */
export async function removeFlow(
  administration: Administration,
  organizationId: number,
  { reference, precondition }: Removal<FlowView>,
): Promise<FlowView> {
  requireWholeSight(administration.actor);
  return changeIn(administration, organizationId, async (change) => {
    const { flow, book } = await findFlow(change, organizationId, reference);
    requirePrecondition(precondition, viewFlow(flow, book));
    const record = await deleteFlow(change, organizationId, { flow, book });
    await requireNoFlowUsers(change, organizationId, [flow]);
    return { result: viewFlow(flow, book), audit: [record] };
  });
}

/** Removes the flow. The caller then calls `requireNoFlowUsers`. */
export async function deleteFlow(
  change: CatalogChange,
  organizationId: number,
  { flow, book }: { readonly flow: Flow; readonly book: RuleBook },
) {
  await change.deleteFlow(organizationId, flow.id);
  return recordFlowEdit(change, organizationId, { before: flow, after: undefined, book });
}

/** @throws UsherError `definition_in_use` */
export async function requireNoFlowUsers(
  view: CatalogView,
  organizationId: number,
  flows: readonly Pick<Flow, 'id' | 'name'>[],
): Promise<void> {
  const groups = await view.listExclusionGroups(organizationId);
  const shares = flows.flatMap((flow) =>
    groups
      .filter((group) => group.shares.some(({ flowId }) => flowId === flow.id))
      .map((group): FoundUse => {
        const words = `The flow ${flow.name} would be gone, but the exclusion group ${group.name} has a share for it.`;
        return { words, users: [{ kind: 'exclusion_group', id: null, name: group.name }] };
      }),
  );
  const losses = flows.map(({ id, name }) => {
    return { kind: 'flow', id, words: `The flow ${name} would be gone` } as const;
  });
  refuseUses([...shares, ...(await findRuleUses(view, organizationId, losses))]);
}

async function writeOne(change: CatalogChange, organizationId: number, request: NewFlowRequest) {
  const problems = new DefinitionProblems();
  const flow = { ...request, path: '', namePath: '/name' };
  const { audit, flows } = await writeDefinitions(change, {
    ...{ organizationId, flows: [flow], problems },
  });
  problems.throwIfAny();
  const [written] = flows;
  if (written === undefined) throw new UsherError('internal', 'The flow was not written.');
  return { result: viewFlow(written, await readRuleBook(change, organizationId)), audit };
}

async function findFlow(view: CatalogView, organizationId: number, reference: string) {
  const book = await readRuleBook(view, organizationId);
  const flow = [...book.flows.values()].find((one) => isMeant(one, reference));
  return flow === undefined ? noFlow(reference) : { flow, book };
}

function isMeant({ id, name }: Pick<Flow, 'id' | 'name'>, reference: string): boolean {
  return isId(reference) ? id === Number(reference) : name === reference;
}

/** No name consists of digits only. */
function isId(reference: string): boolean {
  return /^[0-9]{1,9}$/.test(reference);
}

function noFlow(reference: string): never {
  throw new UsherError(
    'resource_not_found',
    `There is no flow ${reference}. List the flows: usher flow list`,
  );
}
