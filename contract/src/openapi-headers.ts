/** The header fields of requests and answers in OpenAPI. */
import type { JsonObject } from './json-object.ts';
import type { AnswerHeader, RequestHeader } from './operation.ts';

const printable = '^[\\x20-\\x7e]*$';

/** Only answers of the console have it, and the document leaves those out. */
type ConsoleHeader = 'Set-Cookie';

function line(description: string, maxLength = 256, pattern = printable): JsonObject {
  return { description, schema: { type: 'string', maxLength, pattern } };
}

const seconds = { type: 'integer', format: 'int32', minimum: 1, maximum: 3_600 };

export const answerHeaders: Readonly<Record<Exclude<AnswerHeader, ConsoleHeader>, JsonObject>> &
  JsonObject = {
  'X-Request-Id': line('The id of the request: yours if it is well-formed, or a new one.', 128),
  RateLimit: line(
    'What is left of the rate limit: "org";r=<units left>;t=<seconds until all are free>. A token with a share has a second member, "token".',
  ),
  'RateLimit-Policy': line(
    'The rate limit: "org";q=<units>;w=<seconds>. A token with a share has a second member, "token".',
  ),
  'Retry-After': { description: 'Whole seconds to wait.', schema: seconds },
  'WWW-Authenticate': line('Bearer, with the error as RFC 6750 defines it.'),
  ETag: line('Changes when the body changes.'),
  'Last-Modified': line(
    'When the contact was last written, for information only. Missing if the token has a list of fields.',
  ),
  'Cache-Control': line('Whether the answer may be stored.'),
  Location: line('The path of the new resource.'),
  'Usher-Omitted': line(
    'Requested fields that are left out: "first name";reason=unknown. The reasons are unknown, not_content and not_allowed. It names at most 20; "...";more=12 counts the others.',
    4_096,
  ),
  'Preference-Applied': line('handling=strict, when it was asked for.'),
};

/**
 * The headers have no examples: a reference page would send the examples with each call, and these
 * headers change the answer.
 */
export const requestHeaders: Readonly<Record<RequestHeader, JsonObject>> = {
  'If-None-Match': line(
    'Of a GET: answers 304 if the ETag is still this one. Of a change that may create: * makes it only if there is nothing of this name.',
    1_024,
  ),
  'If-Match': line('Makes the change only if the ETag is still this one.', 1_024),
  Prefer: line(
    'handling=strict: a requested field that cannot be returned is a problem (field_unavailable).',
    1_024,
  ),
  'Usher-Actor': line(
    "Who looks, as the caller knows them, such as an agent's id: 1 to 128 printable ASCII characters. The access log notes it as claimed.",
    128,
    '^[\\x20-\\x7e]+$',
  ),
  'Usher-Freshness': line('1: the answer also says how fresh each field is.', 1, '^[01]$'),
  'Usher-Min-Revision': line(
    'A revision that a write returned, such as 019ab4c2d1e00001: the answer shows that write. The look-up waits at most a second for it.',
    16,
    '^[0-9a-f]{16}$',
  ),
  'Idempotency-Key': line(
    'A text that you choose, new for each request. If you send the same request with the same key again within 24 hours, you get the same answer, and nothing changes.',
    255,
    '^[\\x21-\\x7e]{1,255}$',
  ),
  'Last-Event-ID': line(
    'The id of the last event that you got. The stream goes on after it, or begins with reset.',
    64,
    '^[0-9A-Za-z-]{1,64}$',
  ),
  'X-Request-Id': line('Your id for this request.', 128, '^[A-Za-z0-9._-]{1,128}$'),
};
