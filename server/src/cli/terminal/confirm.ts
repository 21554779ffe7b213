/** Asks the operator before a change that cannot be undone. */
import { createInterface } from 'node:readline/promises';
import { terminalText } from '../../domain/terminal-text.ts';
import type { CommandSession } from '../command-frame.ts';
import { InterruptedError, UsageError } from '../exit-code.ts';
import { rawStream } from './clean-io.ts';

/** Resolves on yes or `--yes`. @throws UsageError without a terminal; InterruptedError on no */
export async function confirm(
  session: Pick<CommandSession, 'io' | 'yes'>,
  question: string,
): Promise<void> {
  if (session.yes) return;
  const { stdin, stderr, interrupted } = session.io;
  if (stdin.isTTY !== true) {
    throw new UsageError(`${question} There is no terminal to ask at. To answer yes, add --yes.`);
  }
  const dialogue = createInterface({ input: stdin, output: rawStream(stderr) });
  try {
    const answer = await dialogue.question(`${terminalText(question)} [y/N] `, {
      signal: interrupted,
    });
    if (/^y(es)?$/i.test(answer.trim())) return;
  } finally {
    dialogue.close();
  }
  throw new InterruptedError('Nothing was changed.');
}
