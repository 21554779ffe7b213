/** Asks the operator before a change that others would notice, or that cannot be undone. */
import { createInterface } from 'node:readline/promises';
import { UsherError } from '../../domain/errors.ts';
import { terminalText } from '../../domain/terminal-text.ts';
import type { CommandSession } from '../command-frame.ts';
import { InterruptedError, UsageError } from '../exit-code.ts';
import { rawStream } from './clean-io.ts';

/**
 * Resolves on yes or `--yes`.
 * @throws UsageError without a terminal; InterruptedError on no
 */
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

/**
 * Makes a change that others would notice: calls `work` again with `true` after a yes.
 * @throws `approval_required` without a terminal
 */
export async function withConsent<T>(
  session: Pick<CommandSession, 'io' | 'yes'>,
  work: (force: boolean) => Promise<T>,
): Promise<T> {
  try {
    return await work(session.yes);
  } catch (error) {
    const isQuestion =
      error instanceof UsherError &&
      error.code === 'approval_required' &&
      // A plan is approved with its id, not with a yes.
      error.members['plan'] === undefined;
    if (!isQuestion || session.io.stdin.isTTY !== true) throw error;
    session.io.stderr.write(`${error.detail}\n`);
  }
  await confirm(session, 'Do it anyway?');
  return work(true);
}
