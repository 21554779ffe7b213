/**
 * Does what takes something away from somebody: at once with `--yes`, else after the operator has
 * read from whom and agreed.
 */
import { UsherError } from '../../domain/errors.ts';
import type { CommandSession } from '../command-frame.ts';
import { confirm } from './confirm.ts';

/**
 * @param work is called again with `true` once the operator agreed
 * @throws UsherError `approval_required` when nobody is there to agree
 */
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
  await confirm(session, 'Do it all the same?');
  return work(true);
}
