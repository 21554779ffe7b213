/** The plan of a refused change: what it would move, and how somebody else approves it. */
import type { ApiProblem } from '../api/api-problem.ts';
import { Card } from './card.tsx';
import { CopyButton } from './copy-button.tsx';
import { type Moves, MovesTable } from './moves-table.tsx';

/** Whether the change waits for the approval of a plan; else it can be forced. */
export function hasPlan({ facts: { members } }: ApiProblem): boolean {
  return typeof members['plan'] === 'string' && Array.isArray(members['moves']);
}

/** @param error one that has a plan */
export function PlanCard({ error }: { readonly error: ApiProblem }) {
  const { plan, moves } = error.facts.members;
  return (
    <Card
      title="Waits for approval"
      note={`plan ${String(plan).slice(0, 8)}`}
      actions={<CopyButton text={String(plan)} label="Copy the plan" />}
      foot="It waits on the overview for a day. Somebody else approves it: they send the same change with this plan."
    >
      <MovesTable moves={moves as Moves} />
    </Card>
  );
}
