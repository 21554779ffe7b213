/** The errors for joins and partings that the store refuses. */
import { type ProblemCode, UsherError } from '../../domain/errors.ts';
import type { JoinRefusal } from '../../stores/join-answer.ts';

type Refusal = readonly [code: ProblemCode, detail: string];

const differentPeople: Refusal = [
  'identity_conflict',
  'The contacts have different values of the stable identity type, so they are two people. If they are one person, correct the value in its source first.',
];

const refusals: Readonly<Record<JoinRefusal, Refusal>> = {
  contact_not_found: [
    'contact_not_found',
    'No contact has this identity. Check its type and spelling, or import the contact.',
  ],
  same_contact: [
    'same_contact',
    'Both identities lead to the same contact already. There is nothing to join.',
  ],
  identity_conflict: differentPeople,
  identity_parted: differentPeople,
  identity_shared: differentPeople,
  identity_limit: [
    'identity_limit',
    'Together the contacts would have too many identities. Raise max_per_contact of the identity type, or remove identities in their sources.',
  ],
  not_found: [
    'resource_not_found',
    'The log has no merge and no join of this name. List them: usher contact joins',
  ],
  still_joined: [
    'still_joined',
    'Rows or another merge also join the two contacts. Nothing was changed. Part an identity from the contact with a split, or change the rows of the source.',
  ],
  nothing_to_part: [
    'nothing_to_part',
    'The contact has no row with another row key, so there is nothing to part the identity from.',
  ],
};

export function refusedJoin(refusal: JoinRefusal): UsherError {
  return new UsherError(...refusals[refusal]);
}
