/** Writes a rule's text in two ways, by ids and by names, and finds a place of one in the other. */
import { type RuleNames, type RuleText, ruleTextOf } from '../../domain/rule/rule-text.ts';

export interface WrittenRule {
  readonly text: string;
  /** Where each part of the rule begins. */
  readonly starts: readonly number[];
}

/** `ids`: as `check-node.ts` reads it. */
type Writing =
  | { readonly kind: 'ids' }
  | { readonly kind: 'names'; readonly names: Pick<RuleNames, 'nameOf'> };

const ids: Pick<RuleNames, 'nameOf'> = {
  nameOf: (kind, id) => (kind === 'field' ? `f${id}` : String(id)),
};

export function writeRule(rule: RuleText, writing: Writing): WrittenRule {
  const names = writing.kind === 'ids' ? ids : writing.names;
  const starts: number[] = [];
  let text = '';
  for (const part of rule) {
    starts.push(text.length);
    text += ruleTextOf([part], names);
  }
  return { text, starts };
}

/** The place in `other` that an offset of `written` means. */
export function placeIn(written: WrittenRule, other: WrittenRule, offset: number): number {
  const place = written.starts.findLastIndex((start) => start <= offset);
  const within = offset - (written.starts[place] ?? 0);
  const start = other.starts[place] ?? 0;
  return Math.min(start + within, other.starts[place + 1] ?? other.text.length);
}
