/**
 * Holds what callers send against the contract's schemas, and tells all that is wrong in words,
 * each with its place.
 */
import type { Static, TObject } from 'typebox';
import { Compile, type Validator } from 'typebox/compile';

export interface ShapeFault {
  /** JSON pointer into what was sent. */
  readonly path: string;
  readonly detail: string;
  readonly kind: 'missing' | 'unknown' | 'other';
}

/** Compiled when first needed: most workers never see most routes. */
const validators = new WeakMap<TObject, Validator>();

export function hasShape<Schema extends TObject>(
  schema: Schema,
  value: unknown,
): value is Static<Schema> {
  return validatorOf(schema).Check(value);
}

/** Faults told at most: a body of 1 MB could have a hundred thousand. */
const maxFaults = 20;

/** What is wrong with a value of another shape, in the order of the schema, one fault a place. */
export function shapeFaults(schema: TObject, value: unknown): readonly ShapeFault[] {
  const byPlace = new Map<string, ShapeFault>();
  for (const error of validatorOf(schema).Errors(value)) {
    if (byPlace.size >= maxFaults) break;
    for (const fault of faultsOf(error)) {
      if (!byPlace.has(fault.path)) byPlace.set(fault.path, fault);
    }
  }
  return [...byPlace.values()];
}

function validatorOf(schema: TObject): Validator {
  const known = validators.get(schema);
  if (known !== undefined) return known;
  const validator = Compile(schema);
  validators.set(schema, validator);
  return validator;
}

type ShapeError = ReturnType<Validator['Errors']>[number];

function faultsOf(error: ShapeError): ShapeFault[] {
  const { instancePath: at, keyword, params, message } = error;
  if (keyword === 'additionalProperties') {
    const { additionalProperties: names } = params as { additionalProperties: readonly string[] };
    const detail = 'There is no such member here.';
    return names.map((name) => ({ path: `${at}/${name.slice(0, 64)}`, detail, kind: 'unknown' }));
  }
  // Each refused member is told by the keyword above as well.
  if (keyword === 'boolean') return [];
  if (keyword === 'required') {
    const { requiredProperties: names } = params as { requiredProperties: readonly string[] };
    const detail = 'This member is missing.';
    return names.map((name) => ({ path: `${at}/${name}`, detail, kind: 'missing' }));
  }
  return [{ path: at, detail: describe(keyword, params, message), kind: 'other' }];
}

function describe(keyword: string, params: object, message: string): string {
  if (keyword === 'enum' && 'allowedValues' in params) {
    return `It must be one of ${(params.allowedValues as readonly unknown[]).join(', ')}.`;
  }
  if (keyword === 'pattern') return 'It has characters or a form that it may not have.';
  return `It ${message}.`;
}
