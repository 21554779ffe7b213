/** The OpenAPI document, with exactly the fields and identity types that the token may see. */
import type { ContactField } from '@usher/contract/contact-field-schema';
import { getOpenapi } from '@usher/contract/server-operations';
import { currencyOf } from '../../domain/contact/field.ts';
import { seesField, seesIdentityType } from '../../domain/token/token-sight.ts';
import { admit } from '../admission.ts';
import type { ApiContext } from '../api-context.ts';
import type { Caller } from '../authenticate.ts';
import { taggedAnswer } from '../json-answer.ts';
import { problemAnswer } from '../problem-response.ts';
import type { Route } from '../route.ts';

export const getOpenapiRoute: Route = {
  operation: getOpenapi,
  answer: async (context, { headers, address, requestId }) => {
    const { authorization, 'if-none-match': ifNoneMatch } = headers;
    if (authorization === undefined) {
      return taggedAnswer(await documentFor(context), { ifNoneMatch, limitHead: '' });
    }
    const credentials = { authorization, address };
    const { caller, problem, head } = admit(context, credentials, { kind: 'administration' });
    if (caller === undefined) return problemAnswer(problem, requestId, head);
    const document = await documentFor(context, caller);
    return taggedAnswer(document, { ifNoneMatch, limitHead: head });
  },
};

/** Loaded on first use, because most threads never answer this. */
async function documentFor({ version }: ApiContext, caller?: Caller) {
  const { buildOpenapi } = await import('@usher/contract/openapi-document');
  if (caller === undefined) return buildOpenapi({ version, isServed: true });
  const { organization, token } = caller;
  const identityTypes = [...organization.identityTypes.keys()].filter((name) =>
    seesIdentityType(token, name),
  );
  return buildOpenapi({
    isServed: true,
    version,
    contactFields: readableFields(caller),
    identityTypes,
  });
}

/** The content fields that the token may see. */
function readableFields({ organization, token }: Caller): ContactField[] {
  const datasets = new Map([...organization.datasets.values()].map(({ id, name }) => [id, name]));
  const own = [...organization.fields.values()].filter(
    ({ content, name, datasetId }) =>
      content && seesField(token, name, datasets.get(datasetId) ?? null),
  );
  const builtIn = [...organization.builtInContent].filter(
    ([name, content]) => content && seesField(token, name, null),
  );
  return [
    ...own.map((field) => {
      const { name, type, description } = field;
      return { name, type, description, currency: currencyOf(field, organization.organization) };
    }),
    ...builtIn.map(([name]) => ({ name, type: 'built-in' as const, description: null })),
  ];
}
