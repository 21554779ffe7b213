/** Shows and changes exclusion groups and the global holdout. */
import * as operations from '@usher/contract/flow-operations';
import {
  listExclusionGroups,
  putExclusionGroup,
  readExclusionGroup,
  removeExclusionGroup,
} from '../../administration/flow/exclusion-groups.ts';
import { readGlobalHoldout, setGlobalHoldout } from '../../administration/flow/global-holdout.ts';
import { givenMembers } from '../../domain/given-members.ts';
import { adminRoute, pageAnswer } from '../admin-route.ts';
import { taggedAnswer } from '../json-answer.ts';

export const exclusionGroupRoutes = [
  adminRoute(operations.listExclusionGroups, async (call) => {
    const groups = await listExclusionGroups(call.administration, call.organizationId);
    return pageAnswer(groups, ({ name }) => name, call);
  }),

  adminRoute(operations.getExclusionGroup, async (call) => {
    const { administration, organizationId, params } = call;
    const group = await readExclusionGroup(administration, organizationId, params.name);
    return taggedAnswer(group, call);
  }),

  adminRoute(operations.putExclusionGroup, async (call) => {
    const { administration, organizationId, params, body, precondition } = call;
    const { unit, salt } = body;
    const flows = body.flows?.map(givenMembers);
    const request = givenMembers({ name: params.name, unit, salt, flows, precondition });
    return taggedAnswer(await putExclusionGroup(administration, organizationId, request), call);
  }),

  adminRoute(operations.deleteExclusionGroup, async (call) => {
    const { administration, organizationId, params, precondition, limitHead } = call;
    const removal = givenMembers({ reference: params.name, precondition });
    await removeExclusionGroup(administration, organizationId, removal);
    return { status: 204, head: limitHead, body: '' };
  }),

  adminRoute(operations.getGlobalHoldout, async (call) => {
    const { administration, organizationId } = call;
    return taggedAnswer(await readGlobalHoldout(administration, organizationId), call);
  }),

  adminRoute(operations.updateGlobalHoldout, async (call) => {
    const { administration, organizationId, body, precondition } = call;
    const request = givenMembers({ ...body, precondition });
    return taggedAnswer(await setGlobalHoldout(administration, organizationId, request), call);
  }),
];
