/** The receipt of an erasure: what was removed, without a word about whom. */
import type { PrivacyCounts } from '../../catalog/privacy-requests.ts';
import type { SuppressionReader } from '../../stores/suppression-reader.ts';

export interface Receipt {
  readonly version: 1;
  readonly request_id: string;
  readonly organization: string;
  readonly kind: 'erase';
  /** RFC 3339. */
  readonly received_at: string;
  readonly ended_at: string;
  /** The key of the digests and of `mac`. */
  readonly key_id: string;
  readonly counts: PrivacyCounts;
  /** Keyed digests of the erased identities, in hexadecimal. */
  readonly subjects: readonly string[];
  /** HMAC-SHA-256 of the receipt without this member, as canonical JSON. */
  readonly mac: string;
}

export function signReceipt(lists: SuppressionReader, unsigned: Omit<Receipt, 'mac'>): Receipt {
  return { ...unsigned, mac: macOf(lists, unsigned) };
}

export function isSigned(lists: SuppressionReader, { mac, ...unsigned }: Receipt): boolean {
  return macOf(lists, unsigned) === mac;
}

function macOf(lists: SuppressionReader, unsigned: Omit<Receipt, 'mac'>): string {
  return lists.mac(unsigned.key_id, canonicalJson(unsigned));
}

/** JSON with sorted members and without spaces, so that a reformatted receipt stays valid. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return `{${members.map(([name, of]) => `${JSON.stringify(name)}:${canonicalJson(of)}`).join(',')}}`;
}
