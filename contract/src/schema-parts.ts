/** Building blocks of the schemas. Each has a bound, so no text, list or number is unlimited. */
import Type, { type TSchema } from 'typebox';
import { maxRuleBytes } from './bounds.ts';

interface TextOptions {
  readonly pattern?: string;
  readonly format?: string;
  readonly minLength?: number;
  readonly examples?: readonly string[];
}

/** Anything but control characters. */
const plainPattern = '^[^\\u0000-\\u001f\\u007f]*$';

export function text(description: string, maxLength: number, options: TextOptions = {}) {
  const { pattern, format, ...others } = options;
  const form = format === undefined ? { pattern: pattern ?? plainPattern } : { format };
  return Type.String({ description, maxLength, ...form, ...others });
}

/** A text that may have several lines. */
export function prose(description: string, maxLength: number) {
  return text(description, maxLength, { pattern: '^[^\\u0000]*$' });
}

/** A rule, which may have line ends and tabs. */
export function ruleText(description: string) {
  return text(description, maxRuleBytes, {
    pattern: '^[^\\u0000-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f]*$',
    minLength: 1,
    examples: ['lifetime_value > 1000.0 && territory == "1"'],
  });
}

/** One of a few words. */
export function word<const Word extends string>(description: string, words: readonly Word[]) {
  return Type.Unsafe<Word>({ type: 'string', enum: words, description });
}

export function integer(
  description: string,
  range: { readonly min: number; readonly max: number },
  options: { readonly default?: number } = {},
) {
  const format = range.max > 2 ** 31 - 1 ? 'int64' : 'int32';
  return Type.Integer({
    description,
    minimum: range.min,
    maximum: range.max,
    format,
    ...options,
  });
}

/** RFC 3339, in UTC. */
export function time(description: string) {
  return text(description, 40, { format: 'date-time' });
}

export function nullable<Schema extends TSchema>(schema: Schema) {
  return Type.Union([schema, Type.Null()]);
}

export function list<Schema extends TSchema>(items: Schema, maxItems: number, description: string) {
  return Type.Array(items, { maxItems, description });
}

/** The member of a schema that says what to give if a number is out of its bounds. */
export const faultWords = 'x-fault';

/** An object without other members. */
export const closed = { additionalProperties: false } as const;

/** A rough pattern. The normalisation of e-mail addresses decides which texts are valid. */
export const emailText = (description: string) =>
  text(description, 512, { pattern: '^[^@\\s]+@[^@\\s]+$' });

export const fieldName = (description: string) =>
  text(description, 64, { pattern: '^[a-z][a-z0-9_]{0,63}$', examples: ['first_name'] });

export const identityTypeName = (description: string) =>
  text(description, 64, { pattern: '^[a-z][a-z0-9_-]{0,63}$', examples: ['email'] });

/** Claims of identities without effect, by code. */
export function claimCounts(description: string) {
  const claims = integer('Claims.', { min: 0, max: Number.MAX_SAFE_INTEGER });
  return Type.Record(Type.String(), claims, { description, maxProperties: 100 });
}

/** Approves a plan: the change was sent before, and answered with the plan. */
export const planId = text(
  'The plan of this change, from the answer approval_required. It needs the scope admin:approve.',
  36,
  { pattern: '^[0-9a-f-]{36}$' },
);
