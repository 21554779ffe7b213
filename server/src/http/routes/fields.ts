/** Shows and changes fields. */
import * as operations from '@usher/contract/administration-operations';
import { listFields, readField, updateField } from '../../administration/fields.ts';
import { listFieldReaders } from '../../administration/list-field-readers.ts';
import { givenMembers } from '../../domain/given-members.ts';
import { adminRoute, pageAnswer } from '../admin-route.ts';
import { taggedAnswer } from '../json-answer.ts';
import { settingsIn } from './field-settings-in.ts';

export const fieldRoutes = [
  adminRoute(operations.listFields, async (call) => {
    const fields = await listFields(call.administration, call.organizationId);
    return pageAnswer(fields, ({ name }) => name, call);
  }),

  adminRoute(operations.listFieldReaders, async (call) => {
    const readers = await listFieldReaders(call.administration, call.organizationId);
    return pageAnswer(readers, ({ field, token_id: id }) => `${field} ${id}`, call);
  }),

  adminRoute(operations.getField, async (call) => {
    const { administration, organizationId, params } = call;
    return taggedAnswer(await readField(administration, organizationId, params.name), call);
  }),

  adminRoute(operations.updateField, async (call) => {
    const { administration, organizationId, params, body, precondition } = call;
    const { name } = params;
    const settings = settingsIn(body);
    const update = givenMembers({ name, settings, force: body.force, precondition });
    return taggedAnswer(await updateField(administration, organizationId, update), call);
  }),
];
