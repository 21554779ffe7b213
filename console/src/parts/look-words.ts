/** What somebody did who looked at a contact, in words. */
import type { accessOutcomes, accessWays } from '@usher/contract/access-words';
import type { PageEntries } from '../api/page-entries.ts';
import { wordOf } from '../format/word-of.ts';
import type { Tone } from './badge.tsx';

export type Look = PageEntries['GET /admin/v1/access-log'];

export function didWords({ way, outcome }: Look): { readonly words: string; readonly tone: Tone } {
  if (outcome === 'contact_not_found') return { words: outcomeWords[outcome], tone: 'quiet' };
  if (outcome === 'failed' || outcome === 'rules_too_costly')
    return { words: outcomeWords.failed, tone: 'bad' };
  const isKnown = outcome === 'success' || outcome === 'not_modified';
  const isGrave = way === 'reveal' || way === 'privacy_export';
  return {
    words: isKnown ? wordOf(lookWords, way) : wordOf(outcomeWords, outcome),
    tone: isKnown && isGrave ? 'decide' : 'quiet',
  };
}

/** Every way to look has words: the type says which are missing. */
export const lookWords: Readonly<Record<(typeof accessWays)[number], string>> = {
  lookup: 'Answered',
  batch: 'Answered in a batch',
  reveal: 'Revealed',
  privacy_export: 'Exported',
  explain: 'Opened',
  list: 'Listed',
  joins: 'Saw the joins',
  amend: 'Corrected',
  preview: 'Saw in a preview',
  search: 'Found',
  identities: 'Saw the identities',
  upload_sample: 'Saw a row of an upload',
};

export const outcomeWords: Readonly<Record<(typeof accessOutcomes)[number], string>> = {
  success: 'Answered',
  not_modified: 'Answered, unchanged',
  contact_not_found: 'Not found',
  rules_too_costly: 'Rules too costly',
  failed: 'Failed',
  withdrawn: 'Refused, not shown',
};

/** The digits that tell one contact from another: `5c1f09aa`. */
export function subjectWords(subject: string): string {
  return subject.slice(0, shownDigits);
}

const shownDigits = 8;

/** `first_name, revenue_lifetime +5` */
export function fieldWords({ fields }: Look): string {
  const more = fields.length - shownFields;
  const shown = fields.slice(0, shownFields).join(', ');
  return more > 0 ? `${shown} +${more}` : shown;
}

const shownFields = 2;
