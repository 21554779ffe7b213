/** When a walk over contacts pauses. */
import { maxStepMs } from '../limits.ts';

/** For `ContactWalk.isOver`: true once the step that begins now has taken `maxStepMs`. */
export function stepEnd(): () => boolean {
  const endMs = performance.now() + maxStepMs;
  return () => performance.now() > endMs;
}
