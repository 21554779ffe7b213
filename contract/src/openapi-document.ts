/**
 * The OpenAPI 3.1 document. `openapi.json` is committed; a server adapts it to the organization
 * that asks. `/livez` and `/readyz` are left out: they need no token and are for the orchestrator.
 */
import { type ContactField, contactFieldsSchema } from './contact-field-schema.ts';
import type { JsonObject } from './json-object.ts';
import { answerHeaders, requestHeaders } from './openapi-headers.ts';
import { OpenapiSchemas } from './openapi-schemas.ts';
import { type Operation, type OperationAnswer, problemsOf } from './operation.ts';
import { operations } from './operations.ts';
import { problemSchema } from './problem-schema.ts';
import { type ProblemCode, problemKinds } from './problems.ts';

export interface OpenapiOptions {
  readonly version: string;
  /** The fields of the organization that asks; if missing, a contact may have any fields. */
  readonly contactFields?: readonly ContactField[];
  /** Names of the identity types of the organization that asks. */
  readonly identityTypes?: readonly string[];
  /** Whether a server serves the document. That server is then the only one in `servers`. */
  readonly isServed?: boolean;
}

const tags = [
  { name: 'Contacts', description: 'Who is this person, to us?' },
  { name: 'Ingest', description: 'What other systems push.' },
  { name: 'Administration', description: 'Tokens, fields, identity types, settings.' },
  { name: 'Privacy', description: 'Erase, export and correct a person.' },
  {
    name: 'Server',
    description:
      'About the server. Its probes, /livez and /readyz, need no token and are not listed here.',
  },
];

const servers = [
  {
    url: 'https://{host}',
    description: 'Production: behind TLS.',
    'x-internal': false,
    variables: { host: { default: 'usher.internal', description: 'Where it runs.' } },
  },
  {
    url: 'http://127.0.0.1:8080',
    description: 'Local: what `usher demo` starts, on loopback.',
    'x-internal': true,
  },
];

/** Relative to the document's address, so that the URL is correct with any port and any proxy. */
const thisServer = [{ url: '/', description: 'This server.' }];

const securitySchemes = {
  contactsToken: {
    type: 'http',
    scheme: 'bearer',
    description: 'A token (ush_...) with the scope contacts:read.',
  },
  ingestToken: {
    type: 'http',
    scheme: 'bearer',
    description: 'A token (ush_...) with the scope contacts:write.',
  },
  adminToken: {
    type: 'http',
    scheme: 'bearer',
    description: 'A token (ush_...) with the scope admin:read or admin:write.',
  },
  contactAdminToken: {
    type: 'http',
    scheme: 'bearer',
    description:
      'A token (ush_...) with two scopes: admin:read and contacts:read, or admin:write and contacts:write.',
  },
  privacyToken: {
    type: 'http',
    scheme: 'bearer',
    description: 'A token (ush_...) with the scope privacy:write, without lists.',
  },
  metricsToken: {
    type: 'http',
    scheme: 'bearer',
    description: 'A token (ush_...) with the scope admin:read.',
  },
};

export function buildOpenapi(options: OpenapiOptions): JsonObject {
  const schemas = new OpenapiSchemas();
  const paths: Record<string, JsonObject> = {};
  for (const operation of operations.filter(isPublished)) {
    const item = paths[operation.path] ?? {};
    item[operation.method.toLowerCase()] = describe(operation, schemas);
    paths[operation.path] = item;
  }
  if (options.contactFields !== undefined) {
    schemas.set('Contact', contactFieldsSchema(options.contactFields));
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Usher',
      version: options.version,
      summary: 'One call, server to server: who is this person, to us?',
      description: introduction(options.identityTypes),
      contact: { name: 'Usher', url: 'https://usher.dev' },
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: options.isServed === true ? thisServer : servers,
    tags,
    paths,
    components: { securitySchemes, headers: answerHeaders, schemas: schemas.components() },
  };
}

/** What the console's own pages call is for browsers, and changes with them. */
function isPublished({ access, tag }: Operation): boolean {
  return access !== 'open' && tag !== 'Console';
}

/** The server's own bound may be lower. */
const rawBody = { schema: { type: 'string', format: 'binary', maxLength: 2 ** 31 - 1 } };

