/** `usher demo`: demo data, a server on loopback, and a `curl` to try it with. */
import type { Command } from 'commander';
import { runServer } from '../../serve/run-server.ts';
import type { SettingName, Settings } from '../../settings/settings.ts';
import { addSettingOptions, type CommandFrame, type CommandSession } from '../command-frame.ts';
import { withAdministration } from '../with-administration.ts';
import { serverUrl } from './serve.ts';

const demoSettings: readonly SettingName[] = ['port', 'workers'];

export function defineDemoCommand(program: Command, frame: CommandFrame): void {
  const command = program
    .command('demo')
    .description('demo data, a server, a token and a ready curl');
  addSettingOptions(command, demoSettings);
  command
    .addHelpText(
      'after',
      `
Examples:
  usher demo
  usher demo --port 9000 --data ./usher-demo

The data is an organization of its own, "demo"; each start makes a new token and ends the last one.`,
    )
    .action(frame.action(demo));
}

async function demo(session: CommandSession): Promise<void> {
  // A demo's token is on the screen: it is for this machine alone.
  const settings: Settings = { ...session.settings, host: '127.0.0.1' };
  const { makeDemo } = await import('../demo/make-demo.ts');
  const isPortKnown = settings.port !== 0;
  let token = '';
  await runServer({
    settings,
    clock: session.io.clock,
    // A demo that cannot start leaves the token of the one that runs alone.
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
      `Usher, with the contacts of the organization "demo", in a second at ${url}`,
      `token: ${token}`,
      '',
      curl,
      '',
    ].join('\n'),
  );
}
