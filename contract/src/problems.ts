/**
 * Every problem `code` with its HTTP status and title (RFC 9457). Codes are only ever added. A test
 * keeps `docs/problems.md` complete.
 */

export interface ProblemKind {
  readonly status: number;
  readonly title: string;
}

export const problemKinds = {
  identity_missing: { status: 400, title: 'The identity is missing' },
  identity_malformed: { status: 400, title: 'The identity is malformed' },
  identity_type_unknown: { status: 400, title: 'The identity type is unknown' },
  identity_value_invalid: { status: 400, title: 'The identity value is invalid' },
  parameter_unknown: { status: 400, title: 'A parameter is unknown' },
  parameter_invalid: { status: 400, title: 'A parameter is invalid' },
  field_unavailable: { status: 400, title: 'A requested field is unavailable' },
  body_malformed: { status: 400, title: 'The body is malformed' },
  batch_too_large: { status: 400, title: 'The batch is too large' },
  header_repeated: { status: 400, title: 'A header is repeated' },
  request_malformed: { status: 400, title: 'The request is malformed' },
  token_missing: { status: 401, title: 'The token is missing' },
  token_invalid: { status: 401, title: 'The token is invalid' },
  session_required: { status: 401, title: 'Nobody is signed in' },
  sign_in_failed: { status: 401, title: 'Signing in failed' },
  scope_missing: { status: 403, title: 'The token lacks a scope' },
  identity_type_not_allowed: { status: 403, title: 'The token may not use this identity type' },
  dataset_not_allowed: { status: 403, title: 'The token may not push to this dataset' },
  address_not_allowed: { status: 403, title: 'The token may not be used from this address' },
  role_missing: { status: 403, title: 'The role does not allow this' },
  confirmation_required: { status: 403, title: 'The user must confirm who they are' },
  origin_not_allowed: { status: 403, title: 'The request comes from another site' },
  session_insecure: { status: 403, title: 'Signing in needs TLS' },
  contact_not_found: { status: 404, title: 'The contact was not found' },
  resource_not_found: { status: 404, title: 'The resource was not found' },
  route_unknown: { status: 404, title: 'The route is unknown' },
  method_not_allowed: { status: 405, title: 'The method is not allowed' },
  not_acceptable: { status: 406, title: 'The accepted media types are not available' },
  request_timeout: { status: 408, title: 'The request took too long' },
  revision_conflict: { status: 409, title: 'The revision is stale' },
  name_taken: { status: 409, title: 'The name is taken' },
  uploads_full: { status: 409, title: 'There are too many uploaded files' },
  run_in_progress: { status: 409, title: 'A run is in progress' },
  token_ambiguous: { status: 409, title: 'The token reference matches several tokens' },
  idempotency_conflict: { status: 409, title: 'The idempotency key was used for another request' },
  approval_required: { status: 409, title: 'Approval is required' },
  definition_in_use: { status: 409, title: 'The definition is in use' },
  same_contact: { status: 409, title: 'The identities lead to the same contact' },
  identity_conflict: { status: 409, title: 'The contacts have different stable identities' },
  identity_limit: { status: 409, title: 'The contact would have too many identities' },
  still_joined: { status: 409, title: 'Other evidence still joins the contacts' },
  nothing_to_part: { status: 409, title: 'There is nothing to part' },
  precondition_failed: { status: 412, title: 'A precondition failed' },
  body_too_large: { status: 413, title: 'The body is too large' },
  media_type_unsupported: { status: 415, title: 'The media type is unsupported' },
  definition_invalid: { status: 422, title: 'The definition or the request is invalid' },
  rule_invalid: { status: 422, title: 'The rule is invalid' },
  rules_too_costly: { status: 422, title: 'The rules take too much work' },
  definition_cycle: { status: 422, title: 'The definition would use itself' },
  rate_limited: { status: 429, title: 'The rate limit is reached' },
  headers_too_large: { status: 431, title: 'The headers are too large' },
  internal: { status: 500, title: 'An internal error occurred' },
  store_unavailable: { status: 503, title: 'The store is unavailable' },
  access_log_unavailable: { status: 503, title: 'The access log cannot be written' },
  overloaded: { status: 503, title: 'The server is overloaded' },
  starting: { status: 503, title: 'The server is starting' },
  source_unavailable: { status: 503, title: 'The source is unavailable' },
  storage_full: { status: 507, title: 'The storage is full' },
} as const satisfies Record<string, ProblemKind>;

export type ProblemCode = keyof typeof problemKinds;

/** The start of the `type` member; the code follows. */
export const problemTypeBase = 'https://usher.dev/problems/';

/**
 * Codes of rejected rows, in rejection files and in answers to pushes. They are not problems of a
 * call, even where a code of the problem table has the same name (`identity_missing`).
 */
export const rejectionCodes = [
  'value_invalid',
  'currency_mismatch',
  'field_unknown',
  'identity_missing',
  'identity_invalid',
  'identity_repeated',
  'identity_conflict',
  'identity_shared',
  'contact_suppressed',
  'flow_computed',
] as const;

export type RejectionCode = (typeof rejectionCodes)[number];
