/** The API as an OpenAPI document; for a caller with a token, exact to its organization's fields and identity types. */
import type { ContactField } from '@usher/contract/contact-field-schema';
import { getOpenapi } from '@usher/contract/server-operations';
import { currencyOf } from '../../domain/field.ts';
import type { ApiContext } from '../api-context.ts';
import { authenticate, type Caller, isProblem } from '../authenticate.ts';
import { taggedAnswer } from '../json-answer.ts';
import { limitRate } from '../limit-rate.ts';
import { problemAnswer } from '../problem-response.ts';
import type { Route } from '../route.ts';

export const getOpenapiRoute: Route = {
  operation: getOpenapi,
  answer: async (context, { headers, address, requestId }) => {
    const { authorization, 'if-none-match': ifNoneMatch } = headers;
    if (authorization === undefined) {
      return taggedAnswer(await documentFor(context), { ifNoneMatch, head: '' });
    }
    const caller = authenticate(context, { authorization, address });
    if (isProblem(caller)) return problemAnswer(caller, requestId);
    const limit = limitRate(context.limiter, caller, { kind: 'administration', units: 1 });
    if (limit.problem !== undefined) return problemAnswer(limit.problem, requestId, limit.head);
    const document = await documentFor(context, caller);
    return taggedAnswer(document, { ifNoneMatch, head: limit.head });
  },
};

/** The document's parts are loaded when first asked for: most threads never are. */
async function documentFor({ version }: ApiContext, caller?: Caller) {
  const { buildOpenapi } = await import('@usher/contract/openapi-document');
  if (caller === undefined) return buildOpenapi({ version, isServed: true });
  const identityTypes = [...caller.organization.identityTypes.keys()].filter(
    (name) => caller.token.identityTypes?.includes(name) !== false,
  );
  return buildOpenapi({
    isServed: true,
    version,
    contactFields: readableFields(caller),
    identityTypes,
  });
}

/** The content fields that the token may read, as a look-up would answer them. */
function readableFields({ organization, token }: Caller): ContactField[] {
  const own = [...organization.fields.values()].filter((field) => field.content);
  const builtIn = [...organization.builtInContent].filter(([, content]) => content);
  const fields: ContactField[] = [
    ...own.map((field) => {
      const { name, type, description } = field;
      return { name, type, description, currency: currencyOf(field, organization.organization) };
    }),
    ...builtIn.map(([name]) => ({ name, type: 'built-in' as const, description: null })),
  ];
  return fields.filter(({ name }) => token.fields?.includes(name) !== false);
}
