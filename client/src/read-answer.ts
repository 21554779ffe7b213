/** Turns an HTTP answer of Usher into its JSON or its error. */
import { UsherClientError } from './usher-client-error.ts';

type JsonObject = Readonly<Record<string, unknown>>;

/** @throws {UsherClientError} for every answer that is not a success in JSON */
export async function readAnswer(response: Response): Promise<JsonObject> {
  const body = parseObject(await response.text());
  if (response.ok && body !== null) return body;
  throw problemOf(response, body);
}

function problemOf(response: Response, body: JsonObject | null): UsherClientError {
  const { status } = response;
  const facts = {
    status,
    requestId: response.headers.get('x-request-id'),
    retryAfterMs: retryAfterMs(response.headers.get('retry-after')),
  };
  if (body === null || typeof body['code'] !== 'string') {
    const message = `The answer (status ${status}) does not come from Usher. Check the url.`;
    return new UsherClientError('answer_malformed', message, facts);
  }
  const detail = body['detail'] ?? body['title'] ?? body['code'];
  return new UsherClientError(body['code'], String(detail), { ...facts, problem: body });
}

/** Usher sends whole seconds. A proxy may send a date, which is ignored. */
function retryAfterMs(header: string | null): number | null {
  return header !== null && /^\d+$/.test(header) ? Number(header) * 1_000 : null;
}

function parseObject(text: string): JsonObject | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as JsonObject) : null;
  } catch {
    return null;
  }
}
