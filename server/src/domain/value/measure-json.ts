/**
 * Counts the members in a JSON text and in the value that was parsed from it. If an object repeats
 * a name, the parser drops a member, and the two counts differ.
 */

/**
 * Counts the levels of nesting and the members. The depth lets callers refuse a deep text before
 * they parse it. In valid JSON, each colon outside a string is a member.
 */
export function measureJson(text: string): { readonly depth: number; readonly members: number } {
  let members = 0;
  let depth = 0;
  let deepest = 0;
  let isString = false;
  for (let place = 0; place < text.length; place += 1) {
    const character = text.charCodeAt(place);
    if (isString) {
      if (character === backslash) place += 1;
      else if (character === quote) isString = false;
    } else if (character === quote) isString = true;
    else if (character === openBrace || character === openBracket) {
      depth += 1;
      deepest = Math.max(deepest, depth);
    } else if (character === closeBrace || character === closeBracket) depth -= 1;
    else if (character === colon) members += 1;
  }
  return { depth: deepest, members };
}

const quote = 0x22;
const backslash = 0x5c;
const colon = 0x3a;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;

/**
 * The members of all objects in a parsed value: fewer than in its text if an object repeats a name.
 */
export function countMembers(value: unknown): number {
  let members = 0;
  const waiting: unknown[] = [value];
  while (waiting.length > 0) {
    const next = waiting.pop();
    if (typeof next !== 'object' || next === null || rawJson.isRawJSON(next)) continue;
    const inner = Array.isArray(next) ? next : Object.values(next);
    if (!Array.isArray(next)) members += inner.length;
    for (const one of inner) if (typeof one === 'object' && one !== null) waiting.push(one);
  }
  return members;
}

/** TypeScript does not declare `JSON.isRawJSON` (ES2026) yet. A raw number is an object. */
const rawJson = JSON as unknown as { isRawJSON(value: unknown): boolean };
