/** The first identities of a contact, one chip each. */
import { IdentityChip, type IdentityView } from './identity-chip.tsx';

interface ChipsParts {
  readonly identities: readonly IdentityView[];
  readonly most: number;
}

export function IdentityChips({ identities, most }: ChipsParts) {
  return identities.slice(0, most).map((identity, place) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: masked identities may be alike
    <IdentityChip identity={identity} key={place} />
  ));
}
