/** Evaluates rules on a contact that a store lent, where speed does not matter. */
import { locateFields } from '../stores/read-record.ts';
import type { LentContact } from '../stores/store.ts';
import type { CompiledDefinitions, Evaluation, Reach } from './compiled-definitions.ts';

export interface ContactMoment {
  readonly compiled: CompiledDefinitions;
  /** What the rules read. */
  readonly reach: Reach;
  /** Milliseconds since the epoch. */
  readonly nowMs: number;
  /** By input: 1 if it is withheld. Missing: no input is. */
  readonly withheld?: Uint8Array;
}

/**
 * What `read` returns. The contact must have been lent with the parts that `reach` says. `read`
 * must not keep the evaluation.
 */
export function evaluateContact<Result>(
  { record, memberships, identities }: LentContact,
  { compiled, reach, nowMs, withheld }: ContactMoment,
  read: (evaluation: Evaluation) => Result,
): Result {
  const starts = new Uint32Array(compiled.inputs.length);
  const ends = new Uint32Array(compiled.inputs.length);
  const { bytes } = record;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  locateFields(view, compiled.inputSlots(reach.inputs, 0), starts, ends);
  const evaluation = compiled.newEvaluation();
  evaluation.begin({
    ...{ bytes, memberships: memberships?.bytes, identities, starts, ends, base: 0 },
    ...{ nowMs, withheld },
  });
  try {
    return read(evaluation);
  } finally {
    evaluation.end();
  }
}
