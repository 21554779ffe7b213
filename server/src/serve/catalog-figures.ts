/** Figures of the catalog for the metrics. */
import type { CatalogState } from '../domain/catalog-state.ts';
import { isLive, type Token } from '../domain/token/token.ts';
import type { CatalogFigures } from '../observe/metrics.ts';

const dayMs = 86_400_000;

export function catalogFigures(state: CatalogState, nowMs: number): CatalogFigures {
  const live = [...state.tokens.values()].filter((token) => isLive(token, nowMs));
  const isOverdue = (token: Token) => {
    const organization = state.organizations.get(token.organizationId)?.organization;
    const maxAgeDays = organization?.tokenMaxAgeDays ?? Number.POSITIVE_INFINITY;
    return nowMs - token.createdAtMs > maxAgeDays * dayMs;
  };
  return {
    revision: state.revision,
    organizations: state.organizations.size,
    liveTokens: live.length,
    overdueTokens: live.filter(isOverdue).length,
  };
}
