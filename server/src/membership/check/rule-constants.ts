/** Reads the constants `date("...")`, `timestamp("...")` and `duration("...")`. */
import { parseDateValue } from '../../domain/value/date-value.ts';
import { type ASTNode, partsOf } from './parse-text.ts';
import { refuse } from './rule-fault.ts';
import type { TypedNode } from './typed-node.ts';

/** `undefined`: the call is another one. */
export function constantOf(node: ASTNode, name: string): TypedNode | undefined {
  if (name === 'date') return { op: 'day', type: 'date', day: dayOf(node) };
  if (name === 'timestamp') return { op: 'constant', type: 'date', value: momentOf(node) };
  if (name === 'duration') return { op: 'constant', type: 'duration', value: durationOf(node) };
  return undefined;
}

function argumentOf(node: ASTNode, name: string, example: string): string {
  const parts = partsOf(node);
  const [part] = parts;
  if (parts.length === 1 && part?.op === 'value' && typeof part.args === 'string') return part.args;
  return refuse(node.start, `${name} takes one text.`, `${name}("${example}")`);
}

function dayOf(node: ASTNode): string {
  const text = argumentOf(node, 'date', '2024-05-01');
  if (!/^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(text)) {
    refuse(node.start, 'date takes a day.', 'date("2024-05-01")');
  }
  const parsed = parseDateValue(text, { timeZone: 'Z' });
  if ('reason' in parsed) refuse(node.start, `The day ${parsed.reason}.`);
  return text;
}

const moment =
  /^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?(?:Z|[+-][0-9]{2}:[0-9]{2})$/;

function momentOf(node: ASTNode): number {
  const example = '2024-05-01T10:00:00Z';
  const text = argumentOf(node, 'timestamp', example);
  if (!moment.test(text)) {
    refuse(node.start, 'timestamp takes a time with its offset.', `timestamp("${example}")`);
  }
  const parsed = parseDateValue(text, { timeZone: 'Z' });
  if ('reason' in parsed) return refuse(node.start, `The time ${parsed.reason}.`);
  return Date.parse(JSON.parse(parsed.json) as string);
}

const units: ReadonlyMap<string, number> = new Map([
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
  ['ms', 1],
]);

function durationOf(node: ASTNode): number {
  const text = argumentOf(node, 'duration', '720h');
  const match = /^(-?)((?:[0-9]{1,9}(?:\.[0-9]{1,9})?(?:h|ms|m|s)){1,8})$/.exec(text);
  if (match === null) {
    const hint = /^[0-9]+d$/.test(text) ? `days(${text.slice(0, -1)})` : 'duration("720h")';
    return refuse(node.start, 'duration takes hours, minutes and seconds: "1h30m".', hint);
  }
  let total = 0;
  for (const [, amount, unit] of (match[2] ?? '').matchAll(/([0-9.]{1,19})(h|ms|m|s)/g)) {
    total += Number(amount) * (units.get(unit ?? '') ?? 0);
  }
  return match[1] === '-' ? -total : total;
}
