/**
 * Keeps the answer of a push for a day under the caller's key, written in the push's own
 * transaction. Of key and request only keyed digests are stored, so that nobody can test whether a
 * row was pushed. Database `once`, big endian: u8 0,
 * organization u16, key 16 -> JSON of `KeptPush`; u8 1, milliseconds u48, organization u16, key 16
 * -> u8 1, which lists the keys in the order of time for their removal.
 */
import { createHmac } from 'node:crypto';
import { UsherError } from '../../../domain/errors.ts';
import { samePeople } from '../../contact-change.ts';
import { idempotencyMs, keysForgottenPerPush } from '../../limits.ts';
import type { PushOnce, PushReport } from '../../store.ts';
import type { KeyedDatabase } from '../keyed-database.ts';

type KeptReport = Omit<PushReport, 'keptNote'>;

interface KeptPush {
  readonly fingerprint: string;
  readonly atMs: number;
  readonly note: string;
  readonly report: KeptReport;
}

/** @param secret of the data folder: without it, nobody can tell what the digests stand for */
export function keyedOnce(secret: Uint8Array, { key, fingerprint, note }: PushOnce): PushOnce {
  const keyed = (kind: string, text: string) =>
    createHmac('sha256', secret).update(`push ${kind}\0${text}`).digest('hex');
  return { key: keyed('key', key).slice(0, 32), fingerprint: keyed('request', fingerprint), note };
}

const answerKind = 0;
const timeKind = 1;

export class KeptPushes {
  readonly #once: KeyedDatabase;

  constructor(once: KeyedDatabase) {
    this.#once = once;
  }

  /**
   * The kept answer of the same push.
   * @throws `idempotency_conflict` if the key was used for another push
   */
  find(organizationId: number, once: PushOnce, nowMs: number): KeptPush | undefined {
    const bytes = this.#once.getBinaryFast(answerKey(organizationId, once.key));
    if (bytes === undefined) return undefined;
    const stored = JSON.parse(bytes.toString('utf8', 0, this.#once.lastSize)) as KeptPush;
    // An earlier release did not report what happened to people.
    const kept = { ...stored, report: { ...samePeople, ...stored.report } };
    if (nowMs - kept.atMs >= idempotencyMs) return undefined;
    if (kept.fingerprint === once.fingerprint) return kept;
    throw new UsherError(
      'idempotency_conflict',
      'The Idempotency-Key was used for another request within the last 24 hours. Use a new key for each new request, and the same key only to repeat one.',
    );
  }

  keep(organizationId: number, once: PushOnce, push: { report: KeptReport; nowMs: number }): void {
    const { report, nowMs } = push;
    const { fingerprint, note } = once;
    const kept: KeptPush = { fingerprint, atMs: nowMs, note, report };
    const key = answerKey(organizationId, once.key);
    this.#once.put(key, Buffer.from(JSON.stringify(kept)));
    this.#once.put(timeKey(nowMs, key), Uint8Array.of(1));
    this.#forget(nowMs);
  }

  /**
   * Removes more keys than were added, so that the keys of one day are gone within the next day.
   */
  #forget(nowMs: number): void {
    const start = Uint8Array.of(timeKind);
    const end = timeKey(Math.max(0, nowMs - idempotencyMs), new Uint8Array(0));
    const outdated = [...this.#once.getRange({ start, end, limit: keysForgottenPerPush })];
    for (const { key } of outdated) {
      const at = Buffer.from(key);
      const answer = Buffer.concat([Uint8Array.of(answerKind), at.subarray(7)]);
      const bytes = this.#once.getBinaryFast(answer);
      const text = bytes?.toString('utf8', 0, this.#once.lastSize);
      // A key that was used again after its day has a newer answer, which stays.
      const isOwn = text !== undefined && (JSON.parse(text) as KeptPush).atMs === timeOf(at);
      if (isOwn) this.#once.remove(answer);
      this.#once.remove(at);
    }
  }
}

function answerKey(organizationId: number, key: string): Buffer {
  const bytes = Buffer.alloc(19);
  bytes[0] = answerKind;
  bytes.writeUInt16BE(organizationId, 1);
  bytes.write(key, 3, 'hex');
  return bytes;
}

function timeKey(ms: number, answer: Uint8Array): Buffer {
  const head = Buffer.alloc(7);
  head[0] = timeKind;
  head.writeUIntBE(Math.trunc(ms), 1, 6);
  return Buffer.concat([head, answer.subarray(1)]);
}

function timeOf(key: Buffer): number {
  return key.readUIntBE(1, 6);
}
