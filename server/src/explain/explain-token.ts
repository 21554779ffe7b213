/** What a look-up with a token would answer for a contact, and what it would leave out, and why. */
import type { OrganizationState } from '../domain/catalog-state.ts';
import { builtInFields } from '../domain/contact/field.ts';
import { isLive, type Token } from '../domain/token/token.ts';
import { seesIdentityType } from '../domain/token/token-sight.ts';
import type { DatasetAges } from '../lookup/dataset-ages.ts';
import { lookupContact } from '../lookup/lookup-contact.ts';
import { compileLookupPlan } from '../lookup/lookup-plan.ts';
import { makeEnvelope } from '../lookup/render-contact.ts';
import type { ContactReader, IdentityKey } from '../stores/store.ts';

/** Why look-ups with the token get no answer. */
type TokenRefusal = 'revoked' | 'expired' | 'scope_missing' | 'identity_type_not_allowed';

export interface LeftOutField {
  readonly field: string;
  /**
   * `not_allowed`: it is not on the token's list. `not_content`: no look-up answers it. `withheld`:
   * it is too old, so the answer is null. `approximate`: computed without a value that is withheld.
   */
  readonly reason: 'not_allowed' | 'not_content' | 'withheld' | 'approximate';
}

export interface ExplainedToken {
  readonly id: string;
  readonly name: string | null;
  /** Empty: look-ups get an answer. */
  readonly refused: readonly TokenRefusal[];
  /** From where the token may be used; `null`: from everywhere. */
  readonly addresses: readonly string[] | null;
  /** By field, as look-ups show values; `null`: no answer. */
  readonly answer: Readonly<Record<string, unknown>> | null;
  readonly left_out: readonly LeftOutField[];
  /** Fields of the answer whose values the reader of the explanation may not see. */
  readonly masked?: readonly string[];
}

export interface TokenQuestion {
  readonly organization: OrganizationState;
  readonly token: Token;
  readonly identity: IdentityKey;
  /** The identity type as the caller named it. */
  readonly identityType: string;
  readonly datasetAges: DatasetAges;
  /** Milliseconds since the epoch. */
  readonly nowMs: number;
}

export async function explainToken(
  reader: ContactReader,
  question: TokenQuestion,
): Promise<ExplainedToken> {
  const { id, name, addresses } = question.token;
  const refused = refusalsOf(question);
  const told = { id, name, refused, addresses };
  if (refused.length > 0) return { ...told, answer: null, left_out: [] };
  return { ...told, ...(await answerOf(reader, question)) };
}

function refusalsOf({ token, identityType, nowMs }: TokenQuestion): TokenRefusal[] {
  const isExpired = token.revokedAtMs === null && !isLive(token, nowMs);
  const reasons: readonly (readonly [TokenRefusal, boolean])[] = [
    ['revoked', token.revokedAtMs !== null],
    ['expired', isExpired],
    ['scope_missing', !token.scopes.includes('contacts:read')],
    ['identity_type_not_allowed', !seesIdentityType(token, identityType)],
  ];
  return reasons.flatMap(([reason, holds]) => (holds ? [reason] : []));
}

interface LookupAnswer {
  readonly contact: Readonly<Record<string, unknown>>;
  readonly freshness: Readonly<Record<string, { readonly status: string }>>;
}

/** Makes the look-up with every field there is, so that the plan says what is left out. */
async function answerOf(
  reader: ContactReader,
  { organization, token, identity, datasetAges, nowMs }: TokenQuestion,
): Promise<Pick<ExplainedToken, 'answer' | 'left_out'>> {
  const fields = [...organization.fields.keys(), ...builtInFields.map((field) => field.name)];
  const allowedFields = token.fields;
  const plan = compileLookupPlan({ organization, allowedFields, fields, format: 'display' });
  const found = await lookupContact(reader, {
    organizationId: organization.organization.id,
    ...{ identity, plan, parts: plan.parts, nowMs },
    envelope: makeEnvelope('{"contact":', '}'),
    ages: { datasetAges, isTold: true },
  });
  if (found === undefined) return { answer: null, left_out: [] };
  const text = Buffer.from(found.json, 'latin1').toString();
  const { contact, freshness } = JSON.parse(text) as LookupAnswer;
  const aged = Object.entries(freshness).flatMap(([field, { status }]): LeftOutField[] =>
    status === 'withheld' || status === 'approximate' ? [{ field, reason: status }] : [],
  );
  // The names are those of fields, so none is unknown.
  const omitted = plan.omissions.flatMap(({ name, reason }): LeftOutField[] =>
    reason === 'unknown' ? [] : [{ field: name, reason }],
  );
  return { answer: contact, left_out: [...aged, ...omitted] };
}
