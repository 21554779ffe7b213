/**
 * Headers of a look-up: `Usher-Freshness` adds how fresh each field is, `Usher-Min-Revision` waits
 * for an earlier write.
 */
import type { IncomingHttpHeaders } from 'node:http';
import type { Problem } from '../../domain/problem.ts';
import { parseRevision } from '../../domain/revision.ts';
import type { DatasetAges } from '../../lookup/dataset-ages.ts';
import type { AgeRequest } from '../../lookup/lookup-contact.ts';
import type { LookupPlan } from '../../lookup/lookup-plan.ts';
import type { ContactReader } from '../../stores/store.ts';
import { minRevisionWaitMs, revisionPollMs } from '../limits.ts';

interface ConditionHeaders {
  readonly freshness: string | undefined;
  readonly minRevision: string | undefined;
}

interface AgeContext {
  readonly datasetAges: DatasetAges;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
}

export function conditionsOf(headers: IncomingHttpHeaders): ConditionHeaders {
  return {
    freshness: headers['usher-freshness']?.toString(),
    minRevision: headers['usher-min-revision']?.toString(),
  };
}

/** The problem of malformed headers, or of a revision that does not show in time. */
export async function refuseConditions(
  reader: ContactReader,
  conditions: ConditionHeaders,
): Promise<Problem | undefined> {
  const { minRevision } = conditions;
  const malformed = checkConditions(conditions);
  if (malformed !== undefined || minRevision === undefined) return malformed;
  return awaitRevision(reader, minRevision);
}

/** How this call uses the ages of values; `undefined` when it does not. */
export function ageRequest(
  { datasetAges, clock }: AgeContext,
  plan: LookupPlan,
  freshness: string | undefined,
): AgeRequest | undefined {
  if (freshness !== '1' && !plan.mayWithhold) return undefined;
  return { datasetAges, nowMs: clock(), isTold: freshness === '1' };
}

/** The problem of malformed headers. */
function checkConditions({ freshness, minRevision }: ConditionHeaders): Problem | undefined {
  if (freshness !== undefined && freshness !== '1' && freshness !== '0') {
    return invalidHeader('Usher-Freshness', 'must be 1 or left out');
  }
  if (minRevision !== undefined && parseRevision(minRevision) === undefined) {
    return invalidHeader('Usher-Min-Revision', 'must be a revision that a write returned');
  }
  return undefined;
}

function invalidHeader(name: string, what: string): Problem {
  return {
    code: 'parameter_invalid',
    detail: `The header ${name} ${what}.`,
    members: { parameter: name },
  };
}

/**
 * Waits for a revision, a second at most.
 * @returns the problem of one that does not show in time
 */
async function awaitRevision(
  reader: ContactReader,
  minRevision: string,
): Promise<Problem | undefined> {
  const wanted = parseRevision(minRevision) ?? 0n;
  const endMs = performance.now() + minRevisionWaitMs;
  while ((await reader.revision()) < wanted) {
    if (performance.now() >= endMs) return notVisible;
    await new Promise((resolve) => {
      setTimeout(resolve, revisionPollMs);
    });
  }
  return undefined;
}

const notVisible: Problem = {
  code: 'precondition_failed',
  detail:
    'The store did not reach the revision in Usher-Min-Revision within a second. Send a revision that a write of this server returned.',
};
