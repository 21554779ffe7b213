/** The receipt of an erasure: what was removed, without a word about whom. */
import type { PrivacyCounts } from '../../catalog/privacy-requests.ts';
import type { SuppressionKeyring } from '../../stores/suppression-files.ts';

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

export function signReceipt(keyring: SuppressionKeyring, unsigned: Omit<Receipt, 'mac'>): Receipt {
  return { ...unsigned, mac: macOf(keyring, unsigned) };
}

export function isSigned(keyring: SuppressionKeyring, { mac, ...unsigned }: Receipt): boolean {
  return macOf(keyring, unsigned) === mac;
}

function macOf(keyring: SuppressionKeyring, unsigned: Omit<Receipt, 'mac'>): string {
  return keyring.mac(canonicalJson(unsigned));
}

/** JSON with sorted members and without spaces, so that a reformatted receipt stays valid. */
function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return `{${members.map(([name, of]) => `${JSON.stringify(name)}:${canonicalJson(of)}`).join(',')}}`;
}
