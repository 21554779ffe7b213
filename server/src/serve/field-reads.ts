/**
 * Collects which fields each token reads each day. The supervisor writes them now and then, because
 * a look-up never writes. A plan always names the same fields, so each thread examines it once a
 * day.
 */
import type { FieldRead } from '../catalog/catalog.ts';
import { builtInFieldId, isBuiltInFieldName } from '../domain/contact/field.ts';
import type { Token } from '../domain/token/token.ts';
import type { LookupPlan } from '../lookup/lookup-plan.ts';
import { maxCountedPlans } from './limits.ts';
import type { TokenFields } from './usage-recorder.ts';

const dayMs = 86_400_000;

export class FieldReads {
  readonly #clock: () => number;
  /** Days since the epoch. Updated by `take`, so it can be one interval late. */
  #day: number;
  /** Fields that were already noted on this day, by the token's row id. */
  #told = new Map<number, Set<number>>();
  #untold: FieldRead[] = [];
  /** Plans that were used since the counts were last taken. */
  #counted: { readonly token: Token; readonly plan: LookupPlan }[] = [];

  constructor(clock: () => number) {
    this.#clock = clock;
    this.#day = dayOf(clock());
  }

  /** Runs at each look-up. After a plan's first use in a round it only counts and compares. */
  note(token: Token, plan: LookupPlan): void {
    this.#count(token, plan);
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

  /** How often tokens read fields since the last call. */
  takeCounts(): TokenFields[] {
    const counted = this.#counted;
    this.#counted = [];
    return counted.flatMap(({ token, plan }) => {
      const { reads } = plan.use;
      plan.use.reads = 0;
      const { rowId: tokenRowId, organizationId } = token;
      return fieldsOf(plan).map((fieldId) => ({ tokenRowId, organizationId, fieldId, reads }));
    });
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

  /** A plan belongs to one token. */
  #count(token: Token, plan: LookupPlan): void {
    if (plan.use.reads === 0) {
      if (this.#counted.length >= maxCountedPlans) return;
      this.#counted.push({ token, plan });
    }
    plan.use.reads += 1;
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
