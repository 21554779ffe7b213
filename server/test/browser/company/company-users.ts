/** The users of the company: each role, one who is invited, one who left, and their sessions. */
import type { RoleName } from '@usher/contract/roles';
import { takeLink } from '../../../src/users/links.ts';
import {
  inviteUser,
  type LinkedUser,
  revokeUser,
  type UserManager,
} from '../../../src/users/manage-users.ts';
import { signIn } from '../../../src/users/sign-in.ts';
import { goodPassword } from '../../users/console-client.ts';
import { userDesk } from '../../users/user-desk.ts';
import type { PastEvent } from './past-event.ts';

const hourMs = 3_600_000;

interface Person {
  readonly name: string;
  readonly role: RoleName;
  /** Hours since the user last signed in, or left; missing: never signed in. */
  readonly signedInHours?: number;
  readonly address?: string;
  readonly userAgent?: string;
  readonly hasLeft?: boolean;
}

const chrome = 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Chrome/142.0 Safari/537.36';
const firefox = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Firefox/145.0';
const phone = 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Safari/604.1';

const people: readonly Person[] = [
  ...(
    [
      ['Dana Reyes', 'admin', 0.2, '10.4.1.7', chrome],
      ['Noor Haddad', 'engineer', 2, '10.4.1.31', chrome],
      ['Ivo Novak', 'marketer', 5, '10.4.2.44', firefox],
      ['Lena Fischer', 'analyst', 3, '10.4.2.52', chrome],
      ['Mira Chen', 'support', 1, '10.4.2.19', firefox],
      ['Leo Brandt', 'support', 4, '10.4.2.18', phone],
      ['Sam Okafor', 'auditor', 6, '10.4.1.12', chrome],
    ] as const
  ).map(([name, role, signedInHours, address, userAgent]) => ({
    ...{ name, role, signedInHours, address, userAgent },
  })),
  { name: 'Priya Nair', role: 'marketer' },
  { name: 'Max Keller', role: 'engineer', signedInHours: 30, hasLeft: true },
];

export function emailOf(name: string): string {
  return `${name.toLowerCase().replace(' ', '.')}@harbourcoffee.example`;
}

/** What happened with the users. */
export function userEvents(manager: UserManager, dataFolder: string): readonly PastEvent[] {
  const desk = {
    ...userDesk(manager.administration, dataFolder),
    lives: { idleMs: 48 * hourMs, wholeMs: 48 * hourMs },
  };
  const { organizationId } = manager;
  return people.flatMap(({ name, role, hasLeft, signedInHours, ...person }, place) => {
    const { address = '', userAgent = '' } = person;
    const visitor = { address, userAgent, device: undefined };
    const email = emailOf(name);
    const invitedHours = 400 - 20 * place;
    let made: LinkedUser | undefined;
    const invited: PastEvent = {
      hoursAgo: invitedHours,
      act: async () => {
        made = await inviteUser(manager, { name, role, email });
      },
    };
    if (signedInHours === undefined) return [invited];
    const began: PastEvent = {
      hoursAgo: invitedHours - 3,
      act: async () => {
        const link = made?.link.split('#')[1] ?? '';
        await takeLink(desk, { link, password: goodPassword }, visitor);
      },
    };
    const next: PastEvent = {
      hoursAgo: signedInHours,
      act: async () => {
        if (hasLeft === true) await revokeUser(manager, made?.user.id ?? '');
        else await signIn(desk, { organizationId, email, password: goodPassword }, visitor);
      },
    };
    return [invited, began, next];
  });
}
