/** Shows, creates, changes and removes flows. */
import * as operations from '@usher/contract/flow-operations';
import type { FlowSettings } from '../../administration/flow/flow-request.ts';
import {
  createFlow,
  editFlow,
  listFlowEdits,
  listFlows,
  readFlow,
  removeFlow,
} from '../../administration/flow/flows.ts';
import { givenMembers } from '../../domain/given-members.ts';
import { adminRoute, pageAnswer } from '../admin-route.ts';
import { headLine } from '../answer.ts';
import { jsonAnswer, taggedAnswer } from '../json-answer.ts';

export const flowRoutes = [
  adminRoute(operations.listFlows, async (call) => {
    const flows = await listFlows(call.administration, call.organizationId);
    return pageAnswer(flows, ({ id }) => String(id), call);
  }),

  adminRoute(operations.createFlow, async (call) => {
    const { administration, organizationId, body, limitHead } = call;
    const { id, name } = body;
    const request = givenMembers({ id, name, ...settingsOf(body) });
    const flow = await createFlow(administration, organizationId, request);
    const location = headLine('Location', `/admin/v1/flows/${flow.id}`);
    return jsonAnswer(201, flow, location + limitHead);
  }),

  adminRoute(operations.getFlow, async (call) => {
    const { administration, organizationId, params } = call;
    return taggedAnswer(await readFlow(administration, organizationId, params.id), call);
  }),

  adminRoute(operations.updateFlow, async (call) => {
    const { administration, organizationId, params, body, precondition } = call;
    const { name } = body;
    const reference = params.id;
    const edit = givenMembers({ reference, name, precondition, ...settingsOf(body) });
    return taggedAnswer(await editFlow(administration, organizationId, edit), call);
  }),

  adminRoute(operations.deleteFlow, async (call) => {
    const { administration, organizationId, params, precondition, limitHead } = call;
    const removal = givenMembers({ reference: params.id, precondition });
    await removeFlow(administration, organizationId, removal);
    return { status: 204, head: limitHead, body: '' };
  }),

  adminRoute(operations.listFlowEdits, async (call) => {
    const { administration, organizationId, params } = call;
    const edits = await listFlowEdits(administration, organizationId, params.id);
    return pageAnswer(edits, ({ number }) => String(number), call);
  }),
];

/** The body of a call: it names one member as JSON does. */
type FlowBody = {
  readonly [Name in Exclude<keyof FlowSettings, 'heldOut' | 'variants'>]?:
    | FlowSettings[Name]
    | undefined;
} & {
  readonly variants?:
    | readonly {
        readonly name: string;
        readonly weight: number;
        readonly slots?: string | undefined;
      }[]
    | null
    | undefined;
  readonly held_out?: string | undefined;
};

function settingsOf(body: FlowBody): FlowSettings {
  const { segment, status, kind, unit, salt, branches, otherwise, holdout } = body;
  return givenMembers({
    ...{ segment, status, kind, unit, salt, branches, otherwise, holdout },
    variants: body.variants === null ? null : body.variants?.map(givenMembers),
    heldOut: body.held_out,
  });
}
