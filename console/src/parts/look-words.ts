/** What somebody did who looked at a contact, in words. */
import type { PageEntries } from '../api/page-entries.ts';
import { wordOf } from '../format/word-of.ts';
import type { Tone } from './badge.tsx';

export type Look = PageEntries['GET /admin/v1/access-log'];

export function didWords({ way, outcome }: Look): { readonly words: string; readonly tone: Tone } {
  if (outcome === 'contact_not_found') return { words: 'Not found', tone: 'quiet' };
  if (outcome === 'failed' || outcome === 'rules_too_costly')
    return { words: 'Failed', tone: 'bad' };
  const isKnown = outcome === 'success' || outcome === 'not_modified';
  const isGrave = way === 'reveal' || way === 'privacy_export';
  return {
    words: wordOf(lookWords, isKnown ? way : outcome),
    tone: isKnown && isGrave ? 'decide' : 'quiet',
  };
}

/** By the word of the API. */
export const lookWords: Readonly<Record<string, string>> = {
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

/** `first_name, revenue_lifetime +5` */
export function fieldWords({ fields }: Look): string {
  const more = fields.length - shownFields;
  const shown = fields.slice(0, shownFields).join(', ');
  return more > 0 ? `${shown} +${more}` : shown;
}

const shownFields = 2;
