/** What checking a rule's types needs to know, and what it collects. */
import type { Field } from '../../domain/contact/field.ts';
import type { RuleReferenceKind } from '../../domain/rule/rule-text.ts';

export interface RuleContext {
  /** `undefined`: there is nothing of this kind with this id. Not called for flows. */
  nameOf(kind: RuleReferenceKind, id: number): string | undefined;
  /** `undefined`: there is no such field. */
  fieldOf(id: number): Pick<Field, 'name' | 'type' | 'condition'> | undefined;
  /**
   * Whether fields without the flag `condition` can be used: in the expressions of computed fields.
   */
  readonly usesAllFields: boolean;
  /**
   * The names of a flow's variants. `undefined`: a variant can have any name, because other tools
   * report who is in it. Absent: they are not checked, because they were when the rule was saved.
   */
  variantsOf?(flowId: number): readonly string[] | undefined;
}

/** A change of the text that a rule gets when it is saved. */
export interface TextEdit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

export interface RuleChecker extends RuleContext {
  /** Integer literals that become literals with decimals. */
  readonly edits: TextEdit[];
}

/** How the checked text names a field: its text has ids in place of names. */
export const fieldWord = /^f([0-9]{1,5})$/;
