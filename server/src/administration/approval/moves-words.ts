/** Says how many members of a flow a change moves, before it is made and afterwards. */
import { type FlowMoves, rangeOf } from '../../domain/flow/planned-moves.ts';

export function wouldMoveWords(flow: FlowMoves): string {
  const { members, joined, left, changed } = flow;
  return `The change would move ${movedWordsOf(flow)} of the flow ${nameOf(flow)}: ${numberOf(joined)} would join it, ${numberOf(left)} leave it, and ${numberOf(changed)} get another variant; it has ${about(flow)}${countOf(members, 'member')}.`;
}

/** One line for each flow that the change moved contacts of. */
export function movedLines(flows: readonly FlowMoves[]): readonly string[] {
  const lines = flows.filter(({ moved }) => moved > 0).map(movedWords);
  return lines.length === 0 ? ['No contact of a live flow moved.'] : lines;
}

function movedWords(flow: FlowMoves): string {
  const { members, joined, left, changed } = flow;
  return `Moved ${movedWordsOf(flow)} of the flow ${nameOf(flow)}: ${numberOf(joined)} joined it, ${numberOf(left)} left it, and ${numberOf(changed)} got another variant; it had ${about(flow)}${countOf(members, 'member')}.`;
}

/** `about 136 contacts (1 to 291)` */
function movedWordsOf(flow: FlowMoves): string {
  const range = rangeOf(flow);
  const between = range === undefined ? '' : ` (${numberOf(range.from)} to ${numberOf(range.to)})`;
  return `${about(flow)}${countOf(flow.moved, 'contact')}${between}`;
}

function about({ margin }: FlowMoves): string {
  return margin === 0 ? '' : 'about ';
}

function nameOf({ id, name }: FlowMoves): string {
  return `${name} (${id})`;
}

function countOf(count: number, noun: string): string {
  return `${numberOf(count)} ${noun}${count === 1 ? '' : 's'}`;
}

function numberOf(count: number): string {
  return count.toLocaleString('en-US');
}
