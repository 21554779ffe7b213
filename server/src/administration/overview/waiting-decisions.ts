/** What waits for a decision of a person: runs, changes of definitions, and tokens that end. */
import type { Run, TokenRecord } from '../../catalog/catalog.ts';
import type { ChangePlan } from '../../catalog/change-plans.ts';
import { causesToWait } from '../../domain/dataset/run-plan.ts';
import { reasonOf } from '../../domain/dataset/wait-cause.ts';
import { rangeOf } from '../../domain/flow/planned-moves.ts';
import { planLifeMs } from '../../domain/limits.ts';
import { isLive } from '../../domain/token/token.ts';
import { rfc3339 } from '../administration.ts';
import { endingTokenMs, maxShownReasons, maxShownTokens, usedTokenMs } from '../limits.ts';

export function viewWaitingRun(run: Run, dataset: string) {
  const causes = run.plan === null ? [] : causesToWait(run.plan).slice(0, maxShownReasons);
  return {
    ...{ run_id: run.id, dataset, started_at: rfc3339(run.startedAtMs) },
    ended_at: run.endedAtMs === null ? null : rfc3339(run.endedAtMs),
    reasons: causes.map((cause) => reasonOf(cause)),
    causes,
  };
}

/** @param names of users, by their actors */
export function viewWaitingPlan(
  { id, author, createdAtMs, plan }: ChangePlan,
  names: ReadonlyMap<string, string>,
) {
  return {
    ...{ id, author, author_name: names.get(author) ?? null, created_at: rfc3339(createdAtMs) },
    expires_at: rfc3339(createdAtMs + planLifeMs),
    flows: plan.flows.map(({ name, members, moved, margin }) => {
      const { from, to } = rangeOf({ moved, margin }) ?? { from: moved, to: moved };
      return { name, members, moved, moved_at_least: from, moved_at_most: to };
    }),
    changes: (plan.changes ?? []).map(({ action, target, before, after }) => {
      return { action, target, before, after };
    }),
  };
}

/** Tokens that end soon and are still in use, the first to end first. */
export function viewEndingTokens(tokens: readonly TokenRecord[], nowMs: number) {
  return tokens
    .flatMap((token) => {
      const { id, name, lastCharacters, expiresAtMs, lastUsedAtMs, replacedBy } = token;
      if (!isLive(token, nowMs) || expiresAtMs === null || lastUsedAtMs === null) return [];
      if (expiresAtMs - nowMs > endingTokenMs || nowMs - lastUsedAtMs > usedTokenMs) return [];
      return [
        {
          ...{ id, name, last_characters: lastCharacters, replaced_by: replacedBy },
          expires_at: rfc3339(expiresAtMs),
          last_used_at: rfc3339(lastUsedAtMs),
        },
      ];
    })
    .toSorted((one, other) => (one.expires_at < other.expires_at ? -1 : 1))
    .slice(0, maxShownTokens);
}
