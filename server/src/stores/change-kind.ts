/** The kinds of change that a row can ask for. */

/**
 * What a change does to the contact.
 *
 * - `replace` replaces the dataset's section; `patch` sets the fields that it names; `clear`
 *   removes the section.
 * - `list` gives a known contact an empty section, as a member of the dataset's list. It adds no
 *   identities and creates no contact (`unmatched`).
 * - `membership` merges reports into the contact's memberships, and creates the contact if needed.
 *   It does not touch sections or source versions, so it is never `stale`.
 *   `domain/membership/merge-reports.ts` decides which report counts.
 * - `forget` removes from the contact's memberships every report of the dataset that still counts.
 *   Reports that these replaced do not come back, not even when a run of another dataset is rolled
 *   back.
 * - `keep-age` leaves the values and freezes the section's as-of (`section-age.ts`) until one of
 *   the other kinds writes the section or finds it unchanged. It does nothing (`unchanged`) if
 *   there is no section, or the run wrote it itself, or its as-of is frozen already.
 */
export type ChangeKind =
  | 'replace'
  | 'patch'
  | 'clear'
  | 'list'
  | 'membership'
  | 'forget'
  | 'keep-age';
