/**
 * Erases people. The store keeps what a request asks for until it is done, so any process can go
 * on with a request whose process died.
 */

import { requestAccessErasure } from '../../access/erasure-spool.ts';
import type { PrivacyRequest, WholePrivacyRequest } from '../../catalog/privacy-requests.ts';
import type { OrganizationState } from '../../domain/catalog-state.ts';
import { UsherError } from '../../domain/errors.ts';
import { maxErasedIdentities } from '../../domain/limits.ts';
import { erasureGoesOn, keeping } from '../../stores/kept-words.ts';
import type { ErasureRequest, ErasureStep } from '../../stores/privacy-answer.ts';
import { idWords } from '../../stores/read-record.ts';
import type { IdentityKey } from '../../stores/store.ts';
import { type Administration, rfc3339 } from '../administration.ts';
import { privacySignMs } from '../limits.ts';
import { endRequest, findRequest, receiveRequest } from './perform-request.ts';
import {
  type PrivacyCaller,
  type PrivacyStore,
  requirePrivacy,
  withKeyring,
} from './privacy-caller.ts';
import { signReceipt } from './receipt.ts';

/** What an erasure needs once it has begun. */
export type ErasingStore = Pick<PrivacyStore, 'writer' | 'suppression'>;

export interface StartedErasure {
  readonly id: string;
  /** Resolves with the request when it has ended, or when `interrupted` stopped the work. */
  readonly ended: Promise<WholePrivacyRequest>;
}

/**
 * Erases the contacts of identities. It resolves when the store has taken the request, and goes on
 * with it afterwards.
 * @throws UsherError `scope_missing`, `batch_too_large`, `storage_full`, `store_unavailable`
 */
export async function startErasure(
  caller: PrivacyCaller,
  store: ErasingStore,
  asked: { readonly identities: readonly IdentityKey[]; readonly interrupted?: AbortSignal },
): Promise<StartedErasure> {
  requirePrivacy(caller);
  const { identities, interrupted } = asked;
  if (identities.length > maxErasedIdentities) throw tooMany();
  const id = await receiveRequest(caller, 'erase');
  const { administration, organization } = caller;
  const erasure = new Erasure({ administration, organization, store, id });
  await erasure.requireLists();
  const first = await erasure.step({ identities, looks: 'told' });
  const ended = erasure.finish(first, interrupted).then(() => findRequest(caller, id));
  // Prevents an unhandled rejection; callers that await it still get the error.
  ended.catch(() => undefined);
  return { id, ended };
}

/**
 * Goes on with a request that another process left, until it has ended or `interrupted` stops it.
 * @throws UsherError `storage_full`, `store_unavailable`
 */
export async function continueErasure(
  administration: Administration,
  store: ErasingStore,
  left: {
    readonly request: PrivacyRequest;
    readonly organization: OrganizationState;
    readonly interrupted?: AbortSignal | undefined;
  },
): Promise<void> {
  const { request, organization, interrupted } = left;
  const erasure = new Erasure({ administration, organization, store, id: request.id });
  await erasure.finish(await erasure.goOn({}), interrupted);
}

interface ErasureParts {
  readonly administration: Administration;
  readonly organization: OrganizationState;
  readonly store: ErasingStore;
  readonly id: string;
}

class Erasure {
  readonly #parts: ErasureParts;
  #lastSignMs = 0;

  constructor(parts: ErasureParts) {
    this.#parts = parts;
  }

  /**
   * Ends the request as failed if nothing can be erased now: the store has not taken it, so nobody
   * can go on with it. Makes the folder's own suppression list if it has none.
   * @throws UsherError `storage_full`, `store_unavailable`
   */
  async requireLists(): Promise<void> {
    const { administration, store, id } = this.#parts;
    try {
      await store.writer.ownSuppressionList();
    } catch (error) {
      const failure = error instanceof UsherError ? error.code : 'internal';
      await endRequest(administration, id, { state: 'failed', failure });
      throw error;
    }
  }

  /** @param asked without identities: those that the store keeps */
  async step(asked: Omit<ErasureRequest, 'requestId'>): Promise<ErasureStep> {
    const { organization, store, id } = this.#parts;
    await this.#giveSign();
    const {
      organization: { id: organizationId },
      identityRules: rules,
    } = organization;
    const request = { requestId: id, ...asked };
    try {
      return await store.writer.eraseContacts(organizationId, request, { rules });
    } catch (error) {
      await this.#noteFailure(error);
      throw error;
    }
  }

  /** A step of a request that the store knows. */
  goOn(asked: Pick<ErasureRequest, 'looks'>): Promise<ErasureStep> {
    return keeping(erasureGoesOn, () => this.step(asked));
  }

  async finish(first: ErasureStep, interrupted: AbortSignal | undefined): Promise<void> {
    let step = first;
    while (!step.isDone) {
      if (interrupted?.aborted === true) return;
      await this.#eraseLooks(step.looks);
      step = await this.goOn(step.looks.length > 0 ? { looks: 'erased' } : {});
    }
    const { administration, organization, store, id } = this.#parts;
    const { catalog, clock } = administration;
    const request = await catalog.findPrivacyRequest(organization.organization.id, id);
    if (request === undefined) return;
    const { subjects, keyId } = step;
    const counts = { ...step.counts };
    const receipt = await withKeyring(store, keyId, (keyring) =>
      signReceipt(keyring, {
        ...{ version: 1, request_id: id, organization: organization.organization.name },
        kind: 'erase',
        received_at: rfc3339(request.receivedAtMs),
        ended_at: rfc3339(clock()),
        ...{ key_id: keyId, counts, subjects: [...subjects].sort() },
      }),
    );
    await endRequest(administration, id, { state: 'done', counts, subjects, receipt });
  }

  /** The log of looks removes the digests within seconds: the request for it is on the disk. */
  async #eraseLooks(looks: ErasureStep['looks']): Promise<void> {
    const { organization, store, id } = this.#parts;
    const organizationId = organization.organization.id;
    const subjects = looks.map(({ typeId, digest }) => ({
      ...{ organizationId, typeId },
      words: idWords(Buffer.from(digest, 'hex')),
    }));
    await requestAccessErasure(store.suppression.dataFolder, id, subjects);
  }

  /** Says now and then that a process works on the request. */
  async #giveSign(): Promise<void> {
    const { administration, id } = this.#parts;
    const nowMs = administration.clock();
    if (nowMs - this.#lastSignMs < privacySignMs) return;
    this.#lastSignMs = nowMs;
    await administration.catalog.keepPrivacyRequest(id, { nowMs });
  }

  /** A request stays open while it may succeed later, without its caller. */
  async #noteFailure(error: unknown): Promise<void> {
    const code = error instanceof UsherError ? error.code : undefined;
    if (code === 'storage_full' || code === 'store_unavailable') return;
    const { administration, id } = this.#parts;
    // The store does not know the request: its process died before the store had taken it.
    const failure = code === 'request_malformed' ? 'interrupted' : (code ?? 'internal');
    await endRequest(administration, id, { state: 'failed', failure });
  }
}

function tooMany(): UsherError {
  return new UsherError(
    'batch_too_large',
    `A request may name at most ${maxErasedIdentities} identities. Split it.`,
    { members: { maximum: maxErasedIdentities } },
  );
}
