/** Hides the values of an explanation that its reader may not see. The facts about them stay. */
import type { ExplainedField, OverriddenValue } from './explain-fields.ts';
import type { ExplainedFlow } from './explain-flows.ts';
import type { ExplainedClause, ExplainedSegment } from './explain-segments.ts';
import type { ExplainedToken } from './explain-token.ts';
import type { ExplainedValue } from './explain-values.ts';

interface Shown {
  readonly fields: readonly ExplainedField[];
  readonly segments: readonly ExplainedSegment[];
  readonly flows: readonly ExplainedFlow[];
  readonly token: ExplainedToken | null;
}

/** @param hides whether the values of the field of this name are hidden */
export function maskExplanation<All extends Shown>(
  all: All,
  hides: (field: string) => boolean,
): All {
  const { fields, segments, flows, token } = all;
  const maskValue = <Value extends ExplainedValue>(value: Value): Value =>
    hides(value.field) ? { ...value, value: null, masked: true } : value;
  const maskClause = (clause: ExplainedClause): ExplainedClause => {
    return { ...clause, inputs: clause.inputs.map(maskValue) };
  };
  return {
    ...all,
    fields: fields.map((field) => ({
      ...maskValue(field),
      inputs: field.inputs.map(maskValue),
      overrode: hides(field.field) ? field.overrode.map(maskOverridden) : field.overrode,
    })),
    segments: segments.map((one) => ({ ...one, clauses: one.clauses.map(maskClause) })),
    flows: flows.map((one) => ({
      ...one,
      branches: one.branches?.map((it) => ({ ...it, clauses: it.clauses.map(maskClause) })) ?? null,
    })),
    token: token && maskToken(token, hides),
  };
}

function maskOverridden(value: OverriddenValue): OverriddenValue {
  return { ...value, value: null, key: null };
}

function maskToken(token: ExplainedToken, hides: (field: string) => boolean): ExplainedToken {
  const { answer } = token;
  if (answer === null) return token;
  const shown = Object.entries(answer).map(([name, value]) => [name, hides(name) ? null : value]);
  return {
    ...token,
    answer: Object.fromEntries(shown) as Record<string, unknown>,
    masked: Object.keys(answer).filter(hides),
  };
}
