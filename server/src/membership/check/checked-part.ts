/** A checked part of a rule, together with its place in the text. */
import type { ASTNode } from '@marcbachmann/cel-js';
import type { TypedNode } from './typed-node.ts';

export interface Checked {
  readonly node: TypedNode;
  readonly at: ASTNode;
}

/** Whole numbers up to here are exact as a double. */
export const wholeNumberRange = BigInt(Number.MAX_SAFE_INTEGER);
