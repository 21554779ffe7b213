/** Makes a change that others would notice: at once with `--yes`, otherwise after asking. */
import { UsherError } from '../../domain/errors.ts';
import type { CommandSession } from '../command-frame.ts';
import { confirm } from './confirm.ts';

/** Calls `work` again with `true` after a yes. @throws `approval_required` without a terminal */
export async function withConsent<T>(
  session: Pick<CommandSession, 'io' | 'yes'>,
  work: (force: boolean) => Promise<T>,
): Promise<T> {
  try {
    return await work(session.yes);
  } catch (error) {
    const isQuestion = error instanceof UsherError && error.code === 'approval_required';
    if (!isQuestion || session.io.stdin.isTTY !== true) throw error;
    session.io.stderr.write(`${error.detail}\n`);
  }
  await confirm(session, 'Do it anyway?');
  return work(true);
}
