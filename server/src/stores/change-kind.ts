/** What a change of a contact does, for `store.ts`. */

/**
 * How a change meets the dataset's section: `replace` it whole, `patch` the named fields, or
 * `clear` it away. `list` marks a known contact as being on the dataset's list, by a section
 * without fields; its other identities are not added, and a contact that nobody knows is not made
 * (`unmatched`). `membership` merges reports into what is recorded of the contact's memberships,
 * which is made if it is not known; it leaves sections and source versions alone, and so is never
 * `stale`: `domain/membership/merge-reports.ts` says which report counts. `forget` takes out of the
 * contact's memberships what runs of the dataset reported and counts still, whichever run it was;
 * what these reports beat is not kept, and does not come back. Taking back a run of another dataset
 * later brings none of it back either. `keep-age` leaves a section's values as they are, and has it
 * keep the as-of that it has now, whatever later runs say (`section-age.ts`), until any of the
 * changes above that name the contact writes it or finds it as it is. A section that the run itself
 * wrote, or that keeps its as-of already, stays; so does a contact without one. It is `unchanged`
 * in the report.
 */
export type ChangeKind =
  | 'replace'
  | 'patch'
  | 'clear'
  | 'list'
  | 'membership'
  | 'forget'
  | 'keep-age';
