/** `usher demo`: demo data, a server on loopback, and two commands to try it with. */
import type { Command } from 'commander';
import { runServer } from '../../serve/run-server.ts';
import type { Settings } from '../../settings/settings.ts';
import { addSettingOptions, type CommandFrame, type CommandSession } from '../command-frame.ts';
import { withAdministration } from '../with-administration.ts';
import { serverUrl } from './serve.ts';

export function defineDemoCommand(command: Command, frame: CommandFrame): void {
  addSettingOptions(command, ['port', 'workers']);
  command.addHelpText('after', help).action(frame.action(demo));
}

const help = `
Examples:
  usher demo
  usher demo --port 9000 --data ./usher-demo

The demo data belongs to an organization of its own, "demo". Each start creates a new token, and
revokes the token of the last start. Segments and flows stay as you change them.`;

const demoIdentity = 'email:tom@hello.com';

async function demo(session: CommandSession): Promise<void> {
  // The demo prints its token, so only this machine may reach it.
  const settings: Settings = { ...session.settings, host: '127.0.0.1' };
  const { demoOrganizationName, makeDemo } = await import('../demo/make-demo.ts');
  const explain = session.suggest.next(
    ...['explain', demoIdentity, '--organization', demoOrganizationName],
  );
  const tell = (port: number) =>
    tellWhatToTry(session, { url: serverUrl(settings, port), ...made, explain });
  const isPortKnown = settings.port !== 0;
  let made = { token: '', link: '' };
  await runServer({
    settings,
    clock: session.io.clock,
    // Runs last, so that a demo that cannot start does not revoke the token of a running one.
    prepare: async () => {
      made = await withAdministration(session, true, (administration) =>
        makeDemo(administration, settings),
      );
      if (isPortKnown) tell(settings.port);
    },
    stop: session.io.drained,
    onWaiting: (detail) => session.output.warning(detail),
    onReady: (port) => {
      if (!isPortKnown) tell(port);
      session.output.message('Ready. Stop it with ctrl-c.');
    },
  });
}

interface Trial {
  readonly url: string;
  readonly token: string;
  /** The path that opens the console signed in. It works once. */
  readonly link: string;
  readonly explain: string;
}

function tellWhatToTry(session: CommandSession, { url, token, link, explain }: Trial): void {
  const request = `${url}/audience/v2/contacts?identity=${demoIdentity}`;
  const curl = `curl -s -H 'Authorization: Bearer ${token}' '${request}'`;
  const console = url + link;
  session.output.data({ url, token, console, curl, explain }, () =>
    [
      `Starting Usher with the contacts of the organization "demo" at ${url}`,
      `token: ${token}`,
      '',
      'Open the console, signed in. The link works once; each start prints a new one:',
      `  ${console}`,
      '',
      'Look up a person:',
      `  ${curl}`,
      'See why this person is in a segment or a flow, in a second terminal:',
      `  npx ${explain}`,
      '',
    ].join('\n'),
  );
}
