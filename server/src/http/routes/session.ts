/** Signing in to the console, and what users change about themselves. */
import * as operations from '@usher/contract/session-operations';
import { UsherError } from '../../domain/errors.ts';
import { takeLink } from '../../users/links.ts';
import {
  beginTotp,
  changePassword,
  confirmSession,
  enableTotp,
  removeTotp,
} from '../../users/own-account.ts';
import { endOwnSession, listOwnSessions } from '../../users/own-sessions.ts';
import { signIn } from '../../users/sign-in.ts';
import { viewSession } from '../../users/view-user.ts';
import type { Answer } from '../answer.ts';
import type { ApiContext } from '../api-context.ts';
import type { Browser } from '../console/browser.ts';
import { setCookie } from '../console/cookies.ts';
import {
  newSessionAnswer,
  requireSafeChannel,
  sessionAnswer,
  sessionRoute,
} from '../console/session-route.ts';
import { jsonAnswer } from '../json-answer.ts';
import type { Route } from '../route.ts';

/** The named organization, by default the first. `undefined`: the name is unknown. */
function organizationNamed({ catalog }: ApiContext, name: string | undefined): number | undefined {
  const all = [...catalog.current().organizations].toSorted(([one], [other]) => one - other);
  const found = all.find(([, it]) => name === undefined || it.organization.name === name);
  return found?.[0];
}

export const sessionRoutes: readonly Route[] = [
  sessionRoute(operations.getSession, async ({ context, signedIn }) =>
    sessionAnswer(context, signedIn),
  ),

  sessionRoute(operations.signIn, async ({ context, browser, body, signedIn }) => {
    requireSafeChannel(browser);
    const organizationId = organizationNamed(context, body.organization);
    const request = { ...body, organizationId };
    const made = await signIn(context.users, request, browser.visitor);
    // The session from before would live on without its cookie.
    if (signedIn !== undefined) await endOwnSession(context.users, signedIn, signedIn.session.id);
    return newSessionAnswer(context, browser, made);
  }),

  sessionRoute(operations.signOut, async ({ context, browser, signedIn }) => {
    if (signedIn !== undefined) await endOwnSession(context.users, signedIn, signedIn.session.id);
    return signedOut(browser);
  }),

  sessionRoute(operations.takeLink, async ({ context, browser, body, signedIn }) => {
    requireSafeChannel(browser);
    const made = await takeLink(context.users, body, browser.visitor);
    if (signedIn !== undefined) await endOwnSession(context.users, signedIn, signedIn.session.id);
    return newSessionAnswer(context, browser, made);
  }),

  sessionRoute(operations.confirmSession, async ({ context, signedIn, body }) =>
    sessionAnswer(context, await confirmSession(context.users, signedIn, body)),
  ),

  sessionRoute(operations.changePassword, async ({ context, browser, signedIn, body }) => {
    const { password, new_password: newPassword } = body;
    const made = await changePassword(context.users, signedIn, { password, newPassword });
    return newSessionAnswer(context, browser, made);
  }),

  sessionRoute(operations.changeTotp, async ({ context, signedIn, body }) => {
    const { code } = body;
    const { users } = context;
    const made = await (code === undefined
      ? beginTotp(users, signedIn)
      : enableTotp(users, signedIn, code));
    return jsonAnswer(200, made);
  }),

  sessionRoute(operations.removeTotp, async ({ context, signedIn }) => {
    await removeTotp(context.users, signedIn);
    return done;
  }),

  sessionRoute(operations.listOwnSessions, async ({ context, signedIn }) => {
    const sessions = await listOwnSessions(context.users, signedIn);
    const data = sessions.map((session) => ({
      ...viewSession(session),
      is_current: session.id === signedIn.session.id,
    }));
    return jsonAnswer(200, { data });
  }),

  sessionRoute(operations.endOwnSession, async ({ context, browser, signedIn, params }) => {
    const isEnded = await endOwnSession(context.users, signedIn, params.id);
    if (!isEnded) throw new UsherError('resource_not_found', 'You have no such session.');
    return params.id === signedIn.session.id ? signedOut(browser) : done;
  }),
];

const done: Answer = { status: 204, head: '', body: '' };

function signedOut({ channel }: Browser): Answer {
  return { ...done, head: setCookie('session', channel === 'tls', undefined) };
}
