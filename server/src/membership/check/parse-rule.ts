/** Reads the text of a rule that a person wrote, and replaces its names by references. */
import { nearestWord } from '../../domain/nearest-word.ts';
import { type RuleProblem, ruleProblem } from '../../domain/rule/rule-problem.ts';
import type { RuleNames, RuleReference, RuleText } from '../../domain/rule/rule-text.ts';
import { foundCharacter, hiddenCharacter, isOddSpace } from '../../domain/text-characters.ts';
import { maxRuleBytes } from '../limits.ts';
import { type ASTNode, parseText, partsOf } from './parse-text.ts';
import { isVariable } from './rule-calls.ts';
import { faultOf, refuse, shortName } from './rule-fault.ts';
import { scanText } from './scan-text.ts';

export interface ParsedRule {
  readonly rule: RuleText;
}

/**
 * The rule with references in place of names. `checkRule` then checks its types.
 *
 * @example
 *   const parsed = parseRule('total_spend > 1000', names);
 *   if ('problem' in parsed) throw new UsherError(parsed.problem.code, parsed.problem.detail);
 */
export function parseRule(
  text: string,
  names: Omit<RuleNames, 'nameOf'>,
): ParsedRule | { readonly problem: RuleProblem } {
  const found = faultOf(() => {
    checkCharacters(text);
    const places: Place[] = [];
    findNames(parseText(text), names, places);
    return { rule: withReferences(text, places) };
  });
  return 'fault' in found ? { problem: ruleProblem(text, found.fault) } : found;
}

/** Refuses what nobody sees. The limit of a rule's bytes is checked later, so a part is enough. */
function checkCharacters(whole: string): void {
  const text = whole.slice(0, maxRuleBytes);
  scanText(text, (sign, at) => {
    if (!isOddSpace(sign)) return false;
    return refuse(at, `${foundCharacter(text, at).words} Write a usual space, or delete it.`);
  });
  const found = hiddenCharacter(text);
  if (found === undefined) return;
  const code = text.charCodeAt(found.at).toString(16).padStart(4, '0');
  refuse(found.at, `${found.words} Delete it. Inside a text in quotes, write \\u${code}.`);
}

/** A name in the text. */
interface Place {
  readonly start: number;
  readonly end: number;
  readonly reference: RuleReference;
}

type Names = Omit<RuleNames, 'nameOf'>;

function findNames(node: ASTNode, names: Names, places: Place[]): void {
  if (node.op === 'id') {
    if (!isVariable(node.args)) places.push(fieldPlace(node, node.args, names));
    return;
  }
  const named = node.op === 'call' ? namedArgument(node.args[0]) : undefined;
  if (named === undefined) {
    for (const part of partsOf(node)) findNames(part, names, places);
    return;
  }
  const [argument] = partsOf(node);
  // `checkRule` refuses other arguments.
  if (argument?.op !== 'value') return;
  const { start, end, args: value } = argument;
  if (named === 'flow' && typeof value === 'bigint' && value <= maxFlowId) {
    places.push({ start, end, reference: { kind: 'flow', id: Number(value) } });
  } else if (named === 'flow' && typeof value === 'string') {
    refuseFlowName(start, value, names);
  } else if (named !== 'flow' && typeof value === 'string') {
    const id = names.idOf(named, value) ?? refuseName(start, named, value, names);
    places.push({ start, end, reference: { kind: named, id } });
  }
}

const maxFlowId = BigInt(Number.MAX_SAFE_INTEGER);

/** What the first argument of a call names. */
function namedArgument(call: string): 'segment' | 'list' | 'flow' | undefined {
  if (call === 'in_segment') return 'segment';
  if (call === 'in_list') return 'list';
  return call === 'in_flow' || call === 'in_variant' ? 'flow' : undefined;
}

function fieldPlace({ start, end }: ASTNode, name: string, names: Names): Place {
  const id = names.idOf('field', name) ?? refuseName(start, 'field', name, names);
  return { start, end, reference: { kind: 'field', id } };
}

function refuseName(
  at: number,
  kind: 'field' | 'segment' | 'list',
  name: string,
  names: Names,
): never {
  const constant = name.toLowerCase();
  if (kind === 'field' && ['true', 'false', 'null'].includes(constant)) {
    refuse(at, `There is no field ${shortName(name)}.`, constant);
  }
  const known = kind === 'field' ? [...names.namesOf(kind), 'now'] : names.namesOf(kind);
  const nearest = name.length < 3 ? undefined : nearestWord(name, known);
  const quoted = kind === 'field' || nearest === undefined ? nearest : JSON.stringify(nearest);
  const isText = kind === 'field' && nearest === undefined;
  const hint = isText ? ' If it is a text, write it in quotes.' : '';
  refuse(at, `There is no ${kind} ${shortName(name)}.${hint}`, quoted);
}

/** Names of flows change, and other systems know flows by their ids. */
function refuseFlowName(at: number, name: string, names: Names): never {
  if (/^[0-9]{1,9}$/.test(name)) refuse(at, 'The id of a flow has no quotes.', name);
  const near = name.length < 3 ? undefined : nearestWord(name, names.namesOf('flow'));
  const flow = names.idOf('flow', name) === undefined ? near : name;
  const id = flow === undefined ? undefined : names.idOf('flow', flow);
  const reason = 'Rules name flows by their ids.';
  if (flow === undefined || id === undefined) {
    refuse(at, `${reason} There is no flow ${shortName(name)}.`);
  }
  refuse(at, `${reason} The flow ${shortName(flow)} has the id ${id}.`, String(id));
}

function withReferences(text: string, places: readonly Place[]): RuleText {
  const parts: (string | RuleReference)[] = [];
  let from = 0;
  for (const { start, end, reference } of places.toSorted((a, b) => a.start - b.start)) {
    if (start > from) parts.push(text.slice(from, start));
    parts.push(reference);
    from = end;
  }
  if (from < text.length) parts.push(text.slice(from));
  return parts;
}
