/** JSON whose numbers keep every digit that was written, and places in it by JSON Pointer (RFC 6901). */

interface SourceContext {
  readonly source?: string;
}

/** JavaScript has these (ES2026); its declarations do not yet. */
const exactJson = JSON as unknown as {
  parse(
    text: string,
    revive: (key: string, value: unknown, context: SourceContext) => unknown,
  ): unknown;
  rawJSON(text: string): unknown;
};

/** `undefined`: the text is no JSON. Numbers that would lose digits become raw JSON, which `JSON.stringify` writes as it was. */
export function parseExactJson(text: string): unknown {
  try {
    return exactJson.parse(text, (_key, value, { source }) =>
      typeof value === 'number' && source !== undefined && String(value) !== source
        ? exactJson.rawJSON(source)
        : value,
    );
  } catch {
    return undefined;
  }
}

/** What is at a pointer ('' is the whole); `undefined` where there is nothing. */
export function valueAt(page: unknown, pointer: string): unknown {
  if (pointer === '') return page;
  let value = page;
  for (const part of pointer.split('/').slice(1)) {
    const name = part.replaceAll('~1', '/').replaceAll('~0', '~');
    if (value === null || typeof value !== 'object' || !Object.hasOwn(value, name))
      return undefined;
    value = (value as Record<string, unknown>)[name];
  }
  return value;
}
