/**
 * The words of the access log. Its files hold the place of a word in its list, so that new ones are
 * added at the end.
 */

/** How a contact was looked at. */
export const accessWays = [
  'lookup',
  'batch',
  'explain',
  'list',
  'joins',
  'reveal',
  'privacy_export',
  'amend',
  'preview',
  'search',
  'identities',
  'upload_sample',
] as const;

/**
 * What came of a look: `success`, or a code of the problem table. `withdrawn` takes back the entry
 * of the same caller, contact and field before it: that value was not shown.
 */
export const accessOutcomes = [
  'success',
  'not_modified',
  'contact_not_found',
  'rules_too_costly',
  'failed',
  'withdrawn',
] as const;
