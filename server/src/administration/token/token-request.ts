/** Checks a request for a token and works out the token's rights. */
import { isFieldName } from '../../domain/contact/field.ts';
import { normaliseIdentity } from '../../domain/contact/identity.ts';
import { isPlainText, plainTextForm } from '../../domain/text-characters.ts';
import { normaliseCidr } from '../../domain/token/address-list.ts';
import { type Scope, scopes } from '../../domain/token/token.ts';
import type { TokenRights } from '../../domain/token/token-rights.ts';
import { rfc3339 } from '../administration.ts';
import { DefinitionProblems } from '../dataset/definition-problems.ts';
import { durationForm, parseMoment } from '../duration.ts';
import { maxNameLength, maxTokenLifeMs, maxTokenListEntries } from '../limits.ts';

/** Missing members come from `TokenRequestContext.defaults`; `null` asks for no limit. */
export interface TokenRequest {
  /** The e-mail address of the person who asks for it. */
  readonly createdBy: string;
  readonly name?: string | null;
  readonly scopes?: readonly string[];
  readonly fields?: readonly string[] | null;
  readonly identityTypes?: readonly string[] | null;
  /** Single addresses or CIDRs. */
  readonly addresses?: readonly string[] | null;
  /** Above 0, at most 1. */
  readonly maxShare?: number | null;
  /** The name of the only dataset that the token may push to. */
  readonly dataset?: string | null;
  /** A duration (`90d`), a date (`2026-12-31`, 00:00 UTC) or an RFC 3339 time. */
  readonly expires?: string | null;
}

export interface CheckedTokenRequest {
  readonly name: string | null;
  readonly createdBy: string;
  readonly rights: TokenRights;
}

export interface TokenRequestContext {
  readonly nowMs: number;
  /** All identity types of the organization, built-in ones included. */
  readonly identityTypes: ReadonlySet<string>;
  /** Names of the organization's datasets. */
  readonly datasets: ReadonlySet<string>;
  readonly defaults: TokenRights;
}

/** @throws UsherError `definition_invalid` with every problem */
export function checkTokenRequest(
  request: TokenRequest,
  context: TokenRequestContext,
): CheckedTokenRequest {
  const problems = new DefinitionProblems();
  const { defaults } = context;
  const createdBy = normaliseIdentity('email', request.createdBy);
  if (createdBy === undefined) {
    problems.add('/created_by', 'Give the e-mail address of the person who creates the token.');
  }
  const name = request.name ?? null;
  if (name !== null && !isPlainText(name, maxNameLength)) {
    problems.add('/name', `A name has ${plainTextForm(maxNameLength)}.`);
  }
  const rules = listRules(context.identityTypes);
  const list = (member: keyof typeof rules) =>
    checkList(request[member], defaults[member], { ...rules[member], problems });
  const rights: TokenRights = {
    scopes: checkScopes(request.scopes, defaults.scopes, problems),
    fields: list('fields'),
    identityTypes: list('identityTypes'),
    addresses: list('addresses'),
    maxShare: checkShare(request.maxShare, defaults.maxShare, problems),
    dataset: request.dataset === undefined ? defaults.dataset : request.dataset,
    expiresAtMs: checkExpiry(request.expires, context, problems),
  };
  // A dataset that comes from the calling token's own limit is not checked.
  if (request.dataset !== undefined) checkDataset(rights, context.datasets, problems);
  problems.throwIfAny();
  return { name, createdBy: createdBy ?? '', rights };
}

interface ListRule {
  readonly path: string;
  /** The entry in its stored form, or `undefined` if it is wrong. */
  readonly read: (entry: string) => string | undefined;
  readonly expected: string;
}

function listRules(identityTypes: ReadonlySet<string>) {
  return {
    fields: {
      path: '/fields',
      read: (entry: string) => (isFieldName(entry) ? entry : undefined),
      expected: 'Give names of fields, such as first_name.',
    },
    identityTypes: {
      path: '/identity_types',
      read: (entry: string) => (identityTypes.has(entry) ? entry : undefined),
      expected: `This identity type does not exist. The types are ${[...identityTypes].join(', ')}.`,
    },
    addresses: {
      path: '/addresses',
      read: normaliseCidr,
      expected: 'Give an address or a CIDR, such as 10.0.0.0/8 or 2001:db8::/32.',
    },
  } satisfies Record<string, ListRule>;
}

function checkList(
  asked: readonly string[] | null | undefined,
  otherwise: readonly string[] | null,
  rule: ListRule & { readonly problems: DefinitionProblems },
): readonly string[] | null {
  if (asked === undefined) return otherwise;
  if (asked === null) return null;
  const { path, problems } = rule;
  if (asked.length === 0 || asked.length > maxTokenListEntries) {
    problems.add(path, `Give 1 to ${maxTokenListEntries} entries, or null to allow all.`);
  }
  const kept = new Set<string>();
  for (const [index, entry] of asked.slice(0, maxTokenListEntries).entries()) {
    const read = rule.read(entry);
    if (read === undefined) problems.add(`${path}/${index}`, rule.expected);
    else kept.add(read);
  }
  return [...kept];
}

function checkScopes(
  asked: readonly string[] | undefined,
  otherwise: readonly Scope[],
  problems: DefinitionProblems,
): readonly Scope[] {
  if (asked === undefined) return otherwise;
  problems.check(asked.length > 0, '/scopes', 'Give at least one scope.');
  for (const [index, entry] of asked.slice(0, maxTokenListEntries).entries()) {
    problems.check(
      scopes.some((scope) => scope === entry),
      `/scopes/${index}`,
      `This scope does not exist. The scopes are ${scopes.join(', ')}.`,
    );
  }
  return scopes.filter((scope) => asked.includes(scope));
}

function checkShare(
  asked: number | null | undefined,
  otherwise: number | null,
  problems: DefinitionProblems,
): number | null {
  if (asked === undefined) return otherwise;
  const isShare = asked === null || (asked > 0 && asked <= 1);
  problems.check(isShare, '/max_share', 'Give a share above 0 and at most 1, such as 0.8.');
  return asked;
}

function checkDataset(
  { dataset, scopes: granted }: TokenRights,
  datasets: ReadonlySet<string>,
  problems: DefinitionProblems,
): void {
  if (dataset === null) return;
  problems.check(datasets.has(dataset), '/dataset', 'This dataset does not exist.');
  if (granted.includes('contacts:write') || granted.includes('events:write')) return;
  const detail =
    'Only a token with the scope contacts:write can push to a dataset. Add that scope.';
  problems.add('/dataset', detail);
}

function checkExpiry(
  asked: string | null | undefined,
  context: TokenRequestContext,
  problems: DefinitionProblems,
): number | null {
  if (asked === undefined) return context.defaults.expiresAtMs;
  if (asked === null) return null;
  const { nowMs } = context;
  const momentMs = parseMoment(asked, nowMs);
  if (momentMs === undefined) {
    problems.add('/expires', `Give a date (2026-12-31), an RFC 3339 time, or ${durationForm}.`);
    return null;
  }
  problems.check(momentMs > nowMs, '/expires', `${rfc3339(momentMs)} is not in the future.`);
  problems.check(momentMs <= nowMs + maxTokenLifeMs, '/expires', 'Give at most 10 years.');
  return momentMs;
}
