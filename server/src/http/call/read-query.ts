/** Reads the query of all routes but the look-up: known parameters only, each at most once. */
import type { Problem } from '../../domain/problem.ts';

/** At most so many unknown names are repeated to the caller, and only the beginning of each. */
const maxNamed = 10;
const maxNameLength = 64;

/** The percent-decoded parameters by name, or the problem with them. */
export function readQuery(
  query: string,
  known: readonly string[],
): ReadonlyMap<string, string> | Problem {
  const parameters = new Map<string, string>();
  const unknown: string[] = [];
  for (const part of query.split('&')) {
    if (part === '') continue;
    const equals = part.indexOf('=');
    const name = percentDecoded(equals < 0 ? part : part.slice(0, equals));
    const value = percentDecoded(equals < 0 ? '' : part.slice(equals + 1));
    if (name === undefined || value === undefined) return badEncoding;
    if (!known.includes(name)) unknown.push(name);
    else if (parameters.has(name)) return invalidParameter(name, 'is given twice');
    else parameters.set(name, value);
  }
  return unknown.length === 0 ? parameters : unknownParameters(unknown, known);
}

/** The decoded text, or `undefined` if it is not percent-encoded UTF-8. */
export function percentDecoded(text: string): string | undefined {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** @param what the rest of a sentence: `is given twice` */
export function invalidParameter(name: string, what: string): Problem {
  return {
    code: 'parameter_invalid',
    detail: `The parameter ${name} ${what}.`,
    members: { parameter: name },
  };
}

const badEncoding: Problem = {
  code: 'parameter_invalid',
  detail: 'A parameter is not percent-encoded UTF-8.',
};

/** The problem of parameters or body members that the route does not know. */
export function unknownParameters(names: readonly string[], known: readonly string[]): Problem {
  const named = names.slice(0, maxNamed).map((name) => name.slice(0, maxNameLength));
  const may = known.length === 0 ? 'It has no parameters.' : `It knows ${known.join(', ')}.`;
  return {
    code: 'parameter_unknown',
    detail: `The route does not know ${named.join(', ')}. ${may}`,
    members: { parameters: named },
  };
}
