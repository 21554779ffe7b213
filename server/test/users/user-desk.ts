/** What signs users in, for tests: passwords cost little. */
import type { Administration } from '../../src/administration/administration.ts';
import { EndedSessions } from '../../src/users/ended-sessions.ts';
import type { OidcProvider } from '../../src/users/oidc/oidc-provider.ts';
import { allocatePasswordSlots, PasswordWork } from '../../src/users/password-work.ts';
import { RefusalPause } from '../../src/users/refusal-pause.ts';
import type { UserDesk } from '../../src/users/user-desk.ts';
import { userKeysOf } from '../../src/users/user-keys.ts';

export function userDesk(
  { catalog, clock, randomBytes }: Administration,
  dataFolder: string,
  oidc?: OidcProvider,
): UserDesk {
  const cost = { n: 2 ** 10, r: 8, p: 1 };
  const memory = allocatePasswordSlots();
  return {
    ...{ catalog, clock, randomBytes, oidc },
    passwords: new PasswordWork({
      memory,
      thread: 1,
      clock: () => performance.now(),
      random: Math.random,
      cost,
    }),
    refusals: new RefusalPause(0),
    keys: userKeysOf(dataFolder),
    ended: new EndedSessions(clock),
    lives: { idleMs: 30 * 60_000, wholeMs: 12 * 3_600_000 },
  };
}
