/** Why rows are rejected, in words. */
import type { RejectionCode } from '@usher/contract/problems';

/** Two words for each code. */
export const codeWords: Readonly<Record<RejectionCode, string>> = {
  value_invalid: 'Unreadable value',
  currency_mismatch: 'Other currency',
  field_unknown: 'Unknown field',
  identity_missing: 'No identity',
  identity_invalid: 'Invalid identity',
  identity_repeated: 'Repeated key',
  identity_conflict: 'Two contacts',
  identity_shared: 'Shared identity',
  contact_suppressed: 'Erased person',
  flow_computed: 'Computed flow',
};

/** A newer server may have a code that this console does not know. */
export function rejectionWords(code: string): string {
  return (codeWords as Readonly<Record<string, string>>)[code] ?? code;
}

/** The server's reason, which continues the name of the column, as a sentence of its own. */
export function sentenceOf(reason: string): string {
  const bare = reason.replace(/^has (?=no |more |fewer |nothing )|^is (?=empty|longer |not )/, '');
  return `${bare.charAt(0).toUpperCase()}${bare.slice(1)}`;
}
