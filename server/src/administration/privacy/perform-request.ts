/** Records requests of people: when they are received, worked on, and ended. */
import type {
  PrivacyCounts,
  PrivacyEnd,
  PrivacyKind,
  WholePrivacyRequest,
} from '../../catalog/privacy-requests.ts';
import { writeContactId } from '../../domain/contact/contact-id.ts';
import { UsherError } from '../../domain/errors.ts';
import { type Administration, authorOf } from '../administration.ts';
import { contactIdView } from '../contact/identity-view.ts';
import type { PrivacyCaller } from './privacy-caller.ts';

/**
 * Records a request as received.
 * @returns its id
 */
export async function receiveRequest(caller: PrivacyCaller, kind: PrivacyKind): Promise<string> {
  const { administration, organization } = caller;
  const { actor, atMs } = authorOf(administration);
  const id = newRequestId(administration);
  await administration.catalog.receivePrivacyRequest(
    { actor, atMs },
    { id, organizationId: organization.organization.id, kind, actor, receivedAtMs: atMs },
  );
  return id;
}

/** UUIDv7 (RFC 9562). */
function newRequestId({ clock, randomBytes }: Administration): string {
  const random = randomBytes(10);
  const id = Buffer.alloc(16);
  // The counter of a revision is random here: ids only need to differ.
  writeContactId(
    id,
    (BigInt(clock()) << 16n) | BigInt(Buffer.from(random).readUInt16BE(8)),
    random,
    0,
  );
  return contactIdView(id);
}

export interface Performed<T> {
  readonly subjects: readonly string[];
  readonly counts: PrivacyCounts;
  readonly result: T;
}

/**
 * Performs a request that takes one step. What it needs is not kept, so a request whose process
 * died has failed: its caller sends it again.
 */
export async function performRequest<T>(
  caller: PrivacyCaller,
  kind: PrivacyKind,
  work: (id: string) => Promise<Performed<T>>,
): Promise<{ readonly id: string; readonly result: T }> {
  const id = await receiveRequest(caller, kind);
  const { administration } = caller;
  try {
    const { subjects, counts, result } = await work(id);
    await endRequest(administration, id, { state: 'done', counts, subjects });
    return { id, result };
  } catch (error) {
    const failure = error instanceof UsherError ? error.code : 'internal';
    await endRequest(administration, id, { state: 'failed', failure });
    throw error;
  }
}

/** @returns whether the request was open until now */
export function endRequest(
  administration: Administration,
  id: string,
  end: Pick<PrivacyEnd, 'state'> & Partial<PrivacyEnd>,
): Promise<boolean> {
  const unchanged = { counts: null, failure: null, subjects: [], receipt: null };
  return administration.catalog.endPrivacyRequest(authorOf(administration), id, {
    ...unchanged,
    ...end,
  });
}

/** @throws UsherError `resource_not_found` */
export async function findRequest(
  { administration, organization }: PrivacyCaller,
  id: string,
): Promise<WholePrivacyRequest> {
  const { catalog } = administration;
  const found = await catalog.findPrivacyRequest(organization.organization.id, id);
  if (found !== undefined) return found;
  throw new UsherError(
    'resource_not_found',
    'There is no privacy request with this id. List the requests: usher privacy list',
  );
}
