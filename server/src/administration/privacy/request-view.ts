/** Shows requests of people. */
import type {
  PrivacyCounts,
  PrivacyFilter,
  PrivacyKind,
  PrivacyRequest,
  PrivacyState,
  WholePrivacyRequest,
} from '../../catalog/privacy-requests.ts';
import { rfc3339 } from '../administration.ts';
import { findRequest } from './perform-request.ts';
import { type PrivacyCaller, requirePrivacy } from './privacy-caller.ts';

export interface PrivacyRequestView {
  readonly id: string;
  readonly kind: PrivacyKind;
  readonly state: PrivacyState;
  /** `operator:<name>` or `token:<id>`. */
  readonly actor: string;
  /** RFC 3339. */
  readonly received_at: string;
  readonly ended_at: string | null;
  readonly counts: PrivacyCounts | null;
  /** A code of the problem table, or `interrupted`. */
  readonly failure: string | null;
}

export interface WholePrivacyRequestView extends PrivacyRequestView {
  /** Keyed digests, in hexadecimal. */
  readonly subjects: readonly string[];
  readonly receipt: unknown;
}

/** @throws UsherError `scope_missing` */
export async function listRequests(
  caller: PrivacyCaller,
  filter: PrivacyFilter,
): Promise<readonly PrivacyRequestView[]> {
  requirePrivacy(caller);
  const { catalog } = caller.administration;
  const { id } = caller.organization.organization;
  return (await catalog.listPrivacyRequests(id, filter)).map(viewRequest);
}

/** @throws UsherError `resource_not_found`, `scope_missing` */
export async function readRequest(
  caller: PrivacyCaller,
  id: string,
): Promise<WholePrivacyRequestView> {
  requirePrivacy(caller);
  return viewWhole(await findRequest(caller, id));
}

export function viewWhole(request: WholePrivacyRequest): WholePrivacyRequestView {
  const { subjects, receipt } = request;
  return { ...viewRequest(request), subjects, receipt };
}

export function viewRequest(request: PrivacyRequest): PrivacyRequestView {
  const { id, kind, state, actor, receivedAtMs, endedAtMs, counts, failure } = request;
  return {
    ...{ id, kind, state, actor },
    received_at: rfc3339(receivedAtMs),
    ended_at: endedAtMs === null ? null : rfc3339(endedAtMs),
    ...{ counts, failure },
  };
}
