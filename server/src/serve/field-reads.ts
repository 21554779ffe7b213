/**
 * Collects which fields each token reads each day. The supervisor writes them now and then, because
 * a look-up never writes. A plan always names the same fields, so each thread examines it once a
 * day.
 */
import type { FieldRead } from '../catalog/catalog.ts';
import { builtInFieldId, isBuiltInFieldName } from '../domain/contact/field.ts';
import type { Token } from '../domain/token/token.ts';
import type { LookupPlan } from '../lookup/lookup-plan.ts';

const dayMs = 86_400_000;

export class FieldReads {
  readonly #clock: () => number;
  /** Days since the epoch. Updated by `take`, so it can be one interval late. */
  #day: number;
  /** Fields that were already noted on this day, by the token's row id. */
  #told = new Map<number, Set<number>>();
  #untold: FieldRead[] = [];

  constructor(clock: () => number) {
    this.#clock = clock;
    this.#day = dayOf(clock());
  }

  /** Runs at each look-up. After a plan's first use in a day it only compares two numbers. */
  note(token: Token, plan: LookupPlan): void {
    if (plan.use.day === this.#day) return;
    plan.use.day = this.#day;
    let told = this.#told.get(token.rowId);
    if (told === undefined) {
      told = new Set();
      this.#told.set(token.rowId, told);
    }
    for (const fieldId of fieldsOf(plan)) {
      if (told.has(fieldId)) continue;
      told.add(fieldId);
      this.#untold.push({ tokenRowId: token.rowId, fieldId, day: this.#day });
    }
  }

  /** The reads since the last call. */
  take(): FieldRead[] {
    const reads = this.#untold;
    this.#untold = [];
    const day = dayOf(this.#clock());
    if (day !== this.#day) {
      this.#day = day;
      this.#told = new Map();
    }
    return reads;
  }
}

function fieldsOf({ slots }: LookupPlan): number[] {
  return slots.flatMap(({ name, fieldId }) => {
    if (fieldId !== null) return [fieldId];
    return isBuiltInFieldName(name) ? [builtInFieldId(name)] : [];
  });
}

function dayOf(timeMs: number): number {
  return Math.floor(timeMs / dayMs);
}
