/** Shows, creates, changes and removes computed fields. */
import * as operations from '@usher/contract/definition-operations';
import {
  createComputedField,
  editComputedField,
  listComputedFieldEdits,
  listComputedFields,
  readComputedField,
  removeComputedField,
} from '../../administration/rule/computed-fields.ts';
import { givenMembers } from '../../domain/given-members.ts';
import { adminRoute, pageAnswer } from '../admin-route.ts';
import { headLine } from '../answer.ts';
import { jsonAnswer, taggedAnswer } from '../json-answer.ts';
import { settingsIn } from './field-settings-in.ts';

export const computedFieldRoutes = [
  adminRoute(operations.listComputedFields, async (call) => {
    const fields = await listComputedFields(call.administration, call.organizationId);
    return pageAnswer(fields, ({ name }) => name, call);
  }),

  adminRoute(operations.createComputedField, async (call) => {
    const { administration, organizationId, body, limitHead } = call;
    const { name, rule } = body;
    const request = { name, rule, settings: settingsIn(body) };
    const field = await createComputedField(administration, organizationId, request);
    const location = headLine('Location', `/admin/v1/computed-fields/${name}`);
    return jsonAnswer(201, field, location + limitHead);
  }),

  adminRoute(operations.getComputedField, async (call) => {
    const { administration, organizationId, params } = call;
    return taggedAnswer(await readComputedField(administration, organizationId, params.name), call);
  }),

  adminRoute(operations.updateComputedField, async (call) => {
    const { administration, organizationId, params, body, precondition } = call;
    const { rule, force } = body;
    const settings = settingsIn(body);
    const edit = givenMembers({ name: params.name, settings, rule, force, precondition });
    return taggedAnswer(await editComputedField(administration, organizationId, edit), call);
  }),

  adminRoute(operations.deleteComputedField, async (call) => {
    const { administration, organizationId, params, query, precondition, limitHead } = call;
    const force = query.force === true;
    const removal = givenMembers({ reference: params.name, force, precondition });
    await removeComputedField(administration, organizationId, removal);
    return { status: 204, head: limitHead, body: '' };
  }),

  adminRoute(operations.listComputedFieldEdits, async (call) => {
    const { administration, organizationId, params } = call;
    const edits = await listComputedFieldEdits(administration, organizationId, params.name);
    return pageAnswer(edits, ({ number }) => String(number), call);
  }),
];
