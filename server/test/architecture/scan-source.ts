/**
 * Reads one source file as text: its code without comments and without the contents of strings, and
 * what it imports. It uses no compiler (TypeScript 7 offers none to programs). `check-imports.ts`
 * decides which imports are allowed.
 */

export interface Import {
  readonly specifier: string;
  readonly typeOnly: boolean;
  /**
   * `import` binds a module; `load` names a file that runs elsewhere
   * (`new URL('./x.ts', import.meta.url)`).
   */
  readonly kind: 'import' | 'load';
  /** The names taken; `*` for a whole module, a default, or an import for its effect. */
  readonly names: readonly string[];
}

export interface Source {
  /**
   * As long as the text, line for line: comments and the insides of strings and patterns are
   * spaces.
   */
  readonly code: string;
  readonly imports: readonly Import[];
  /** The contents of strings, and of templates between their `${...}`. */
  readonly strings: readonly string[];
}

export function scanSource(text: string): Source {
  const { code, strings } = blank(text);
  return { code, imports: findImports(code, strings), strings: [...strings.values()] };
}

const declaration =
  /(?<![\w$.])(?:import|export)\s+(type\s+(?!from\b))?([\w$*{}\s,]*?)\bfrom\s*(?=["'])/g;
const effect = /(?<![\w$.])import\s*(?=["'])/g;
const dynamic = /(?<![\w$.])import\s*\(\s*(?=["'`])/g;
const loaded = /(?:\bnew\s+URL|\bimport\.meta\.resolve)\s*\(\s*(?=["'])/g;

function findImports(code: string, strings: ReadonlyMap<number, string>): Import[] {
  const at = (match: RegExpExecArray) => strings.get(match.index + match[0].length) ?? '';
  const whole = { typeOnly: false, names: ['*'] };
  return [
    ...[...code.matchAll(declaration)].map((match) => ({
      specifier: at(match),
      kind: 'import' as const,
      ...bindingsOf(match[1] !== undefined, match[2] ?? ''),
    })),
    ...[...code.matchAll(effect), ...code.matchAll(dynamic)].map((match) => ({
      specifier: at(match),
      kind: 'import' as const,
      ...whole,
    })),
    ...[...code.matchAll(loaded)]
      .filter((match) => at(match).startsWith('.'))
      .map((match) => ({ specifier: at(match), kind: 'load' as const, ...whole })),
  ];
}

function bindingsOf(typeKeyword: boolean, clause: string): Pick<Import, 'typeOnly' | 'names'> {
  const braces = /^\s*\{([^}]*)\}\s*$/.exec(clause);
  if (braces === null) return { typeOnly: typeKeyword, names: ['*'] };
  const items = (braces[1] ?? '').split(',').map((item) => item.trim());
  const named = items.filter((item) => item !== '');
  return {
    typeOnly: typeKeyword || (named.length > 0 && named.every((item) => /^type\s/.test(item))),
    names: named.map((item) => item.replace(/^type\s+/, '').replace(/\s+as\s.*$/s, '')),
  };
}

/**
 * Where the scan is: in code (a template's `${` opens code that a `}` ends), or how many braces are
 * open in it.
 */
interface Scan {
  readonly text: string;
  readonly out: string[];
  readonly strings: Map<number, string>;
  /** Open braces of each `${` that we are in. */
  readonly templates: number[];
}

function blank(text: string): { code: string; strings: ReadonlyMap<number, string> } {
  const scan: Scan = { text, out: text.split(''), strings: new Map(), templates: [] };
  let place = text.startsWith('#!') ? blankUntil(scan, 0, endOfLine(text, 0)) : 0;
  while (place < text.length) place = step(scan, place);
  return { code: scan.out.join(''), strings: scan.strings };
}

/** Reads one thing at `place` and returns where the next begins. */
function step(scan: Scan, place: number): number {
  const { text, templates } = scan;
  const character = text.charAt(place);
  const next = text.charAt(place + 1);
  if (character === '/' && next === '/') return blankUntil(scan, place, endOfLine(text, place));
  if (character === '/' && next === '*') {
    const end = text.indexOf('*/', place + 2);
    return blankUntil(scan, place, end < 0 ? text.length : end + 2);
  }
  if (character === '"' || character === "'") return readString(scan, place, character);
  if (character === '`') return readTemplate(scan, place);
  if (character === '/' && patternMayStart(scan, place)) return readPattern(scan, place);
  const depth = templates.at(-1);
  if (depth !== undefined && character === '}' && depth === 0) {
    templates.pop();
    return readTemplate(scan, place);
  }
  if (depth !== undefined && character === '{') templates[templates.length - 1] = depth + 1;
  if (depth !== undefined && character === '}') templates[templates.length - 1] = depth - 1;
  return place + 1;
}

function readString(scan: Scan, start: number, quote: string): number {
  let end = start + 1;
  while (end < scan.text.length && scan.text.charAt(end) !== quote) {
    end += scan.text.charAt(end) === '\\' ? 2 : 1;
  }
  scan.strings.set(start, scan.text.slice(start + 1, end));
  blankUntil(scan, start + 1, end);
  return end + 1;
}

/** From a backtick, or from the `}` that ends a `${`, to the closing backtick or the next `${`. */
function readTemplate(scan: Scan, start: number): number {
  const { text, templates } = scan;
  let end = start + 1;
  while (end < text.length && text.charAt(end) !== '`' && !text.startsWith('${', end)) {
    end += text.charAt(end) === '\\' ? 2 : 1;
  }
  scan.strings.set(start, text.slice(start + 1, end));
  blankUntil(scan, start + 1, end);
  if (text.charAt(end) === '`') return end + 1;
  templates.push(0);
  return end + 2;
}

function readPattern(scan: Scan, start: number): number {
  let inClass = false;
  let end = start + 1;
  while (end < scan.text.length && (inClass || scan.text.charAt(end) !== '/')) {
    const character = scan.text.charAt(end);
    if (character === '[') inClass = true;
    if (character === ']') inClass = false;
    end += character === '\\' ? 2 : 1;
  }
  blankUntil(scan, start + 1, end);
  return end + 1;
}

/** A slash divides after a value, and opens a pattern everywhere else. */
function patternMayStart(scan: Scan, place: number): boolean {
  const before = scan.out
    .slice(Math.max(0, place - 200), place)
    .join('')
    .trimEnd();
  if (/(?<![\w$.])(?:return|typeof|case|in|of|do|else|void|throw|await|yield)$/.test(before)) {
    return true;
  }
  return before === '' || !/[\w$)\]}"'`]$/.test(before);
}

function blankUntil(scan: Scan, start: number, end: number): number {
  for (let place = start; place < end && place < scan.out.length; place += 1) {
    if (scan.out[place] !== '\n') scan.out[place] = ' ';
  }
  return end;
}

function endOfLine(text: string, place: number): number {
  const end = text.indexOf('\n', place);
  return end < 0 ? text.length : end;
}
