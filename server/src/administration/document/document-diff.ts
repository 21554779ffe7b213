/**
 * Compares two documents member by member: for people before they decide, and to see whether
 * anything changes.
 */
import { isDeepStrictEqual } from 'node:util';
import { pointerStep } from '../../domain/json-pointer.ts';
import type { Document } from '../dataset/dataset-view.ts';

export interface DocumentDifference {
  /** JSON pointer. */
  readonly path: string;
  /** `undefined` if it did not exist. */
  readonly before: unknown;
  /** `undefined` if it is gone. */
  readonly after: unknown;
}

/** Members whose order matters; they are compared as a whole. */
const ordered: ReadonlySet<string> = new Set(['identifiers']);

/** First the members of `after` in their order, then those that only `before` has. */
export function diffDocuments(
  before: Document,
  after: Document,
  path = '',
): readonly DocumentDifference[] {
  const names = [
    ...Object.keys(after),
    ...Object.keys(before).filter((name) => !Object.hasOwn(after, name)),
  ];
  return names.flatMap((name) => {
    const at = `${path}/${pointerStep(name)}`;
    const [one, other] = [memberOf(before, name), memberOf(after, name)];
    if (ordered.has(name)) {
      const isSame = JSON.stringify(one) === JSON.stringify(other);
      return isSame ? [] : [{ path: at, before: one, after: other }];
    }
    if (isObject(one) && isObject(other)) return diffDocuments(one, other, at);
    return isDeepStrictEqual(one, other) ? [] : [{ path: at, before: one, after: other }];
  });
}

function memberOf(document: Document, name: string): unknown {
  return Object.hasOwn(document, name) ? document[name] : undefined;
}

function isObject(value: unknown): value is Document {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
