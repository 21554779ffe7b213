/** Makes a change, and approves its plan if it needs one. */
import type { Administration } from '../../src/administration/administration.ts';
import { UsherError } from '../../src/domain/errors.ts';

export async function approved<T>(
  operator: Administration,
  work: (administration: Administration) => Promise<T>,
): Promise<T> {
  try {
    return await work(operator);
  } catch (error) {
    const plan = error instanceof UsherError ? error.members['plan'] : undefined;
    if (typeof plan !== 'string') throw error;
    return work({ ...operator, plan });
  }
}
