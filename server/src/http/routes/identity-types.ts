/** Shows, creates, changes and deletes identity types. */
import * as operations from '@usher/contract/administration-operations';
import { updateIdentityType } from '../../administration/identity-settings.ts';
import {
  createIdentityType,
  deleteIdentityType,
  listIdentityTypes,
} from '../../administration/identity-types.ts';
import { UsherError } from '../../domain/errors.ts';
import { givenMembers } from '../../domain/given-members.ts';
import { adminRoute, pageAnswer } from '../admin-route.ts';
import { headLine } from '../answer.ts';
import { jsonAnswer, taggedAnswer } from '../json-answer.ts';

export const identityTypeRoutes = [
  adminRoute(operations.listIdentityTypes, async (call) => {
    const types = await listIdentityTypes(call.administration, call.organizationId);
    return pageAnswer(types, ({ name }) => name, call);
  }),

  adminRoute(operations.createIdentityType, async (call) => {
    const { administration, organizationId, body, limitHead } = call;
    const type = await createIdentityType(administration, organizationId, givenMembers(body));
    const location = headLine('Location', `/admin/v1/identity-types/${type.name}`);
    return jsonAnswer(201, type, location + limitHead);
  }),

  adminRoute(operations.getIdentityType, async (call) => {
    const types = await listIdentityTypes(call.administration, call.organizationId);
    const type = types.find(({ name }) => name === call.params.name);
    if (type !== undefined) return taggedAnswer(type, call);
    throw new UsherError(
      'resource_not_found',
      'This identity type does not exist. List the identity types: usher identity-type list',
    );
  }),

  adminRoute(operations.updateIdentityType, async (call) => {
    const { administration, organizationId, params, body, precondition } = call;
    const settings = givenMembers({
      joins: body.joins,
      isStable: body.stable,
      maxPerContact: body.max_per_contact,
      sharedLimit: body.shared_limit,
      blocked: body.blocked,
    });
    const update = givenMembers({ name: params.name, settings, precondition });
    return taggedAnswer(await updateIdentityType(administration, organizationId, update), call);
  }),

  adminRoute(operations.deleteIdentityType, async (call) => {
    const { administration, organizationId, params, precondition, limitHead } = call;
    const removal = givenMembers({ reference: params.name, precondition });
    await deleteIdentityType(administration, organizationId, removal);
    return { status: 204, head: limitHead, body: '' };
  }),
];
