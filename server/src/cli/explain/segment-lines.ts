/** Why a contact is in its segments, in words. */
import type { ExplainedSegment } from '../../explain/explain-segments.ts';
import { clauseLines, indented, quoted, ruleWords } from './line-words.ts';

/** With more segments, one that the contact is not in takes one line. */
const detailedSegments = 20;

export function segmentLines(segments: readonly ExplainedSegment[]): string[] {
  if (segments.length === 0) return [];
  const members = segments.filter(({ is_member }) => is_member).length;
  const isShort = segments.length > detailedSegments;
  const short = isShort ? [`  Every clause: --json`] : [];
  return [
    `SEGMENTS: in ${members} of ${segments.length}`,
    ...segments.flatMap((segment) => {
      if (isShort && !segment.is_member) return [shortLine(segment)];
      return [`  ${headOf(segment)}`, ...indented(clauseLines(segment.clauses), 4)];
    }),
    ...short,
  ];
}

function headOf({ id, name, is_member, clauses }: ExplainedSegment): string {
  const fault = clauses.length === 0 ? ': the rule cannot be evaluated, see usher doctor' : '';
  return `${is_member ? 'in    ' : 'not in'} segment ${id} ${quoted(name)}${fault}`;
}

function shortLine(segment: ExplainedSegment): string {
  const first = segment.clauses.find(({ is_true }) => is_true === false);
  return `  ${headOf(segment)}${first === undefined ? '' : `: ${ruleWords(first.rule)} is false`}`;
}
