/**
 * What each kind of change does to the contact. An encoded batch holds a kind's index in this list.
 * - `replace` replaces the dataset's section; `patch` sets the fields that it contains; `clear`
 *   removes the section.
 * - `list` gives a known contact an empty section, as a member of the dataset's list. It adds no
 *   identities and creates no contact (`unmatched`).
 * - `membership` merges reports into the contact's memberships, and creates the contact if needed.
 *   It does not touch sections or source versions, so it is never `stale`.
 * - `forget` removes the dataset's reports from the contact's memberships. They do not come back
 *   when a run of another dataset is rolled back. Reports that they had replaced do not come back
 *   either.
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
] as const;

export type ChangeKind = (typeof changeKinds)[number];
