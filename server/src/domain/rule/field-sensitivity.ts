/**
 * How sensitive the values of fields are. A computed field shows what its rule reads, so its values
 * are at least as sensitive, unless somebody who may lower a sensitivity has said otherwise.
 */
import type { OrganizationState } from '../catalog-state.ts';
import { type Field, type Sensitivity, sensitivities } from '../contact/field.ts';
import { usesOfFlow } from './rule-owner.ts';
import { type RuleReference, type RuleText, referencesOf } from './rule-text.ts';

/** The fields that something shows, each with how sensitive it is. `null`: not said. */
type Shown = ReadonlyMap<number, Sensitivity | null>;

interface Definitions {
  readonly fieldOf: (id: number) => Field | undefined;
  /** What a segment or a flow uses. */
  readonly usesOf: (reference: RuleReference) => readonly RuleReference[];
}

/** Whether a leak of the one does more harm than a leak of the other. */
export function isStricter(one: Sensitivity | null, other: Sensitivity | null): boolean {
  return rankOf(one) > rankOf(other);
}

/** A sensitivity that is not said counts as personal. */
function rankOf(sensitivity: Sensitivity | null): number {
  return sensitivities.indexOf(sensitivity ?? 'personal');
}

/** `null`: not said. Of two that are equally strict, the one that is said counts. */
export function strictestOf(all: Iterable<Sensitivity | null>): Sensitivity | null {
  const [first = null, ...others] = all;
  return others.reduce<Sensitivity | null>(
    (strictest, one) =>
      isStricter(one, strictest) || (one !== null && !isStricter(strictest, one)) ? one : strictest,
    first,
  );
}

/** The sensitivities of the fields of one organization as of one moment. */
export class FieldSensitivities {
  readonly #definitions: Definitions;
  readonly #known = new Map<string, Shown>();

  constructor(definitions: Definitions) {
    this.#definitions = definitions;
  }

  /** What counts for those who look at values. `null`: not said, which counts as personal. */
  of(field: Field): Sensitivity | null {
    if (field.rule === null) return field.sensitivity;
    return strictestOf(this.#ofComputed(field).values());
  }

  /** What a rule shows, through computed fields, segments and flows as well. */
  shownBy(rule: RuleText): Shown {
    return this.#ofAll(referencesOf(rule));
  }

  #ofAll(references: readonly RuleReference[]): Shown {
    const shown = new Map<number, Sensitivity | null>();
    for (const reference of references) {
      for (const [id, sensitivity] of this.#ofReference(reference)) shown.set(id, sensitivity);
    }
    return shown;
  }

  #ofReference(reference: RuleReference): Shown {
    const key = `${reference.kind} ${reference.id}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const shown = this.#read(reference);
    this.#known.set(key, shown);
    return shown;
  }

  #read(reference: RuleReference): Shown {
    if (reference.kind !== 'field') return this.#ofAll(this.#definitions.usesOf(reference));
    const field = this.#definitions.fieldOf(reference.id);
    if (field === undefined) return new Map();
    return field.rule === null ? new Map([[field.id, field.sensitivity]]) : this.#ofComputed(field);
  }

  #ofComputed({ id, rule, sensitivity, lowered }: Field): Shown {
    const accepted = new Map(lowered);
    const read = [...this.shownBy(rule ?? [])].filter(([input, own]) => {
      const upTo = accepted.get(input);
      return upTo === undefined || isStricter(own, upTo);
    });
    return new Map(sensitivity === null ? read : [...read, [id, sensitivity]]);
  }
}

const ofStates = new WeakMap<OrganizationState, FieldSensitivities>();

export function sensitivitiesIn(organization: OrganizationState): FieldSensitivities {
  const known = ofStates.get(organization);
  if (known !== undefined) return known;
  const byId = new Map([...organization.fields.values()].map((field) => [field.id, field]));
  const { segments, flows } = organization.definitions;
  const found = new FieldSensitivities({
    fieldOf: (id) => byId.get(id),
    usesOf: ({ kind, id }) => {
      if (kind === 'segment') return referencesOf(segments.get(id)?.rule ?? []);
      const flow = kind === 'flow' ? flows.get(id) : undefined;
      return flow === undefined ? [] : usesOfFlow(flow);
    },
  });
  ofStates.set(organization, found);
  return found;
}
