/** `usher demo`: demo data, a server on loopback, and a `curl` to try it with. */
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
revokes the token of the last start.`;

async function demo(session: CommandSession): Promise<void> {
  // The demo prints its token, so only this machine may reach it.
  const settings: Settings = { ...session.settings, host: '127.0.0.1' };
  const { makeDemo } = await import('../demo/make-demo.ts');
  const isPortKnown = settings.port !== 0;
  let token = '';
  await runServer({
    settings,
    clock: session.io.clock,
    // Runs last, so that a demo that cannot start does not revoke the token of a running one.
    prepare: async () => {
      token = await withAdministration(session, true, (administration) =>
        makeDemo(administration, settings),
      );
      if (isPortKnown) tellHowToCall(session, serverUrl(settings, settings.port), token);
    },
    stop: session.io.drained,
    onWaiting: (detail) => session.output.warning(detail),
    onReady: (port) => {
      if (!isPortKnown) tellHowToCall(session, serverUrl(settings, port), token);
      session.output.message('Ready. Stop it with ctrl-c.');
    },
  });
}

function tellHowToCall(session: CommandSession, url: string, token: string): void {
  const request = `${url}/audience/v2/contacts?identity=email:tom@hello.com`;
  const curl = `curl -s -H 'Authorization: Bearer ${token}' '${request}'`;
  session.output.data({ url, token, curl }, () =>
    [
      `Starting Usher with the contacts of the organization "demo" at ${url}`,
      `token: ${token}`,
      '',
      curl,
      '',
    ].join('\n'),
  );
}
