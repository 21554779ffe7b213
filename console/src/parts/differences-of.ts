/** What an entry of the audit log changed, member by member. */
import type { Difference } from './differences.tsx';

/** Deeper members are compared as a whole. Definitions of datasets have four levels. */
const maxDepth = 6;

export function differencesOf(before: unknown, after: unknown): readonly Difference[] {
  const differences = compare(before ?? undefined, after ?? undefined, '');
  // Of something new, what is not set says nothing.
  return before === null ? differences.filter((one) => one.after !== null) : differences;
}

function compare(before: unknown, after: unknown, path: string): readonly Difference[] {
  const isDeep = path.split('/').length > maxDepth;
  // What is new or gone is told member by member, too.
  const one = before === undefined && isObject(after) ? {} : before;
  const other = after === undefined && isObject(before) ? {} : after;
  if (!isDeep && isObject(one) && isObject(other)) {
    const names = [...new Set([...Object.keys(one), ...Object.keys(other)])];
    return names.flatMap((name) =>
      compare(one[name], other[name], `${path}/${name.replaceAll('/', '~1')}`),
    );
  }
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  return [{ path, before, after }];
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
