/** The state of a run as a word on its colour. */
import type { Run } from '../../api/page-entries.ts';
import { Badge, type Tone } from '../../parts/badge.tsx';

const looks: Readonly<Record<string, { readonly tone: Tone; readonly word: string }>> = {
  running: { tone: 'accent', word: 'Runs now' },
  succeeded: { tone: 'good', word: 'Succeeded' },
  failed: { tone: 'bad', word: 'Failed' },
  interrupted: { tone: 'bad', word: 'Interrupted' },
  waiting: { tone: 'decide', word: 'Waits for approval' },
  rejected: { tone: 'quiet', word: 'Rejected' },
  rolled_back: { tone: 'quiet', word: 'Rolled back' },
};

/** The states that runs can be asked for by. */
export const stateWords: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(looks).map(([state, { word }]) => [state, word]),
);

export function RunState({ run }: { readonly run: Run }) {
  const isApproved = run.state === 'waiting' && run.approved_by !== null;
  const { tone, word } = looks[run.state] ?? { tone: 'quiet', word: run.state };
  if (isApproved) return <Badge tone="accent">Approved</Badge>;
  if (run.kind === 'rollback' && run.state === 'succeeded')
    return <Badge tone="quiet">Rollback</Badge>;
  return <Badge tone={tone}>{word}</Badge>;
}
