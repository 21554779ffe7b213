/** Tells whether the system was started again. */
import { readFileSync } from 'node:fs';

/** Changes when the system starts. `undefined` where the system does not tell it. */
export function readBootId(): string | undefined {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
  } catch {
    return undefined;
  }
}
