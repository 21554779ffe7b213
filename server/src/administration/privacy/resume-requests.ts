/** Goes on with requests whose process died. */
import type { PrivacyRequest } from '../../catalog/privacy-requests.ts';
import { UsherError } from '../../domain/errors.ts';
import type { Administration } from '../administration.ts';
import { privacySilenceMs } from '../limits.ts';
import { continueErasure, type ErasingStore } from './erase-contacts.ts';
import { endRequest } from './perform-request.ts';

export interface ResumedRequests {
  /** How many ended. */
  readonly ended: number;
  /** Of these, those that ended as failed. */
  readonly failed: readonly { readonly id: string; readonly failure: string }[];
}

/**
 * Goes on with the requests of all organizations that no process works on. Several processes may
 * call it at once: each request is taken by one.
 * @param openStore called if there is such a request
 * @throws UsherError `storage_full`, `store_unavailable`
 */
export async function resumeRequests(
  administration: Administration,
  openStore: () => Promise<ErasingStore>,
  interrupted?: AbortSignal,
): Promise<ResumedRequests> {
  const { catalog, clock } = administration;
  const silentSinceMs = clock() - privacySilenceMs;
  let ended = 0;
  const failed: { readonly id: string; readonly failure: string }[] = [];
  for (const request of await catalog.listSilentPrivacyRequests(silentSinceMs)) {
    if (interrupted?.aborted === true) break;
    const taken = { nowMs: clock(), silentSinceMs };
    if (!(await catalog.keepPrivacyRequest(request.id, taken))) continue;
    try {
      await resume(administration, openStore, { request, interrupted });
    } catch (error) {
      // Any other error has ended the request as failed.
      const code = error instanceof UsherError ? error.code : undefined;
      if (code === 'storage_full' || code === 'store_unavailable') throw error;
    }
    ended += 1;
    const { id, organizationId } = request;
    const now = await catalog.findPrivacyRequest(organizationId, id);
    if (now?.state === 'failed') failed.push({ id, failure: now.failure ?? 'internal' });
  }
  return { ended, failed };
}

/** Erasures of all organizations that have not ended, whoever works on them; oldest first. */
export async function listOpenErasures({
  catalog,
}: Administration): Promise<readonly PrivacyRequest[]> {
  const open = await catalog.listSilentPrivacyRequests(Number.MAX_SAFE_INTEGER);
  return open.filter(({ kind }) => kind === 'erase');
}

/** Of these erasures, those that have ended as failed: they erased nobody. */
export async function listFailedErasures(
  { catalog }: Administration,
  erasures: readonly PrivacyRequest[],
): Promise<readonly PrivacyRequest[]> {
  const now = erasures.map(({ organizationId, id }) => {
    return catalog.findPrivacyRequest(organizationId, id);
  });
  return (await Promise.all(now)).filter((it) => it?.state === 'failed') as PrivacyRequest[];
}

/**
 * Erasures whose process died before the store had taken them. Only the newest erasure of each
 * organization counts: after an interrupted one, people send the same request again.
 */
export async function listLostErasures(
  { catalog }: Administration,
  organizationIds: readonly number[],
): Promise<readonly PrivacyRequest[]> {
  const newest = organizationIds.map((id) => {
    return catalog.listPrivacyRequests(id, { kind: 'erase', limit: 1 });
  });
  return (await Promise.all(newest)).flat().filter(({ failure }) => failure === 'interrupted');
}

async function resume(
  administration: Administration,
  openStore: () => Promise<ErasingStore>,
  left: { readonly request: PrivacyRequest; readonly interrupted: AbortSignal | undefined },
): Promise<void> {
  const { request } = left;
  const state = await administration.catalog.loadState();
  const organization = state.organizations.get(request.organizationId);
  if (request.kind === 'erase' && organization !== undefined) {
    return continueErasure(administration, await openStore(), { ...left, organization });
  }
  await endRequest(administration, request.id, { state: 'failed', failure: 'interrupted' });
}
