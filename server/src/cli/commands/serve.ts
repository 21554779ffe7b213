/** `usher serve`: runs the server in the foreground until it is told to stop. */
import type { Command } from 'commander';
import { runServer } from '../../serve/run-server.ts';
import { exposureWarning } from '../../settings/exposure.ts';
import type { SettingName, Settings } from '../../settings/settings.ts';
import { addSettingOptions, type CommandFrame, type CommandSession } from '../command-frame.ts';

const serverSettings: readonly SettingName[] = [
  ...(['host', 'port', 'workers', 'tlsCertificate', 'tlsKey'] as const),
  ...(['trustProxy', 'metricsPort', 'limitLog', 'maxConnections'] as const),
  'maxUploadMegabytes',
  ...(['sessionIdleMinutes', 'sessionHours'] as const),
];

export function defineServeCommand(command: Command, frame: CommandFrame): void {
  addSettingOptions(command, serverSettings);
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
      session.output.message(`Usher serves ${serverUrl(session.settings, port)}`);
    },
  });
}

export function serverUrl(settings: Settings, port: number): string {
  const scheme = settings.tlsCertificate === null ? 'http' : 'https';
  const host = settings.host.includes(':') ? `[${settings.host}]` : settings.host;
  return `${scheme}://${host}:${port}`;
}
