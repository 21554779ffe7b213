/**
 * What each kind of change does to the dataset's row. An encoded batch holds a kind's index in this
 * list.
 * - `replace` replaces the section and the claims; `patch` sets the fields and claims that it
 *   contains; `clear` removes the row.
 * - `list` gives a known contact an empty section, as a member of the dataset's list. It claims no
 *   identity and creates no contact (`unmatched`).
 * - `membership` merges reports into the contact's memberships. Its row has no section and claims
 *   what it names. It is never `stale`.
 * - `identity` is a row without a section: it claims what it names.
 * - `forget` removes the row of reports, and the dataset's reports from the contact's memberships.
 *   They do not come back when a run of another dataset is rolled back. Reports that they had
 *   replaced do not come back either.
 * - `keep-age` freezes the section's as-of (`section-age.ts`) until a change of another kind writes
 *   the section or finds it unchanged. It does nothing (`unchanged`) if there is no section, if the
 *   run itself wrote the section, or if the as-of is frozen already.
 */
export const changeKinds = [
  'replace',
  'patch',
  'clear',
  'list',
  'membership',
  'forget',
  'keep-age',
  'identity',
] as const;

export type ChangeKind = (typeof changeKinds)[number];
