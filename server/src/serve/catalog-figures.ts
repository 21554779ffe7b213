/** What the metrics tell of a catalog. */
import type { CatalogSnapshot } from '../domain/catalog-snapshot.ts';
import { isLive, type Token } from '../domain/token/token.ts';
import type { CatalogFigures } from '../observe/metrics.ts';

const dayMs = 86_400_000;

export function catalogFigures(snapshot: CatalogSnapshot, nowMs: number): CatalogFigures {
  const live = [...snapshot.tokens.values()].filter((token) => isLive(token, nowMs));
  const isOverdue = (token: Token) => {
    const organization = snapshot.organizations.get(token.organizationId)?.organization;
    const maxAgeDays = organization?.tokenMaxAgeDays ?? Number.POSITIVE_INFINITY;
    return nowMs - token.createdAtMs > maxAgeDays * dayMs;
  };
  return {
    revision: snapshot.revision,
    organizations: snapshot.organizations.size,
    liveTokens: live.length,
    overdueTokens: live.filter(isOverdue).length,
  };
}
