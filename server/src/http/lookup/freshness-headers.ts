/** `Usher-Freshness` reports how fresh each field is, `Usher-Min-Revision` waits for a write. */
import type { IncomingHttpHeaders } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { Problem } from '../../domain/problem.ts';
import { parseRevision } from '../../domain/revision.ts';
import type { AgeRequest } from '../../lookup/lookup-contact.ts';
import type { LookupPlan } from '../../lookup/lookup-plan.ts';
import type { ContactReader } from '../../stores/store.ts';
import { minRevisionWaitMs, revisionPollMs } from '../limits.ts';

interface FreshnessHeaders {
  readonly freshness: string | undefined;
  readonly minRevision: string | undefined;
}

export function freshnessHeaders(headers: IncomingHttpHeaders): FreshnessHeaders {
  return {
    freshness: headers['usher-freshness']?.toString(),
    minRevision: headers['usher-min-revision']?.toString(),
  };
}

/** The problem of malformed headers, or of a revision that the store does not reach in a second. */
export async function refuseFreshness(
  reader: ContactReader,
  { freshness, minRevision }: FreshnessHeaders,
): Promise<Problem | undefined> {
  if (freshness !== undefined && freshness !== '1' && freshness !== '0') {
    return invalidHeader('Usher-Freshness', 'must be 1 or left out');
  }
  if (minRevision === undefined) return undefined;
  const revision = parseRevision(minRevision);
  return revision === undefined
    ? invalidHeader('Usher-Min-Revision', 'must be a revision that a write returned')
    : awaitRevision(reader, revision);
}

/** How this call uses the ages of values; `undefined` when it does not. */
export function ageRequest(
  { datasetAges }: Pick<AgeRequest, 'datasetAges'>,
  plan: LookupPlan,
  freshness: string | undefined,
): AgeRequest | undefined {
  if (freshness !== '1' && !plan.mayWithhold) return undefined;
  return { datasetAges, isTold: freshness === '1' };
}

function invalidHeader(name: string, what: string): Problem {
  return {
    code: 'parameter_invalid',
    detail: `The header ${name} ${what}.`,
    members: { parameter: name },
  };
}

async function awaitRevision(reader: ContactReader, wanted: bigint): Promise<Problem | undefined> {
  const endMs = performance.now() + minRevisionWaitMs;
  while ((await reader.revision()) < wanted) {
    if (performance.now() >= endMs) return notVisible;
    await delay(revisionPollMs);
  }
  return undefined;
}

const notVisible: Problem = {
  code: 'precondition_failed',
  detail:
    'The store did not reach the revision in Usher-Min-Revision within a second. Send a revision that a write of this server returned.',
};
