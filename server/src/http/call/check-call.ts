/** Checks the parts of a call against the shapes of its operation. */
import type { Operation } from '@usher/contract/operation';
import Type, { type Static, type TObject } from 'typebox';
import type { Problem } from '../../domain/problem.ts';
import { isProblem } from '../authenticate.ts';
import { maxPushRows } from '../limits.ts';
import { identityMissing } from '../lookup/lookup-query.ts';
import type { RequestFacts } from '../route.ts';
import { type ShapeFault, shapeFaults } from './check-shape.ts';
import { readQuery, unknownParameters } from './read-query.ts';

type Shape<Schema> = Schema extends TObject ? Static<Schema> : undefined;

export interface CallParts<Op extends Operation> {
  readonly params: Shape<Op['params']>;
  readonly query: Shape<Op['query']>;
  readonly body: Shape<Op['body']>;
}

export function checkCall<Op extends Operation>(
  operation: Op,
  request: Pick<RequestFacts, 'params' | 'query'>,
  body: unknown,
): CallParts<Op> | Problem {
  const query = readQuery(request.query, Object.keys(operation.query?.properties ?? {}));
  if (isProblem(query)) return query;
  const parts = {
    params: operation.params === undefined ? undefined : request.params,
    query: operation.query === undefined ? undefined : typedQuery(operation.query, query),
    body: operation.body === undefined ? undefined : body,
  };
  const problem =
    faultOf(operation.params, parts.params, paramsProblem) ??
    faultOf(operation.query, parts.query, queryProblem) ??
    tooManyRows(operation, parts.body) ??
    faultOf(bodySchema(operation), parts.body, (faults) => bodyProblem(operation, faults));
  // The parts were just checked against the schemas of these types.
  return problem ?? (parts as CallParts<Op>);
}

const anyObject = Type.Object({});

/** If the handler checks the body itself, this check only requires that the body is an object. */
function bodySchema({ body, isBodyJudged }: Operation): TObject | undefined {
  return body !== undefined && isBodyJudged === true ? anyObject : body;
}

/** Parameters arrive as text. A text that its type does not allow stays text and is refused. */
function typedQuery(schema: TObject, parameters: ReadonlyMap<string, string>): object {
  const typed = [...parameters].map(([name, text]) => {
    const { type } = schema.properties[name] as { readonly type?: string };
    if (type === 'integer' && /^(?:0|[1-9][0-9]{0,8})$/.test(text)) return [name, Number(text)];
    if (type === 'boolean' && /^(?:true|false)$/.test(text)) return [name, text === 'true'];
    return [name, text];
  });
  return Object.fromEntries(typed);
}

function faultOf(
  schema: TObject | undefined,
  value: unknown,
  problemOf: (faults: readonly ShapeFault[]) => Problem,
): Problem | undefined {
  const faults = schema === undefined ? [] : shapeFaults(schema, value);
  return faults.length === 0 ? undefined : problemOf(faults);
}

function paramsProblem(): Problem {
  return {
    code: 'resource_not_found',
    detail: 'The resource does not exist. The last part of the path is not a valid name.',
  };
}

function queryProblem([fault]: readonly ShapeFault[]): Problem {
  const parameter = fault?.path.slice(1) ?? '';
  return {
    code: 'parameter_invalid',
    detail: `The parameter ${parameter} is invalid. ${fault?.detail ?? ''}`,
    members: { parameter },
  };
}

/** This problem has a code of its own, because the caller can solve it by splitting the push. */
function tooManyRows({ limit }: Operation, body: unknown): Problem | undefined {
  if (limit !== 'ingest' || typeof body !== 'object' || body === null) return undefined;
  const { rows } = body as { readonly rows?: unknown };
  if (!Array.isArray(rows) || rows.length <= maxPushRows) return undefined;
  return {
    code: 'batch_too_large',
    detail: `A push may have at most ${maxPushRows} rows. Split it.`,
    members: { maximum: maxPushRows },
  };
}

function bodyProblem(operation: Operation, faults: readonly ShapeFault[]): Problem {
  const isWhole = faults.some((fault) => fault.path === '' && fault.kind === 'other');
  const problems = faults.map(({ path, detail }) => ({ path, detail }));
  const words = problems.map(({ path, detail }) => `${path}: ${detail}`).join(' ');
  if (operation.limit === 'audience' || isWhole) {
    return lookupBodyProblem(operation, faults) ?? malformedBody(isWhole ? '' : words, problems);
  }
  return { code: 'definition_invalid', detail: words, members: { problems } };
}

function malformedBody(words: string, problems: readonly object[]): Problem {
  const detail = `The body does not fit this route. ${words || 'It must be an object.'}`;
  return { code: 'body_malformed', detail, members: { problems } };
}

/** Members are named like the parameters of the GET, so the problems are the same. */
function lookupBodyProblem(
  operation: Operation,
  faults: readonly ShapeFault[],
): Problem | undefined {
  const known = Object.keys(operation.body?.properties ?? {});
  const unknown = faults.filter((fault) => fault.kind === 'unknown');
  if (operation.limit !== 'audience') return undefined;
  if (unknown.length > 0)
    return unknownParameters(
      unknown.map(({ path }) => path.slice(1)),
      known,
    );
  const isMissing = faults.some((fault) => fault.path === '/identity' && fault.kind === 'missing');
  return isMissing ? identityMissing : undefined;
}
