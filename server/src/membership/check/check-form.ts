/** Refuses the parts of CEL that a rule may not contain, and calls that do not exist. */
import type { ASTNode } from '@marcbachmann/cel-js';
import { nearestWord } from '../../domain/nearest-word.ts';
import { functionNames, methodNames } from './rule-calls.ts';
import { refuse } from './rule-fault.ts';

/** Stops with a `RuleFaultError` if a rule may not contain this node. Looks at no node below. */
export function checkForm(node: ASTNode): void {
  const { op, start } = node;
  if (op === 'map') refuse(start, 'A rule has no maps.');
  if (op === '[]' || op === '[?]') {
    refuse(start, 'A rule has no access by index. For a set, use "VALUE" in FIELD.');
  }
  if (op === '.' || op === '.?') {
    refuse(start, 'A field has no members. Give the name of the field alone.');
  }
  if (op === 'value') checkLiteral(start, node.args);
  if (op === 'call') checkFunction(start, node.args[0]);
  if (op === 'rcall') checkMethod(node.args[1].end, node.args[0]);
}

function checkLiteral(at: number, value: unknown): void {
  if (value instanceof Uint8Array) refuse(at, 'A rule has no bytes. Write "..." without the b.');
  if (typeof value === 'object' && value !== null) {
    refuse(at, 'A rule has no unsigned numbers. Write the number without the u.');
  }
  if (typeof value === 'string' && /\p{M}{257}/u.test(value)) {
    refuse(at, 'This text has more than 256 combining marks in a row.');
  }
}

function checkFunction(at: number, name: string): void {
  if (functionNames.includes(name)) return;
  if (methodNames.includes(name)) {
    refuse(at, `"${name}" is written behind a text.`, `FIELD.${name}(...)`);
  }
  refuse(at, `There is no function "${shown(name)}".`, nearestWord(name, functionNames));
}

function checkMethod(at: number, name: string): void {
  if (methodNames.includes(name)) return;
  if (name === 'matches') {
    refuse(at, 'A rule has no regular expressions. Use startsWith, endsWith or contains.');
  }
  if (loops.includes(name)) refuse(at, `A rule has no loops, such as "${name}".`);
  if (functionNames.includes(name)) {
    refuse(at, `"${name}" is a function.`, `${name}(FIELD)`);
  }
  refuse(at, `There is no method "${shown(name)}".`, nearestWord(name, methodNames));
}

const loops: readonly string[] = ['all', 'exists', 'exists_one', 'map', 'filter', 'bind'];

function shown(name: string): string {
  return name.length > 80 ? `${name.slice(0, 80)}...` : name;
}
