/** One operation: what a caller has to know, and what the server needs to check a call. */
import type { TObject, TSchema } from 'typebox';
import type { ProblemCode } from './problems.ts';
import type { PermissionName } from './roles.ts';

export type ScopeName =
  | 'contacts:read'
  | 'contacts:write'
  | 'admin:read'
  | 'admin:write'
  | 'privacy:write';

export interface OperationAnswer {
  readonly description: string;
  /** The schema of the body, which is JSON unless `mediaType` says otherwise; missing: no body. */
  readonly schema?: TSchema;
  readonly mediaType?: string;
  /** Other forms of the body, as text, which a parameter asks for. */
  readonly otherMediaTypes?: readonly string[];
  /** Header fields beyond those of every answer. */
  readonly headers?: readonly AnswerHeader[];
}

export type AnswerHeader =
  | 'ETag'
  | 'Last-Modified'
  | 'Cache-Control'
  | 'Location'
  | 'Set-Cookie'
  | 'Usher-Omitted'
  | 'Preference-Applied';

export type RequestHeader =
  | 'If-None-Match'
  | 'If-Match'
  | 'Prefer'
  | 'Usher-Actor'
  | 'Usher-Freshness'
  | 'Usher-Min-Revision'
  | 'Idempotency-Key'
  | 'Last-Event-ID'
  | 'X-Request-Id';

export interface Operation {
  /** Unique; camel case. */
  readonly id: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** With parameters in braces. */
  readonly path: string;
  readonly tag: 'Contacts' | 'Ingest' | 'Administration' | 'Privacy' | 'Console' | 'Server';
  readonly summary: string;
  readonly description?: string;
  /**
   * `open`: no token. `optional`: a token that is sent must be valid. `session`: the cookie of a
   * user who is signed in. Else the required scope.
   */
  readonly access: 'open' | 'optional' | 'session' | ScopeName;
  /** A second scope that the token needs, for administration that shows or joins contacts. */
  readonly contactAccess?: 'contacts:read' | 'contacts:write';
  /**
   * What the role of a user must allow. Every operation of administration names one; only these can
   * be called by users, below `/console/api/v1`.
   */
  readonly permission?: PermissionName;
  /** Whether the answer shows contacts, whom the access log then names. */
  readonly showsContacts?: boolean;
  /** Whether a user must have signed in, or confirmed who they are, within the last 5 minutes. */
  readonly needsConfirmation?: boolean;
  /** The rate limit that counts the calls of this operation. */
  readonly limit: 'audience' | 'administration' | 'ingest' | 'none';
  readonly params?: TObject;
  readonly query?: TObject;
  readonly body?: TObject;
  /** Whether the caller may leave the body out. */
  readonly isBodyOptional?: boolean;
  /** Whether the body may be a receipt of thousands of people, which takes megabytes. */
  readonly hasLargeBody?: boolean;
  /** The body is bytes of any kind (`application/octet-stream`), which the handler reads itself. */
  readonly hasRawBody?: boolean;
  /** The handler checks the body itself, beyond its schema, and reports every fault. */
  readonly isBodyJudged?: boolean;
  readonly headers?: readonly RequestHeader[];
  readonly answers: Readonly<Record<number, OperationAnswer>>;
  /** The problems that `problemsOf` does not add to every operation of this kind. */
  readonly problems: readonly ProblemCode[];
}

/**
 * The members of an operation of administration that shows contacts: their values or identities.
 * Without them its code cannot note in the access log whom it shows, and with them it must.
 */
export const showingContacts = {
  showsContacts: true,
  headers: ['Usher-Actor', 'X-Request-Id'],
} as const;

/** Every code that the operation may answer. */
export function problemsOf(operation: Operation): ProblemCode[] {
  const codes: ProblemCode[] = [
    'parameter_unknown',
    'header_repeated',
    'request_malformed',
    'method_not_allowed',
    'request_timeout',
    'headers_too_large',
    'internal',
  ];
  const { access } = operation;
  if (access === 'session') codes.push('session_required');
  else if (access !== 'open') {
    codes.push('token_missing', 'token_invalid', 'address_not_allowed', 'rate_limited');
  }
  const isOpen = access === 'open' || access === 'optional' || access === 'session';
  if (!isOpen) codes.push('scope_missing');
  if (operation.body !== undefined) {
    codes.push('body_malformed', 'body_too_large', 'media_type_unsupported');
  }
  if (operation.hasRawBody === true) codes.push('body_too_large', 'media_type_unsupported');
  if (operation.query !== undefined) codes.push('parameter_invalid');
  if (operation.showsContacts === true) codes.push('access_log_unavailable');
  codes.push('not_acceptable', 'overloaded', ...operation.problems);
  return [...new Set(codes)];
}
