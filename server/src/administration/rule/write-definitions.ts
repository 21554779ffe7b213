/** Creates and edits segments, computed fields and flows in one change of the catalog. */
import type { CatalogChange } from '../../catalog/catalog.ts';
import type { Flow } from '../../domain/flow/flow.ts';
import type { Segment } from '../../domain/membership/definitions.ts';
import type { ChangeRecord } from '../administration.ts';
import type { DefinitionProblems } from '../dataset/definition-problems.ts';
import type { FieldLoss } from '../field-uses.ts';
import type { FlowRequest } from '../flow/flow-request.ts';
import { requireNoVariantUsers } from '../flow/variant-users.ts';
import { prepareFlows, writeFlows } from '../flow/write-flows.ts';
import { readRuleBook, withFlows } from './rule-book.ts';
import { settleRules } from './settle-rules.ts';
import {
  type ComputedFieldRequest,
  prepareComputedFields,
  writeComputedFields,
} from './write-computed-fields.ts';
import { prepareSegments, type SegmentRequest, writeSegments } from './write-segments.ts';

export interface DefinitionRequest {
  readonly organizationId: number;
  readonly segments?: readonly SegmentRequest[];
  readonly computedFields?: readonly ComputedFieldRequest[];
  /** Whether the author may lower sensitivities. By default not. */
  readonly mayLower?: boolean;
  readonly flows?: readonly FlowRequest[];
  readonly problems: DefinitionProblems;
}

export interface WrittenRules {
  readonly audit: readonly ChangeRecord[];
  readonly losses: readonly FieldLoss[];
  /** In the order of the request. */
  readonly segments: readonly Segment[];
  readonly flows: readonly Flow[];
}

/** Call `throwIfAny` of the problems afterwards: with a problem, the change is not complete. */
export async function writeDefinitions(
  change: CatalogChange,
  request: DefinitionRequest,
): Promise<WrittenRules> {
  const { organizationId, problems } = request;
  const count = problems.count;
  const fields = await prepareComputedFields(change, organizationId, {
    requests: request.computedFields ?? [],
    mayLower: request.mayLower === true,
    problems,
  });
  const segments = await prepareSegments(change, organizationId, {
    requests: request.segments ?? [],
    problems,
  });
  const nothing = { audit: [], losses: [], segments: [], flows: [] };
  // Flows name segments.
  if (problems.count > count) return nothing;
  const flows = await prepareFlows(change, organizationId, {
    requests: request.flows ?? [],
    problems,
  });
  if (problems.count > count) return nothing;
  const wanted = [...fields, ...segments, ...flows].flatMap((one) => one.wanted ?? []);
  // Names are as they will be.
  const named = await readRuleBook(change, organizationId);
  const book = withFlows(
    named,
    flows.map(({ flow }) => flow),
  );
  const organization = await change.findOrganization({ id: organizationId });
  if (organization === undefined) return nothing;
  const settled = settleRules(book, { wanted, problems, organization });
  if (problems.count > count) return nothing;
  const made = await writeComputedFields(change, organizationId, { prepared: fields, book });
  const written = await writeSegments(change, organizationId, {
    prepared: segments,
    settled,
    book,
  });
  const streams = await writeFlows(change, organizationId, { prepared: flows, settled, book });
  await requireNoVariantUsers(change, organizationId, flows);
  return {
    audit: [...made.audit, ...[...written, ...streams].flatMap(({ audit }) => audit ?? [])],
    losses: made.losses,
    segments: written.map(({ segment }) => segment),
    flows: streams.map(({ flow }) => flow),
  };
}
