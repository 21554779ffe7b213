/** The header fields of requests and answers in OpenAPI. */
import type { JsonObject } from './json-object.ts';
import type { AnswerHeader, RequestHeader } from './operation.ts';

const printable = '^[\\x20-\\x7e]*$';

function line(description: string, maxLength = 256, pattern = printable): JsonObject {
  return { description, schema: { type: 'string', maxLength, pattern } };
}

const seconds = { type: 'integer', format: 'int32', minimum: 1, maximum: 3_600 };

export const answerHeaders: Readonly<Record<AnswerHeader, JsonObject>> & JsonObject = {
  'X-Request-Id': line('The id of the request: the caller’s own if it is well-formed.', 128),
  RateLimit: line(
    'What is left: "org";r=<units left>;t=<seconds until all are free>; of a token with a share also "token".',
  ),
  'RateLimit-Policy': line(
    'The limit: "org";q=<units>;w=<seconds>; of a token with a share also "token".',
  ),
  'Retry-After': { description: 'Whole seconds to wait.', schema: seconds },
  'WWW-Authenticate': line('Bearer, with the error by RFC 6750.'),
  ETag: line('Changes when the body does.'),
  'Last-Modified': line(
    'When the record was last written; informational. Not for a token with a list of fields.',
  ),
  'Cache-Control': line('Whether the answer may be kept.'),
  Location: line('Where the new resource is.'),
  'Usher-Omitted': line(
    'Requested names that are left out: "first name";reason=unknown. Reasons: unknown, not_content, not_allowed. 20 at most, then "...";more=12.',
    4_096,
  ),
  'Preference-Applied': line('handling=strict, when it was asked for.'),
};

/** Without examples: a reference page would send each one, and they change the answer. */
export const requestHeaders: Readonly<Record<RequestHeader, JsonObject>> = {
  'If-None-Match': line('Answer 304 if the ETag is still this one.', 1_024),
  'If-Match': line('Change it only when its ETag is still this one.', 1_024),
  Prefer: line('handling=strict: a name that cannot be answered is a problem.', 1_024),
  'Usher-Freshness': line('1: tell how fresh each field is, beside the contact.', 1, '^[01]$'),
  'Usher-Min-Revision': line(
    'A revision that a write answered, as 019ab4c2d1e00001: the answer shows that write. It waits a second at most.',
    16,
    '^[0-9a-f]{16}$',
  ),
  'Idempotency-Key': line(
    'Any text of the caller’s own, new for each request: sent again within 24 hours, the same request gets the same answer and changes nothing.',
    255,
    '^[\\x21-\\x7e]{1,255}$',
  ),
  'X-Request-Id': line(
    'An id of the caller’s own for this request.',
    128,
    '^[A-Za-z0-9._-]{1,128}$',
  ),
};
