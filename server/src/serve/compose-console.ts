/** Wires what signs the users of the console in, for one look-up thread. */
import { randomBytes } from 'node:crypto';
import type { Catalog } from '../catalog/catalog.ts';
import type { ApiContext } from '../http/api-context.ts';
import { monotonicMs } from '../observe/monotonic-clock.ts';
import type { Settings } from '../settings/settings.ts';
import { EndedSessions } from '../users/ended-sessions.ts';
import { passwordCost, refusalPauseMs } from '../users/limits.ts';
import { readOidcFile } from '../users/oidc/oidc-file.ts';
import type { OidcProvider } from '../users/oidc/oidc-provider.ts';
import { PasswordWork } from '../users/password-work.ts';
import { RefusalPause } from '../users/refusal-pause.ts';
import { userKeysOf } from '../users/user-keys.ts';
import type { LookupThreadData } from './thread-messages.ts';

export async function composeConsole(
  { settings, memory, thread }: LookupThreadData,
  catalog: Catalog,
): Promise<Pick<ApiContext, 'users' | 'servesTls'>> {
  const common = { thread, clock: monotonicMs, random: Math.random };
  return {
    servesTls: settings.tlsCertificate !== null,
    users: {
      catalog,
      passwords: new PasswordWork({ ...common, memory: memory.passwords, cost: passwordCost }),
      refusals: new RefusalPause(refusalPauseMs),
      keys: userKeysOf(settings.dataFolder),
      clock: Date.now,
      ended: new EndedSessions(Date.now),
      randomBytes,
      oidc: await composeOidc(settings),
      lives: {
        idleMs: settings.sessionIdleMinutes * 60_000,
        wholeMs: settings.sessionHours * 3_600_000,
      },
    },
  };
}

/** Few servers have a provider, and its code needs memory in each thread. */
async function composeOidc({ oidc }: Settings): Promise<OidcProvider | undefined> {
  if (oidc === null) return undefined;
  const { OidcProvider } = await import('../users/oidc/oidc-provider.ts');
  return new OidcProvider(readOidcFile(oidc), monotonicMs);
}
