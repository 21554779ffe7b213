/**
 * A rule as the catalog keeps it: its text, in which references by id stand in place of names. So a
 * rule needs no change when something that it uses is renamed.
 */

/** `list`: the id of a dataset of the kind `list`. */
export const ruleReferenceKinds = ['field', 'segment', 'list', 'flow'] as const;
export type RuleReferenceKind = (typeof ruleReferenceKinds)[number];

export interface RuleReference {
  readonly kind: RuleReferenceKind;
  readonly id: number;
}

/**
 * The text of a rule in pieces, which can be kept as JSON. A reference to a segment or a list
 * stands in place of the whole text literal with its quotes.
 *
 * @example
 *   // total_spend > 100.0 && in_segment("Buyers")
 *   [{ kind: 'field', id: 7 }, ' > 100.0 && in_segment(', { kind: 'segment', id: 2 }, ')']
 */
export type RuleText = readonly (string | RuleReference)[];

/** What the definitions of an organization are called now. */
export interface RuleNames {
  /** `undefined`: there is nothing of this kind with this id. */
  nameOf(kind: RuleReferenceKind, id: number): string | undefined;
  /** `undefined`: there is nothing of this kind with this name. */
  idOf(kind: RuleReferenceKind, name: string): number | undefined;
  /** All names of this kind, to suggest one of them. */
  namesOf(kind: RuleReferenceKind): readonly string[];
}

/** The text of a rule with the current names. What is gone is called `gone_field_7`. */
export function ruleTextOf(rule: RuleText, names: Pick<RuleNames, 'nameOf'>): string {
  return rule
    .map((part) => (typeof part === 'string' ? part : referenceText(part, names)))
    .join('');
}

/** How a reference is written in the text of a rule. A flow is written as its id. */
function referenceText({ kind, id }: RuleReference, names: Pick<RuleNames, 'nameOf'>): string {
  if (kind === 'flow') return String(id);
  const name = names.nameOf(kind, id) ?? `gone_${kind}_${id}`;
  return kind === 'field' ? name : JSON.stringify(name);
}

/** What a rule uses, each thing once, in the order of the text. */
export function referencesOf(rule: RuleText): readonly RuleReference[] {
  const found = new Map<string, RuleReference>();
  for (const part of rule) {
    if (typeof part !== 'string') found.set(`${part.kind} ${part.id}`, part);
  }
  return [...found.values()];
}

/** Whether a parsed JSON value is a rule. */
export function isRuleText(value: unknown): value is RuleText {
  return (
    Array.isArray(value) && value.every((part) => typeof part === 'string' || isReference(part))
  );
}

function isReference(value: unknown): value is RuleReference {
  if (typeof value !== 'object' || value === null) return false;
  const { kind, id } = value as Partial<RuleReference>;
  return ruleReferenceKinds.some((known) => known === kind) && Number.isSafeInteger(id);
}
