/** The settings, a row each; `usher settings`, `docs/settings.md` and the flags follow it. */
import {
  type Machine,
  orNone,
  type Reading,
  readHost,
  readNetworks,
  readOneOf,
  readPath,
  readWhole,
} from './setting-values.ts';
import {
  accessLogModes,
  logLevels,
  rehearsalModes,
  type SettingName,
  type Settings,
} from './settings.ts';

export interface SettingRow<T> {
  /** The environment variable. */
  readonly variable: string;
  /** The flag with its argument. */
  readonly flag: string;
  readonly description: string;
  /** The default, read like any other text; '' for none. */
  readonly usual: string | ((machine: Machine) => string);
  readonly read: (text: string, machine: Machine) => Reading<T>;
}

const maxWorkers = 64;

export const settingTable: { readonly [Name in SettingName]: SettingRow<Settings[Name]> } = {
  dataFolder: {
    variable: 'USHER_DATA',
    flag: '--data <folder>',
    description: 'The data folder; created with mode 0700',
    usual: './usher-data',
    read: readPath,
  },
  host: {
    variable: 'USHER_HOST',
    flag: '--host <address>',
    description: 'The address to listen on',
    usual: '127.0.0.1',
    read: readHost,
  },
  port: {
    variable: 'USHER_PORT',
    flag: '--port <number>',
    description: 'The port to listen on; 0 for any free one',
    usual: '8080',
    read: readWhole(0, 65_535),
  },
  workers: {
    variable: 'USHER_WORKERS',
    flag: '--workers <number>',
    description: `Look-up threads, 1 to ${maxWorkers} (default: one for each core)`,
    usual: (machine) => String(Math.min(machine.cores, maxWorkers)),
    read: readWhole(1, maxWorkers),
  },
  store: {
    variable: 'USHER_STORE',
    flag: '--store <kind>',
    description: 'The contact store: embedded keeps it in the data folder',
    usual: 'embedded',
    read: readOneOf(['embedded']),
  },
  catalog: {
    variable: 'USHER_CATALOG',
    flag: '--catalog <kind>',
    description: 'The catalog of definitions and tokens: sqlite keeps it in the data folder',
    usual: 'sqlite',
    read: readOneOf(['sqlite']),
  },
  logLevel: {
    variable: 'USHER_LOG_LEVEL',
    flag: '--log-level <level>',
    description: `The least severe level to log: ${logLevels.join(', ')}`,
    usual: 'info',
    read: readOneOf(logLevels),
  },
  tlsCertificate: {
    variable: 'USHER_TLS_CERT',
    flag: '--tls-cert <file>',
    description: 'The TLS certificate, a PEM file',
    usual: '',
    read: orNone(readPath),
  },
  tlsKey: {
    variable: 'USHER_TLS_KEY',
    flag: '--tls-key <file>',
    description: 'The key of the TLS certificate, a PEM file',
    usual: '',
    read: orNone(readPath),
  },
  trustProxy: {
    variable: 'USHER_TRUST_PROXY',
    flag: '--trust-proxy <networks>',
    description: 'Addresses or CIDRs of proxies whose X-Forwarded-For is trusted',
    usual: '',
    read: readNetworks,
  },
  metricsPort: {
    variable: 'USHER_METRICS_PORT',
    flag: '--metrics-port <number>',
    description:
      "A port on which /metrics needs no token; /metrics on the API's port needs a token",
    usual: '',
    read: orNone(readWhole(1, 65_535)),
  },
  limitLog: {
    variable: 'USHER_LIMIT_LOG',
    flag: '--limit-log <file>',
    description: 'A file that gets a line for each request that the rate limit admits, for audits',
    usual: '',
    read: orNone(readPath),
  },
  maxConnections: {
    variable: 'USHER_MAX_CONNECTIONS',
    flag: '--max-connections <number>',
    description: 'The number of connections that may be open at once',
    usual: '10000',
    read: readWhole(1, 1_000_000),
  },
  rehearsal: {
    variable: 'USHER_REHEARSAL',
    flag: '--rehearsal <mode>',
    description:
      'on: answer look-ups of its own before it is ready, so that the first ones are fast; off',
    usual: 'on',
    read: readOneOf(rehearsalModes),
  },
  oidc: {
    variable: 'USHER_OIDC',
    flag: '--oidc <file>',
    description: 'A JSON file that says how users sign in to the console with OpenID Connect',
    usual: '',
    read: orNone(readPath),
  },
  sessionIdleMinutes: {
    variable: 'USHER_SESSION_IDLE_MINUTES',
    flag: '--session-idle-minutes <number>',
    description: 'Minutes after which a session of the console ends if it is not used, 5 to 480',
    usual: '30',
    read: readWhole(5, 480),
  },
  sessionHours: {
    variable: 'USHER_SESSION_HOURS',
    flag: '--session-hours <number>',
    description: 'Hours after which a session of the console ends in any case, 1 to 168',
    usual: '12',
    read: readWhole(1, 168),
  },
  sourceAddresses: {
    variable: 'USHER_SOURCE_ADDRESSES',
    flag: '--source-addresses <networks>',
    description: 'Private addresses or CIDRs that HTTP sources may be fetched from',
    usual: '',
    read: readNetworks,
  },
  accessLog: {
    variable: 'USHER_ACCESS_LOG',
    flag: '--access-log <mode>',
    description:
      'on: note who looks at which contact; required: and answer no look-up when that fails; off',
    usual: 'on',
    read: readOneOf(accessLogModes),
  },
  accessLogMegabytes: {
    variable: 'USHER_ACCESS_LOG_MEGABYTES',
    flag: '--access-log-megabytes <number>',
    description: 'The size of the access log; the oldest files are removed',
    usual: '1024',
    read: readWhole(64, 1_000_000),
  },
  accessLogDays: {
    variable: 'USHER_ACCESS_LOG_DAYS',
    flag: '--access-log-days <number>',
    description: 'How many days the access log is kept, unless its size is reached before',
    usual: '',
    read: orNone(readWhole(1, 36_500)),
  },
  maxUploadMegabytes: {
    variable: 'USHER_MAX_UPLOAD_MB',
    flag: '--max-upload-mb <number>',
    description: 'The largest file that a caller may upload, in megabytes',
    usual: '256',
    read: readWhole(1, 65_536),
  },
};

export const settingNames = Object.keys(settingTable) as readonly SettingName[];

/** The flag's name in commander: `data` for `--data <folder>`. */
export function flagKey(name: SettingName): string {
  const word = settingTable[name].flag.slice(2).split(' ')[0] ?? '';
  return word.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
