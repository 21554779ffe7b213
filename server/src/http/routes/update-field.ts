/** Changes a field: its flags, names, implied value and so on. */
import { updateField as operation } from '@usher/contract/administration-operations';
import { updateField } from '../../administration/fields.ts';
import { administrationOf, organizationIdOf } from '../call/admin-call.ts';
import { withoutUndefined } from '../call/without-undefined.ts';
import { guardedRoute } from '../guarded-route.ts';
import { preconditionOf, taggedAnswer } from '../json-answer.ts';

export const updateFieldRoute = guardedRoute({
  operation,
  handle: async ({ params, body, caller, headers, limitHead }, context) => {
    const settings = withoutUndefined({
      content: body.content,
      condition: body.condition,
      displayName: body.display_name,
      description: body.description,
      type: body.type,
      impliedValue: body.implied_value,
      sensitivity: body.sensitivity,
      currency: body.currency,
    });
    const changed = await updateField(
      administrationOf(context, caller),
      organizationIdOf(caller),
      withoutUndefined({
        name: params.name,
        settings,
        force: body.force,
        precondition: preconditionOf(headers['if-match']),
      }),
    );
    return taggedAnswer(changed, { ifNoneMatch: undefined, head: limitHead });
  },
});
