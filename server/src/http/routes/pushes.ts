/** Accepts rows that other systems push. `sync/push/push-rows.ts` applies them. */
import { hash } from 'node:crypto';
import { pushContacts, pushIdentities } from '@usher/contract/ingest-operations';
import type { Problem } from '../../domain/problem.ts';
import { formatRevision } from '../../domain/revision.ts';
import type { PushOnce } from '../../stores/store.ts';
import { compilePushMapping, type PushMapping } from '../../sync/push/push-mapping.ts';
import { type PushReport, pushRows } from '../../sync/push/push-rows.ts';
import type { Answer } from '../answer.ts';
import type { ApiContext } from '../api-context.ts';
import { type Caller, isProblem } from '../authenticate.ts';
import { type Call, guardedRoute } from '../guarded-route.ts';
import { jsonAnswer } from '../json-answer.ts';
import { maxIdempotencyKeyLength } from '../limits.ts';

export const pushRoutes = [
  guardedRoute({
    operation: pushContacts,
    handle: (call, context) => push(call, context, 'contact'),
  }),
  guardedRoute({
    operation: pushIdentities,
    handle: (call, context) => push(call, context, 'identity'),
  }),
];

type PushCall = Call<typeof pushContacts> | Call<typeof pushIdentities>;

async function push(
  { body, caller, headers, limitHead }: PushCall,
  context: ApiContext,
  kind: PushedKind,
): Promise<Answer | Problem> {
  const mapping = pushMapping(caller, body.dataset, kind);
  if (isProblem(mapping)) return mapping;
  const once = readOnce(headers['idempotency-key']?.toString(), body);
  if (once !== null && isProblem(once)) return once;
  const report = await context.pushes.run(async () =>
    pushRows(await context.writer(), {
      organizationId: caller.organization.organization.id,
      rules: caller.organization.identityRules,
      mapping,
      rows: body.rows,
      atMs: context.clock(),
      once,
    }),
  );
  if (isProblem(report)) return report;
  if (!report.isRepeated) {
    countRows(context, report);
    const place = { organizationId: caller.organization.organization.id, ...mapping };
    const counted = { received: body.rows.length, rejected: report.rejected };
    context.rowsPushed(place, counted, context.clock());
  }
  const { added, changed, unchanged, rejected, rejections } = report;
  const answer = {
    status: 'success',
    dataset: body.dataset,
    received: body.rows.length,
    ...{ added, changed, unchanged, rejected, rejections },
    field_unknown: report.fieldUnknown,
    unknown_columns: report.unknownColumns,
    joined: report.joined,
    refused_claims: report.refusedClaims,
    // Without a change there is no new revision. The current one includes the values of the rows.
    revision: report.revision || formatRevision(await context.reader.revision()),
  };
  return jsonAnswer(200, answer, limitHead);
}

/** The kinds of datasets whose rows can be pushed, each with its route. */
type PushedKind = 'contact' | 'identity';

const paths: Readonly<Record<PushedKind, string>> = {
  contact: pushContacts.path,
  identity: pushIdentities.path,
};

/** Mappings by caller and dataset. A caller is a new object after each change of the catalog. */
const compiled = new WeakMap<Caller, Map<string, PushMapping>>();

function pushMapping(caller: Caller, name: string, kind: PushedKind): PushMapping | Problem {
  const known = compiled.get(caller)?.get(name);
  if (known?.rowKind === kind) return known;
  const { organization, token } = caller;
  // Checked first: a token of one dataset learns nothing about the others.
  if (token.dataset !== null && token.dataset !== name) return notAllowed(token.dataset);
  const dataset = organization.datasets.get(name);
  const definition = dataset?.definition;
  if (dataset === undefined) return invalidDataset(`This dataset does not exist. ${nameAnother}`);
  if (definition?.source?.kind !== 'push') {
    return invalidDataset(`The source of this dataset is not push. ${nameAnother}`);
  }
  const own = definition.kind === 'identity' ? 'identity' : 'contact';
  if (own !== kind) {
    return invalidDataset(`The dataset is of the kind ${own}. Push its rows to ${paths[own]}.`);
  }
  const mapping = compilePushMapping(organization, dataset, token);
  if (mapping.identifiers.length === 0) {
    return {
      code: 'identity_type_not_allowed',
      detail: 'The token may not use any identity type of the dataset. Use a token that may.',
      members: { allowed_types: token.identityTypes ?? [] },
    };
  }
  const ofCaller = compiled.get(caller) ?? new Map<string, PushMapping>();
  compiled.set(caller, ofCaller.set(name, mapping));
  return mapping;
}

function notAllowed(dataset: string): Problem {
  return {
    code: 'dataset_not_allowed',
    detail: `The token may push only to the dataset ${dataset}. Name that dataset, or use another token.`,
    members: { dataset },
  };
}

const nameAnother = 'Name a dataset whose source is push.';

function invalidDataset(detail: string): Problem {
  return {
    code: 'definition_invalid',
    detail: `/dataset: ${detail}`,
    members: { problems: [{ path: '/dataset', detail }] },
  };
}

const keyPattern = /^[\x21-\x7e]+$/;

/**
 * The key under which the answer is kept and the fingerprint of the request, both as digests;
 * `null` without an `Idempotency-Key`.
 */
function readOnce(
  key: string | undefined,
  body: { readonly dataset: string },
): Omit<PushOnce, 'note'> | Problem | null {
  if (key === undefined) return null;
  if (!keyPattern.test(key) || key.length > maxIdempotencyKeyLength) {
    return {
      code: 'parameter_invalid',
      detail: `The header Idempotency-Key must have 1 to ${maxIdempotencyKeyLength} visible ASCII characters.`,
      members: { parameter: 'Idempotency-Key' },
    };
  }
  return {
    key: hash('sha256', `${body.dataset}\n${key}`, 'hex').slice(0, 32),
    fingerprint: hash('sha256', `${key}\n${JSON.stringify(body)}`, 'hex'),
  };
}

function countRows({ counters }: ApiContext, report: PushReport): void {
  for (const outcome of ['added', 'changed', 'unchanged', 'rejected'] as const) {
    counters.count(`rows_${outcome}`, report[outcome]);
  }
}
