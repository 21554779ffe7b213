/** Plans: changes of definitions that would move many members of flows, and wait for approval. */
import type { PlannedMoves } from '../domain/flow/planned-moves.ts';

export interface ChangePlan {
  /** A UUID. */
  readonly id: string;
  readonly organizationId: number;
  /** Who asked, as in the audit log. */
  readonly author: string;
  readonly createdAtMs: number;
  readonly plan: PlannedMoves;
  /** Who approved it, as in the audit log. It was carried out then. `null`: nobody yet. */
  readonly approvedBy: string | null;
}
