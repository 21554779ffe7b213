/** Says in plain words why the text of a rule does not parse. */

export interface SyntaxError {
  readonly at: number;
  /** The parser's code and message. */
  readonly code: string;
  readonly summary: string;
}

export interface SyntaxReason {
  readonly reason: string;
  readonly suggestion?: string;
}

/** Words and signs of other languages, and what a rule has instead. */
const otherSigns: ReadonlyMap<string, string> = new Map([
  ['and', '&&'],
  ['or', '||'],
  ['not', '!'],
  ['between', '>= and <='],
  ['=', '=='],
  ['&', '&&'],
  ['|', '||'],
  ['<>', '!='],
  ['=>', '>='],
  ['=<', '<='],
  ['=!', '!='],
  ['\u2265', '>='],
  ['\u2264', '<='],
  ['\u2260', '!='],
  ...['\u201c', '\u201d', '\u2018', '\u2019'].map((quote) => [quote, '"'] as const),
]);

const tokenWords: ReadonlyMap<string, string> = new Map([
  ['LPAREN', '"("'],
  ['RPAREN', '")"'],
  ['LBRACKET', '"["'],
  ['RBRACKET', '"]"'],
  ['LBRACE', '"{"'],
  ['RBRACE', '"}"'],
  ['COLON', '":"'],
  ['IDENTIFIER', 'a name'],
]);

const otherReasons: ReadonlyMap<string, string> = new Map([
  ['unterminated_string', 'The text that begins here has no closing quote.'],
  ['unterminated_triple_quoted_string', 'The text that begins here has no closing quotes.'],
  ['newline_in_string', 'The text has no closing quote on its line. Write a line break as \\n.'],
  ['invalid_integer', 'This is not a whole number.'],
  ['invalid_hex_integer', 'This is not a whole number.'],
  ['invalid_number', 'This number is too large.'],
  ['invalid_exponent', 'This number has an "e" without an exponent.'],
]);

export function syntaxFault(text: string, { at, code, summary }: SyntaxError): SyntaxReason {
  const known = otherReasons.get(code);
  if (known !== undefined) return { reason: known };
  if (code.includes('escape') || code.includes('surrogate')) {
    return { reason: 'This is not a valid escape. Write a backslash as \\\\.' };
  }
  if (code === 'reserved_identifier') {
    return { reason: `The word "${wordAt(text, at)}" is reserved, so a rule cannot use it.` };
  }
  const negated = negatedTest(text, at);
  if (negated !== undefined) return negated;
  const word = swappedSign(text, at) ?? wordAt(text, at);
  const suggestion = otherSigns.get(word.toLowerCase()) ?? otherSigns.get(text.charAt(at));
  if (suggestion !== undefined) return { reason: `Unexpected "${word}".`, suggestion };
  const before = text.slice(0, at).trimEnd();
  if (wordBefore(before) === 'not') {
    return { reason: `Unexpected "${word}" after "${before.slice(-3)}".`, suggestion: '!' };
  }
  if (word === ',' && wordBefore(before.slice(0, before.lastIndexOf('('))) === 'in') {
    return { reason: 'A list of values stands in square brackets.', suggestion: 'in [...]' };
  }
  if (word === ',' && /[0-9]$/.test(before) && /^,[0-9]{3}(?![0-9])/.test(text.slice(at, at + 5))) {
    return { reason: 'Unexpected ",". A number has no commas.' };
  }
  const expected = tokenWords.get(/^Expected ([A-Z]+),/.exec(summary)?.[1] ?? '');
  if (text.slice(at).trim() === '') {
    return { reason: `The rule ends, but ${expected ?? 'a value'} is missing.` };
  }
  const instead = expected === undefined ? '' : ` Expected ${expected}.`;
  return { reason: `Unexpected "${word}".${instead}` };
}

/** `state is null`, `state is not null` and `state not in [...]`, as other languages write them. */
function negatedTest(text: string, at: number): SyntaxReason | undefined {
  const before = text.slice(0, at).trimEnd().slice(-64);
  const field = before.split(/[^A-Za-z_0-9]/).at(-1) || 'FIELD';
  const [first = '', second, third] = text
    .slice(at, at + 64)
    .toLowerCase()
    .split(/\s+/);
  if (first === 'is' && second === 'not') {
    const suggestion = third?.startsWith('null') ? `has(${field})` : '!=';
    return { reason: 'Unexpected "is not".', suggestion };
  }
  if (first === 'is') {
    return {
      reason: 'Unexpected "is".',
      suggestion: second?.startsWith('null') ? `!has(${field})` : '==',
    };
  }
  if (first === 'like') {
    return { reason: 'Unexpected "like".', suggestion: `${field}.contains("...")` };
  }
  if (first !== 'not' || second?.startsWith('in') !== true) return undefined;
  const [, written] = text.slice(at, at + 80).split(/[[\]]/);
  const list = written === undefined ? '[...]' : `[${written}]`;
  return { reason: 'Unexpected "not".', suggestion: `!(${field} in ${list})` };
}

/** The word at the end of a text, in lower case, if it is a short one. */
function wordBefore(text: string): string | undefined {
  return /(?:^|[^A-Za-z_0-9])([A-Za-z]{2,3})$/.exec(text.trimEnd().slice(-4))?.[1]?.toLowerCase();
}

/** Two signs of which the parser names one. */
function swappedSign(text: string, at: number): string | undefined {
  if (text.slice(at - 1, at + 1) === '<>') return '<>';
  const pair = text.slice(at, at + 2);
  return ['=>', '=<', '=!'].includes(pair) ? pair : undefined;
}

/** The name or the sign at an offset. */
function wordAt(text: string, at: number): string {
  const rest = text.slice(at, at + 64);
  return /^[A-Za-z_0-9]+/.exec(rest)?.[0] ?? [...rest][0] ?? '';
}
