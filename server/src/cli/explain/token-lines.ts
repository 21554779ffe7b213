/** What a token sees of a contact, in words. */
import type { ExplainedToken, LeftOutField } from '../../explain/explain-token.ts';
import { indented, valueWords } from './line-words.ts';

export function tokenLines(token: ExplainedToken | null): string[] {
  if (token === null) return [];
  const { id, name, refused, addresses, answer, left_out } = token;
  const values = Object.entries(answer ?? {}).map(([field, value]) => {
    return `${field} = ${valueWords(value)}`;
  });
  const where = addresses === null ? [] : [`may be used only from ${addresses.join(', ')}`];
  const lines = [
    ...refused.map((reason) => `gets no answer: ${refusalWords[reason]}`),
    ...where,
    ...values,
    ...reasonsOf(left_out),
  ];
  return [`TOKEN ${id}${name === null ? '' : ` (${name})`} SEES`, ...indented(lines, 2)];
}

/** One line for each reason. */
function reasonsOf(leftOut: readonly LeftOutField[]): string[] {
  const byReason = Map.groupBy(leftOut, ({ reason }) => reason);
  return [...byReason].map(([reason, fields]) => {
    return `${reasonWords[reason]}: ${fields.map(({ field }) => field).join(', ')}`;
  });
}

const reasonWords = {
  not_allowed: "not on the token's list of fields",
  not_content: 'no look-up answers these fields',
  withheld: 'null, because the value is too old',
  approximate: 'computed without a value that is too old',
} as const satisfies Record<LeftOutField['reason'], string>;

const refusalWords = {
  revoked: 'it was revoked',
  expired: 'it has expired',
  scope_missing: 'it lacks the scope contacts:read',
  identity_type_not_allowed: 'it may not look up by identities of this type',
} as const satisfies Record<ExplainedToken['refused'][number], string>;
