/** Signing in to the console with OpenID Connect. */
import { randomBytes } from 'node:crypto';
import * as operations from '@usher/contract/session-operations';
import { UsherError } from '../../domain/errors.ts';
import type { OidcProvider } from '../../users/oidc/oidc-provider.ts';
import { beginOidc, finishOidc } from '../../users/oidc/oidc-sign-in.ts';
import { endOwnSession } from '../../users/own-sessions.ts';
import { headLine } from '../answer.ts';
import type { ApiContext } from '../api-context.ts';
import { setOidcCookie } from '../console/cookies.ts';
import { newSessionAnswer, requireSafeChannel, sessionRoute } from '../console/session-route.ts';
import { browserHead, pageHead } from '../pages/page-answer.ts';
import { problemAnswer } from '../problem-response.ts';
import type { Route } from '../route.ts';

export const sessionOidcRoutes: readonly Route[] = [
  sessionRoute(operations.startOidc, async ({ context, browser, signedIn }) => {
    const provider = requireProvider(context);
    requireSafeChannel(browser);
    const redirectUri = browser.origin + operations.showOidcCallback.path;
    const { url, kept } = await beginOidc(
      context.users,
      provider,
      redirectUri,
      signedIn !== undefined,
    );
    const cookie = setOidcCookie(browser.channel === 'tls', kept);
    const head = headLine('Location', url) + cookie + headLine('Cache-Control', 'no-store');
    return { status: 302, head, body: '' };
  }),

  // Reads no parameter: the page sends them on, so that a GET signs nobody in.
  {
    operation: operations.showOidcCallback,
    answer: ({ users }, { requestId }) => {
      if (users.oidc === undefined) {
        return problemAnswer({ code: 'route_unknown', detail: notOffered }, requestId);
      }
      const nonce = randomBytes(16).toString('base64');
      const rules = pageHead(contentRules(nonce));
      const head = browserHead + rules + headLine('Cache-Control', 'no-store');
      return { status: 200, head, body: page(nonce) };
    },
  },

  sessionRoute(operations.finishOidc, async ({ context, browser, body, signedIn }) => {
    const provider = requireProvider(context);
    requireSafeChannel(browser);
    const answer = {
      parameters: body.parameters,
      kept: browser.oidc,
      organizationId: organizationOf(context, provider),
    };
    const made = await finishOidc(context.users, provider, answer, browser.visitor);
    if (signedIn !== undefined) await endOwnSession(context.users, signedIn, signedIn.session.id);
    const done = await newSessionAnswer(context, browser, made);
    return { ...done, head: done.head + setOidcCookie(browser.channel === 'tls', undefined) };
  }),
];

function contentRules(nonce: string): string[] {
  return [`script-src 'nonce-${nonce}'`, "connect-src 'self'", 'img-src data:'];
}

const notOffered = 'This server does not offer OpenID Connect. Set USHER_OIDC.';

function requireProvider({ users }: ApiContext): OidcProvider {
  if (users.oidc !== undefined) return users.oidc;
  throw new UsherError('route_unknown', notOffered);
}

function organizationOf({ catalog }: ApiContext, { options }: OidcProvider): number {
  for (const [id, { organization }] of catalog.current().organizations) {
    if (organization.name === options.organization) return id;
  }
  throw new UsherError(
    'sign_in_failed',
    'The organization in the file of USHER_OIDC does not exist. Tell the operator.',
  );
}

/** The address with the code leaves the history before anything else happens. */
function page(nonce: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Signing in</title>
<link rel="icon" href="data:,">
</head>
<body>
<p id="words">Signing you in ...</p>
<p><a href="/console">Back to the console</a></p>
<script nonce="${nonce}">
const parameters = location.search.slice(1);
history.replaceState(null, '', location.pathname);
const words = document.getElementById('words');
// A window that waits for this sign-in answers, and goes on by itself.
function goOn() {
  const channel = new BroadcastChannel('usher-session');
  const alone = setTimeout(() => location.replace('/console'), 500);
  channel.onmessage = ({ data }) => {
    if (data !== 'waited for') return;
    clearTimeout(alone);
    words.textContent = 'You are signed in. Go on in the other window, and close this one.';
    close();
  };
  channel.postMessage('signed in');
}
fetch('${operations.finishOidc.path}', {
  method: 'POST',
  credentials: 'same-origin',
  headers: { 'Content-Type': 'application/json' },
  body: JSON.stringify({ parameters }),
}).then(async (answer) => {
  if (!answer.ok) words.textContent = (await answer.json()).detail;
  else goOn();
}).catch(() => {
  words.textContent = 'The server does not answer. Try again.';
});
</script>
</body>
</html>
`;
}
