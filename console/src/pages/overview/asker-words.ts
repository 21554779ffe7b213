/** Who asked for a change, at the start of a sentence. */
import type { Overview } from '../../parts/use-overview.ts';

type WaitingPlan = Overview['waiting']['plans'][number];

/** Who cannot see all users is told the name with the plan. */
export function askerWords(
  { author, author_name: name }: WaitingPlan,
  authorWords: (author: string, toldName: string | null) => string,
): string {
  const words = authorWords(author, name);
  return words === name ? name : words.charAt(0).toUpperCase() + words.slice(1);
}
