/** Checks input against the contract's schemas. Each fault has its path and a sentence. */
import { patternWords } from '@usher/contract/pattern-words';
import { faultWords } from '@usher/contract/schema-parts';
import type { TObject, TSchema } from 'typebox';
import { Compile, type Validator } from 'typebox/compile';

export interface ShapeFault {
  /** JSON pointer. */
  readonly path: string;
  readonly detail: string;
  readonly kind: 'missing' | 'unknown' | 'other';
}

/** Compiled on first use: most workers never use most routes. */
const validators = new WeakMap<TSchema, Validator>();

/** The maximum number of reported faults: a body of 1 MB could have a hundred thousand. */
const maxFaults = 20;

/** The faults of a value, one per path. Empty if it has the shape of the schema. */
export function shapeFaults(schema: TObject, value: unknown): readonly ShapeFault[] {
  const tooMany = sizeFaults(schema, value, '');
  if (tooMany.length > 0) return tooMany;
  if (validatorOf(schema).Check(value)) return [];
  const byPlace = new Map<string, ShapeFault>();
  const unionPaths = new Set<string>();
  for (const error of validatorOf(schema).Errors(withoutGoodItems(schema, value))) {
    if (byPlace.size >= maxFaults) break;
    if (isOfUnion(error)) unionPaths.add(error.instancePath);
    for (const fault of faultsOf(error, schema)) {
      if (!byPlace.has(fault.path)) byPlace.set(fault.path, fault);
    }
  }
  for (const path of unionPaths) {
    // Of a member that can be null, the faults inside say more.
    const isInside = [...byPlace.keys()].some((other) => other.startsWith(`${path}/`));
    if (isInside) byPlace.delete(path);
  }
  // No fault is left if all errors that the validator reported are of a kind that `faultsOf` skips:
  // the validator stops after a few errors.
  if (byPlace.size === 0)
    return [{ path: '', detail: 'It does not have the required form.', kind: 'other' }];
  return [...byPlace.values()];
}

interface SizedSchema extends TSchema {
  readonly maxItems?: number;
  readonly maxProperties?: number;
  readonly minItems?: number;
  readonly additionalProperties?: unknown;
  readonly items?: SizedSchema;
  readonly properties?: Readonly<Record<string, SizedSchema>>;
  readonly anyOf?: readonly SizedSchema[];
  readonly type?: string;
}

/**
 * Lists and objects that are too large. The validator would first check each member, which takes
 * half a second for a body of 1 MB.
 */
function sizeFaults(schema: SizedSchema, value: unknown, path: string): readonly ShapeFault[] {
  if (typeof value !== 'object' || value === null) return [];
  const type = Array.isArray(value) ? 'array' : 'object';
  const variants = schema.anyOf?.filter((variant) => variant.type === type) ?? [];
  if (variants.length === 1) return sizeFaults(variants[0] as SizedSchema, value, path);
  if (Array.isArray(value)) {
    const { maxItems = Number.POSITIVE_INFINITY, items } = schema;
    if (value.length > maxItems) return [tooMany(path, `${maxItems} items`)];
    if (items?.properties === undefined && items?.maxProperties === undefined) return [];
    return value.flatMap((item, at) => sizeFaults(items, item, `${path}/${at}`));
  }
  const { properties = {}, maxProperties, additionalProperties } = schema;
  const names = Object.keys(value);
  if (maxProperties !== undefined && names.length > maxProperties) {
    return [tooMany(path, `${maxProperties} properties`)];
  }
  const known = Object.keys(properties);
  if (additionalProperties === false && names.length > known.length + maxFaults) {
    const unknown = names.filter((name) => !Object.hasOwn(properties, name));
    return unknown.slice(0, maxFaults).map((name) => unknownMember(path, name));
  }
  const members = value as Readonly<Record<string, unknown>>;
  return known.flatMap((name) =>
    sizeFaults(properties[name] as SizedSchema, members[name], `${path}/${name}`),
  );
}

function tooMany(path: string, words: string): ShapeFault {
  return { path, detail: `It must not have more than ${words}.`, kind: 'other' };
}