function introduction(identityTypes: readonly string[] | undefined): string {
  const words =
    'Errors are problems in application/problem+json (RFC 9457), whatever the header Accept says. Branch on their code. Every answer carries X-Request-Id. There are no CORS headers by design: tokens are for servers, never for browsers.';
  if (identityTypes === undefined) return words;
  return `${words} The identity types of this organization: ${identityTypes.join(', ')}.`;
}

function describe(operation: Operation, schemas: OpenapiSchemas): JsonObject {
  const { id, tag, summary, description, body, isBodyOptional, hasRawBody } = operation;
  const parameters = describeParameters(operation, schemas);
  return {
    operationId: id,
    tags: [tag],
    summary,
    description: description ?? `${summary}.`,
    security: securityOf(operation),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined
      ? {}
      : {
          requestBody: {
            required: isBodyOptional !== true,
            content: { 'application/json': { schema: schemas.reference(body) } },
          },
        }),
    ...(hasRawBody === true && {
      requestBody: { required: true, content: { 'application/octet-stream': rawBody } },
    }),
    responses: { ...describeAnswers(operation, schemas), ...describeProblems(operation, schemas) },
  };
}

function securityOf({ access, contactAccess, tag }: Operation): JsonObject[] {
  if (access === 'optional') return [{}, { contactsToken: [] }];
  if (contactAccess !== undefined) return [{ contactAdminToken: [] }];
  if (tag === 'Server') return [{}, { metricsToken: [] }];
  if (access === 'contacts:write') return [{ ingestToken: [] }];
  if (access === 'privacy:write') return [{ privacyToken: [] }];
  return access === 'contacts:read' ? [{ contactsToken: [] }] : [{ adminToken: [] }];
}

function describeParameters(operation: Operation, schemas: OpenapiSchemas): JsonObject[] {
  const places = [
    { place: 'path', object: operation.params },
    { place: 'query', object: operation.query },
  ];
  const own = places.flatMap(({ place, object }) =>
    Object.entries(object?.properties ?? {}).map(([name, property]) => {
      const { description, ...schema } = schemas.reference(property) as JsonObject;
      const required = place === 'path' || object?.required?.includes(name) === true;
      return { name, in: place, required, description, schema };
    }),
  );
  const headers = (operation.headers ?? []).map((name) => ({
    name,
    in: 'header',
    required: false,
    ...requestHeaders[name],
  }));
  return [...own, ...headers];
}

const anyText = { type: 'string', maxLength: 2 ** 31 - 1, pattern: '^[^\\u0000]*$' };

const commonHeaders = ['X-Request-Id', 'RateLimit', 'RateLimit-Policy'];

function describeAnswers(operation: Operation, schemas: OpenapiSchemas): JsonObject {
  const answers = Object.entries(operation.answers) as [string, OperationAnswer][];
  return Object.fromEntries(
    answers.map(
      ([status, { description, schema, mediaType, otherMediaTypes = [], headers = [] }]) => [
        status,
        {
          description,
          headers: headersOf([...commonHeaders, ...headers]),
          ...(schema === undefined
            ? {}
            : {
                content: {
                  [mediaType ?? 'application/json']: { schema: schemas.reference(schema) },
                  ...Object.fromEntries(otherMediaTypes.map((type) => [type, { schema: anyText }])),
                },
              }),
        },
      ],
    ),
  );
}

function describeProblems(operation: Operation, schemas: OpenapiSchemas): JsonObject {
  const byStatus = Map.groupBy(problemsOf(operation), (code) => problemKinds[code].status);
  const statuses = [...byStatus].sort(([one], [other]) => one - other);
  return Object.fromEntries(
    statuses.map(([status, codes]) => [
      String(status),
      {
        description: codes.map(describeCode).join(' '),
        headers: headersOf([...commonHeaders, ...problemHeaders(status)]),
        content: { 'application/problem+json': { schema: schemas.reference(problemSchema) } },
      },
    ]),
  );
}

function describeCode(code: ProblemCode): string {
  return `${code}: ${problemKinds[code].title}.`;
}

function problemHeaders(status: number): string[] {
  if (status === 401 || status === 403) return ['WWW-Authenticate'];
  return status === 429 || status === 503 ? ['Retry-After'] : [];
}

function headersOf(names: readonly string[]): JsonObject {
  const referenced = names.map((name) => [name, { $ref: `#/components/headers/${name}` }]);
  return Object.fromEntries(referenced);
}
