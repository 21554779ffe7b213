/** Calls of the API with the session's cookie. */
import { activityHeaders } from './activity.ts';
import { ApiProblem, unreachable } from './api-problem.ts';
import { confirmed } from './confirmation.ts';
import type { AnswerOf, CallParts, RouteName } from './operation-types.ts';
import { requireSession } from './session-ended.ts';

interface AnyParts {
  readonly params?: Readonly<Record<string, unknown>> | undefined;
  readonly query?: Readonly<Record<string, unknown>> | undefined;
  readonly body?: unknown;
  /** The tag of what the caller saw: the call fails if it has changed since. */
  readonly ifMatch?: string | undefined;
  /** Whether a change may only create. */
  readonly mustBeNew?: boolean | undefined;
}

/** An answer, and the tag that names its state. */
export interface Tagged<Answer> {
  readonly answer: Answer;
  readonly tag: string | undefined;
}

/**
 * Calls an operation of the contract, as the user who is signed in.
 * @param route the method and the path of the contract, such as `GET /admin/v1/tokens`
 * @param signal aborts the call; the promise then rejects with the signal's reason
 * @throws {ApiProblem} for every answer but a good one
 */
export async function call<Route extends RouteName>(
  route: Route,
  parts: CallParts<Route>,
  signal?: AbortSignal,
): Promise<AnswerOf<Route>> {
  return (await callTagged(route, parts, signal === undefined ? {} : { signal })).answer;
}

interface Conditions extends Pick<AnyParts, 'ifMatch' | 'mustBeNew'> {
  readonly signal?: AbortSignal;
}

/**
 * The same with the tag of the answer. A change that is sent with it (`ifMatch`) fails with
 * `precondition_failed` if somebody else was faster, and so does one that may only create
 * (`mustBeNew`).
 */
export async function callTagged<Route extends RouteName>(
  route: Route,
  parts: CallParts<Route>,
  { signal, ...conditions }: Conditions = {},
): Promise<Tagged<AnswerOf<Route>>> {
  const path = route.replace(' /admin/v1/', ' /console/api/v1/');
  const { answer, tag } = await sendTagged(path, { ...parts, ...conditions }, signal);
  // The server checks its answers against the contract in its tests; nobody checks them here.
  return { answer: answer as AnswerOf<Route>, tag };
}

/**
 * Calls a route of the node.
 * @param route the method and the path, with parameters in braces
 */
export async function send(route: string, parts: AnyParts, signal?: AbortSignal): Promise<unknown> {
  return (await sendTagged(route, parts, signal)).answer;
}

function sendTagged(
  route: string,
  parts: AnyParts,
  signal?: AbortSignal,
): Promise<Tagged<unknown>> {
  return confirmed(async () => {
    const response = await request(route, parts, signal);
    const answer = await readBody(response);
    if (response.ok) return { answer, tag: response.headers.get('ETag') ?? undefined };
    throw problemFrom(response, answer);
  });
}

export interface Downloaded {
  readonly name: string;
  readonly content: Blob;
}

type FileRoute =
  | 'POST /admin/v1/access-log/export'
  | 'POST /admin/v1/audit/export'
  | 'POST /admin/v1/runs/{id}/rejections/export';

/**
 * Calls an operation whose answer is a file.
 * @throws {ApiProblem} for every answer but a good one, and if the connection breaks meanwhile
 */
export async function download<Route extends FileRoute>(
  route: Route,
  parts: CallParts<Route>,
): Promise<Downloaded> {
  const response = await request(route.replace(' /admin/v1/', ' /console/api/v1/'), parts);
  if (!response.ok) throw problemFrom(response, await readBody(response));
  const named = /filename="([^"]+)"/.exec(response.headers.get('Content-Disposition') ?? '');
  const content = await response.blob().catch((cause: unknown) => {
    throw unreachable(cause);
  });
  return { name: named?.[1] ?? 'export', content };
}

async function request(route: string, parts: AnyParts, signal?: AbortSignal): Promise<Response> {
  const [method = 'GET', path = ''] = route.split(' ');
  requireSession(path);
  const { body, ifMatch, mustBeNew = false } = parts;
  const wanted: RequestInit = {
    method,
    credentials: 'same-origin',
    headers: {
      Accept: 'application/json',
      ...activityHeaders(),
      ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      ...(ifMatch === undefined ? {} : { 'If-Match': ifMatch }),
      ...(mustBeNew ? { 'If-None-Match': '*' } : {}),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(signal === undefined ? {} : { signal }),
  };
  return fetchAnswer(addressOf(path, parts), wanted);
}

/** The path with its parameters and its query. */
function addressOf(path: string, { params = {}, query = {} }: AnyParts): string {
  const filled = path.replace(/\{([a-z_]+)\}/g, (_whole, name: string) =>
    encodeURIComponent(String(params[name])),
  );
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== '') search.set(name, String(value));
  }
  return search.size === 0 ? filled : `${filled}?${search}`;
}

async function fetchAnswer(address: string, wanted: RequestInit): Promise<Response> {
  const { signal } = wanted;
  // A change may take long. A time limit would report it as failed although it succeeds.
  const patience = wanted.method === 'GET' ? [AbortSignal.timeout(patienceMs)] : [];
  const ends = [...(signal ? [signal] : []), ...patience];
  try {
    return await fetch(address, { ...wanted, signal: AbortSignal.any(ends) });
  } catch (cause) {
    signal?.throwIfAborted();
    throw unreachable(cause);
  }
}

/** Nothing that is read takes so long, even on a busy node. */
const patienceMs = 30_000;

async function readBody(response: Response): Promise<unknown> {
  const isJson = /^application\/(?:problem\+)?json/.test(
    response.headers.get('Content-Type') ?? '',
  );
  if (response.status === 204 || !isJson) return undefined;
  try {
    return await response.json();
  } catch {
    return undefined;
  }
}

function problemFrom(response: Response, answer: unknown): ApiProblem {
  const { code, title, detail, request_id, type, status, ...members } = {
    ...(answer as Partial<Record<string, unknown>> | undefined),
  };
  const requestId = response.headers.get('X-Request-Id') ?? undefined;
  if (typeof code !== 'string') {
    return new ApiProblem({
      code: 'not_understood',
      status: response.status,
      title: 'The answer could not be read',
      detail: `The server answered ${response.status} without a reason. A proxy may have answered instead.`,
      requestId,
      members: {},
    });
  }
  return new ApiProblem({
    code: code as ApiProblem['code'],
    status: response.status,
    title: String(title),
    detail: String(detail),
    requestId: typeof request_id === 'string' ? request_id : requestId,
    members,
  });
}