function unknownMember(path: string, name: string): ShapeFault {
  const detail = 'This member is unknown.';
  return { path: `${path}/${name.slice(0, 64)}`, detail, kind: 'unknown' };
}

/** The value without lists that are valid, so that the validator skips them. */
function withoutGoodItems({ properties }: SizedSchema, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const members = Object.entries(value).map(([name, member]: [string, unknown]) => {
    const own = properties !== undefined && Object.hasOwn(properties, name) && properties[name];
    const isGood = own && Array.isArray(member) && validatorOf(own).Check(member);
    return [name, isGood ? member.slice(0, own.minItems ?? 0) : member];
  });
  return Object.fromEntries(members);
}

function validatorOf(schema: TSchema): Validator {
  const known = validators.get(schema);
  if (known !== undefined) return known;
  const validator = Compile(schema);
  validators.set(schema, validator);
  return validator;
}

type ShapeError = ReturnType<Validator['Errors']>[number];

/** One of several forms does not fit, which says little. */
function isOfUnion({ keyword, params }: ShapeError): boolean {
  return keyword === 'anyOf' || (keyword === 'type' && 'type' in params && params.type === 'null');
}

function faultsOf(error: ShapeError, schema: TSchema): ShapeFault[] {
  const { instancePath: at, keyword, params, message } = error;
  if (keyword === 'additionalProperties') {
    const { additionalProperties: names } = params as { additionalProperties: readonly string[] };
    return names.map((name) => unknownMember(at, name));
  }
  // Each refused member was already reported by an error with the keyword `additionalProperties`.
  if (keyword === 'boolean') return [];
  if (keyword === 'required') {
    const { requiredProperties: names } = params as { requiredProperties: readonly string[] };
    const detail = 'This member is missing.';
    return names.map((name) => ({ path: `${at}/${name}`, detail, kind: 'missing' }));
  }
  const ownWords = boundWords.has(keyword) ? ownWordsOf(schema, error.schemaPath) : undefined;
  const detail = ownWords ?? describe(keyword, params, message);
  return [{ path: at, detail, kind: 'other' }];
}

/** What the schema that an error is about says itself. */
function ownWordsOf(schema: TSchema, path: string): string | undefined {
  const steps = path.split('/').slice(1);
  const found = steps.reduce<unknown>((below, step) => {
    const isObject = typeof below === 'object' && below !== null;
    return isObject ? (below as Readonly<Record<string, unknown>>)[step] : undefined;
  }, schema);
  const words = (found as Readonly<Record<string, unknown>> | undefined)?.[faultWords];
  return typeof words === 'string' ? words : undefined;
}

function describe(keyword: string, params: object, message: string): string {
  if (keyword === 'enum' && 'allowedValues' in params) {
    return `It must be one of ${(params.allowedValues as readonly unknown[]).join(', ')}.`;
  }
  if (keyword === 'pattern' && 'pattern' in params) {
    return patternWords(String(params.pattern)) ?? 'It does not have the required form.';
  }
  if (keyword === 'format') return 'It must be a time, such as 2026-01-31T12:00:00Z.';
  if (keyword === 'type' && 'type' in params) return typeWords(params.type);
  const bound = boundWords.get(keyword);
  if (bound !== undefined && 'limit' in params) return `It must be ${bound} ${params.limit}.`;
  return `It ${message}.`;
}

const boundWords: ReadonlyMap<string, string> = new Map([
  ['minimum', 'at least'],
  ['maximum', 'at most'],
  ['exclusiveMinimum', 'more than'],
  ['exclusiveMaximum', 'less than'],
]);

function typeWords(type: unknown): string {
  const nouns = [type].flat().map((one) => typeNouns.get(String(one)) ?? String(one));
  return `It must be ${nouns.join(' or ')}.`;
}

const typeNouns: ReadonlyMap<string, string> = new Map([
  ['number', 'a number'],
  ['integer', 'a whole number'],
  ['string', 'a text'],
  ['boolean', 'true or false'],
  ['array', 'a list'],
  ['object', 'an object'],
]);
