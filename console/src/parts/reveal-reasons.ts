/** Why a masked value was revealed, in words. */
import type { revealReasons } from '@usher/contract/reveal-schema';
import { wordOf } from '../format/word-of.ts';

export type RevealReason = (typeof revealReasons)[number];

/** Every reason has words: the type says which are missing. */
export const reasonWords: Readonly<Record<RevealReason, string>> = {
  customer_request: 'The person asked',
  complaint: 'A complaint',
  fraud_check: 'A check for fraud',
  data_quality: 'The quality of the data',
  legal: 'A legal duty',
};

/** @param remark a reason, and the number of a ticket if one was given: `complaint CASE-48797` */
export function remarkWords(remark: string): string {
  const [reason = '', ...ticket] = remark.split(' ');
  return [wordOf(reasonWords, reason), ...ticket].join(', ');
}
