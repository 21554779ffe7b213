/** `usher serve`: runs the server in the foreground until it is told to stop. */
import type { Command } from 'commander';
import { listOrganizations } from '../../administration/organizations.ts';
import { runServer } from '../../serve/run-server.ts';
import { exposureWarning } from '../../settings/exposure.ts';
import { settingNames } from '../../settings/setting-table.ts';
import type { SettingName, Settings } from '../../settings/settings.ts';
import {
  addSettingOptions,
  type CommandFrame,
  type CommandSession,
  globalSettings,
} from '../command-frame.ts';
import { withAdministration } from '../with-administration.ts';

/** Processes that the server starts read `sourceAddresses`, and have no flags of the server. */
const otherSettings: readonly SettingName[] = ['store', 'catalog', 'sourceAddresses'];

export function defineServeCommand(command: Command, frame: CommandFrame): void {
  const others = [...globalSettings, ...otherSettings];
  addSettingOptions(
    command,
    settingNames.filter((name) => !others.includes(name)),
  );
  command.addHelpText('after', examples).action(frame.action(serve));
}

const examples = `
Examples:
  usher serve                                   on 127.0.0.1:8080, with the data in ./usher-data
  usher serve --port 9000 --workers 2
  USHER_HOST=0.0.0.0 USHER_TLS_CERT=cert.pem USHER_TLS_KEY=key.pem usher serve

SIGTERM, SIGHUP or ctrl-c drains the server: /readyz fails, open requests are answered, and the
server ends within 10 s. A second signal ends it at once.`;

async function serve(session: CommandSession): Promise<void> {
  const warning = exposureWarning(session.settings);
  if (warning !== undefined) session.output.warning(warning);
  await runServer({
    settings: session.settings,
    clock: session.io.clock,
    stop: session.io.drained,
    onWaiting: (detail) => session.output.warning(detail),
    onReady: (port) => {
      const url = serverUrl(session.settings, port);
      session.output.message(`Usher serves ${url}`);
      void tellFirstLink(session, url);
    },
  });
}

/** While nobody can use the console yet: how the first administrator gets in. */
async function tellFirstLink(session: CommandSession, url: string): Promise<void> {
  const { linkFirstUser } = await import('../../users/first-user.ts');
  const { userKeysOf } = await import('../../users/user-keys.ts');
  try {
    const made = await withAdministration(session, false, async (administration) => {
      const [organization] = await listOrganizations(administration);
      const keys = userKeysOf(session.settings.dataFolder);
      const organizationId = organization?.id ?? 0;
      return linkFirstUser({ administration, organizationId, keys });
    });
    if (made === undefined) return;
    session.output.message(
      `Nobody can sign in to the console yet. The first administrator opens this link, which works once, within a day:\n  ${url}${made.link}`,
    );
  } catch (error) {
    // The server runs all the same.
    const words = error instanceof Error ? error.message : String(error);
    session.output.warning(`No link for the first administrator could be made: ${words}`);
  }
}

export function serverUrl(settings: Settings, port: number): string {
  const scheme = settings.tlsCertificate === null ? 'http' : 'https';
  const host = settings.host.includes(':') ? `[${settings.host}]` : settings.host;
  return `${scheme}://${host}:${port}`;
}
