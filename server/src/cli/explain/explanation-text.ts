/** An explanation as people read it. */
import { terminalName } from '../../domain/terminal-text.ts';
import type { Explanation } from '../../explain/explain-everything.ts';
import { fieldLines } from './field-lines.ts';
import { flowLines } from './flow-lines.ts';
import { identityLines } from './identity-lines.ts';
import { segmentLines } from './segment-lines.ts';
import { tokenLines } from './token-lines.ts';

export function explanationText(explanation: Explanation): string {
  const { contact_id, now, fields, segments, flows, token } = explanation;
  const parts = [
    [`contact id:${contact_id}`, `now     ${now}`],
    identityLines(explanation),
    fieldLines(fields),
    segmentLines(segments),
    flowLines(flows),
    tokenLines(token),
  ];
  // Names and values of other people must not begin lines of their own.
  return parts
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.map(terminalName).join('\n'))
    .join('\n\n');
}
