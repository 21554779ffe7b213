/** What a contact is to a segment or a flow. The why stands below it. */
import { IconLineDashed } from '@tabler/icons-react';
import { Badge, type Tone } from './badge.tsx';

export type MembershipState =
  | { readonly kind: 'in' }
  | { readonly kind: 'variant'; readonly name: string; readonly place: number }
  | { readonly kind: 'held_out' }
  | { readonly kind: 'not_in' }
  | { readonly kind: 'reported'; readonly words: string };

const series: readonly Tone[] = ['first', 'second', 'third'];

export function MembershipBadge({ state }: { readonly state: MembershipState }) {
  if (state.kind === 'variant') {
    return <Badge tone={series[state.place % series.length] ?? 'first'}>{state.name}</Badge>;
  }
  if (state.kind === 'in') return <Badge tone="good">In</Badge>;
  if (state.kind === 'reported') return <Badge tone="quiet">{state.words}</Badge>;
  if (state.kind === 'not_in') return <Badge tone="quiet">Not in</Badge>;
  return (
    <Badge tone="quiet">
      <IconLineDashed size={14} stroke={1.8} aria-hidden style={{ transform: 'rotate(-45deg)' }} />
      Held out
    </Badge>
  );
}
