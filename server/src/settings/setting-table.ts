/**
 * THE SETTINGS: one row each. `docs/settings.md`, `usher settings` and the flags of commands come
 * from this table; reading it against flags and environment is `read-settings.ts`'s business. A new
 * setting is a new row.
 */
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
import { logLevels, type SettingName, type Settings } from './settings.ts';

export interface SettingRow<T> {
  /** In the environment. */
  readonly variable: string;
  /** On the command line, with what stands after it. */
  readonly flag: string;
  readonly description: string;
  /** What holds when nothing is said; read like any other text, '' where there is none. */
  readonly usual: string | ((machine: Machine) => string);
  readonly read: (text: string, machine: Machine) => Reading<T>;
  /**
   * A secret is never shown, has no flag that holds it, and can come from a file named by
   * `<variable>_FILE`.
   */
  readonly secret?: true;
}

const maxWorkers = 64;

export const settingTable: { readonly [Name in SettingName]: SettingRow<Settings[Name]> } = {
  dataFolder: {
    variable: 'USHER_DATA',
    flag: '--data <folder>',
    description: 'The folder that holds everything; made with mode 0700',
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
    description: 'The port to listen on; 0: any free one',
    usual: '8080',
    read: readWhole(0, 65_535),
  },
  workers: {
    variable: 'USHER_WORKERS',
    flag: '--workers <number>',
    description: `Look-up threads, 1 to ${maxWorkers}; usually one for each core`,
    usual: (machine) => String(Math.min(machine.cores, maxWorkers)),
    read: readWhole(1, maxWorkers),
  },
  store: {
    variable: 'USHER_STORE',
    flag: '--store <kind>',
    description: 'Where contacts are kept: embedded, in the data folder',
    usual: 'embedded',
    read: readOneOf(['embedded']),
  },
  catalog: {
    variable: 'USHER_CATALOG',
    flag: '--catalog <kind>',
    description: 'Where definitions and tokens are kept: sqlite, in the data folder',
    usual: 'sqlite',
    read: readOneOf(['sqlite']),
  },
  logLevel: {
    variable: 'USHER_LOG_LEVEL',
    flag: '--log-level <level>',
    description: `How much is logged: ${logLevels.join(', ')}`,
    usual: 'info',
    read: readOneOf(logLevels),
  },
  tlsCertificate: {
    variable: 'USHER_TLS_CERT',
    flag: '--tls-cert <file>',
    description: 'The certificate to serve TLS with, as a PEM file',
    usual: '',
    read: orNone(readPath),
  },
  tlsKey: {
    variable: 'USHER_TLS_KEY',
    flag: '--tls-key <file>',
    description: "The certificate's key, as a PEM file",
    usual: '',
    read: orNone(readPath),
  },
  trustProxy: {
    variable: 'USHER_TRUST_PROXY',
    flag: '--trust-proxy <networks>',
    description: 'Addresses or CIDRs of proxies whose X-Forwarded-For is believed',
    usual: '',
    read: readNetworks,
  },
  metricsPort: {
    variable: 'USHER_METRICS_PORT',
    flag: '--metrics-port <number>',
    description:
      'A port of its own for /metrics, without a token; the port of the API asks for one',
    usual: '',
    read: orNone(readWhole(1, 65_535)),
  },
  limitLog: {
    variable: 'USHER_LIMIT_LOG',
    flag: '--limit-log <file>',
    description: 'A file to log each grant of the limit to, for audits',
    usual: '',
    read: orNone(readPath),
  },
  maxConnections: {
    variable: 'USHER_MAX_CONNECTIONS',
    flag: '--max-connections <number>',
    description: 'Connections that may be open at once',
    usual: '10000',
    read: readWhole(1, 1_000_000),
  },
  sourceAddresses: {
    variable: 'USHER_SOURCE_ADDRESSES',
    flag: '--source-addresses <networks>',
    description: 'Private addresses or CIDRs that HTTP sources may be fetched from',
    usual: '',
    read: readNetworks,
  },
};

/** In the table's order. */
export const settingNames = Object.keys(settingTable) as readonly SettingName[];

/** `dataFolder` of `--data <folder>` is `data`: the flag as commander names it. */
export function flagKey(name: SettingName): string {
  const word = settingTable[name].flag.slice(2).split(' ')[0] ?? '';
  return word.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
