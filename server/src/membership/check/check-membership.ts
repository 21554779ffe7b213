/** Checks what asks for memberships: segments, lists, flows, variants and campaigns. */
import { maxStringLength } from '../../domain/limits.ts';
import { nearestWord } from '../../domain/nearest-word.ts';
import { type ASTNode, partsOf } from './parse-text.ts';
import type { RuleChecker } from './rule-checker.ts';
import { refuse, shortName } from './rule-fault.ts';
import type { TypedNode } from './typed-node.ts';

/** `undefined`: the call is another one. */
export function checkMembership(
  node: ASTNode & { readonly op: 'call' | 'rcall' },
  checker: RuleChecker,
  checkNode: (part: ASTNode, checker: RuleChecker) => TypedNode,
): TypedNode | undefined {
  switch (node.args[0]) {
    case 'in_segment':
      return { op: 'in-segment', type: 'boolean', id: namedId(node, 'in_segment') };
    case 'in_list':
      return { op: 'in-list-dataset', type: 'boolean', id: namedId(node, 'in_list') };
    case 'in_flow':
      if (partsOf(node).length !== 1) refuse(node.start, 'in_flow takes the id of a flow.');
      return { op: 'in-flow', type: 'boolean', id: flowId(node) };
    case 'in_variant':
      return checkVariant(node, checker);
    case 'received_campaign':
      return checkCampaign(node, (part) => checkNode(part, checker));
    default:
      return undefined;
  }
}

/** The checked text has an id in the place of the name. */
function namedId(node: ASTNode, call: string): number {
  const parts = partsOf(node);
  const text = textOf(parts[0]);
  if (parts.length === 1 && text !== undefined) return Number(text);
  return refuse(node.start, `${call} takes one name in quotes.`, `${call}("NAME")`);
}

function flowId(node: ASTNode): number {
  const [part] = partsOf(node);
  if (part?.op !== 'value' || typeof part.args !== 'bigint') {
    return refuse(node.start, 'The first argument is the id of a flow, a whole number.');
  }
  const id = Number(part.args);
  return Number.isSafeInteger(id) ? id : refuse(part.start, 'The id of a flow has fewer digits.');
}

function checkVariant(node: ASTNode, checker: RuleChecker): TypedNode {
  const parts = partsOf(node);
  const variant = textOf(parts[1]);
  if (parts.length !== 2 || variant === undefined) {
    refuse(node.start, 'in_variant takes a flow and a variant.', 'in_variant(142309, "A")');
  }
  const id = flowId(node);
  const known = checker.variantsOf?.(id);
  const at = parts[1]?.start ?? node.start;
  if (known?.includes(variant) === false) refuseVariant(at, { id, variant, known });
  return { op: 'in-variant', type: 'boolean', id, variant };
}

const shownVariants = 10;

function refuseVariant(
  at: number,
  { id, variant, known }: { id: number; variant: string; known: readonly string[] },
): never {
  if (known.length === 0) {
    refuse(at, `The flow ${id} has no variants.`, `in_flow(${id})`);
  }
  const shown = known.slice(0, shownVariants).map((name) => JSON.stringify(name));
  const more = known.length > shown.length ? ', ...' : '';
  const nearest = nearestWord(variant, known);
  refuse(
    at,
    `The flow ${id} has no variant ${shortName(variant)}. It has ${shown.join(', ')}${more}.`,
    nearest === undefined || !isNear(variant, nearest) ? undefined : JSON.stringify(nearest),
  );
}

/** Of short names, any other one would be near. */
function isNear(variant: string, nearest: string): boolean {
  return variant.length >= 3 || variant.toLowerCase() === nearest.toLowerCase();
}

function checkCampaign(node: ASTNode, check: (part: ASTNode) => TypedNode): TypedNode {
  const [campaign, within, ...more] = partsOf(node);
  const campaignId = textOf(campaign);
  if (campaignId === undefined || more.length > 0) {
    const example = 'received_campaign("ID", duration("720h"))';
    return refuse(node.start, 'received_campaign takes a campaign and a duration.', example);
  }
  const parts = { op: 'received-campaign', type: 'boolean', campaignId } as const;
  if (within === undefined) return { ...parts, since: null };
  const time = check(within);
  if (time.type !== 'duration' && time.type !== 'days') {
    refuse(within.start, 'This must be a duration or days.', 'duration("720h") or days(30)');
  }
  const now: TypedNode = { op: 'now', type: 'date' };
  const since = { op: 'arithmetic', type: 'date', sign: '-', left: now, right: time } as const;
  return { ...parts, since };
}

function textOf(node: ASTNode | undefined): string | undefined {
  if (node?.op !== 'value' || typeof node.args !== 'string') return undefined;
  const text = node.args.normalize('NFC');
  if (text.length > maxStringLength) {
    refuse(node.start, `This name is longer than ${maxStringLength} characters.`);
  }
  return text;
}
