/**
 * All settings of a process, read and checked. Where they come from is in `setting-table.ts` and
 * `read-settings.ts`.
 */

export const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

export type LogLevel = (typeof logLevels)[number];

/** Frozen. Paths are absolute; `null`: there is none. */
export interface Settings {
  readonly dataFolder: string;
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** Look-up threads. */
  readonly workers: number;
  readonly store: 'embedded';
  readonly catalog: 'sqlite';
  readonly logLevel: LogLevel;
  /** A PEM file; set together with the key, or not at all. */
  readonly tlsCertificate: string | null;
  readonly tlsKey: string | null;
  /** CIDRs of proxies whose `X-Forwarded-For` is believed. */
  readonly trustProxy: readonly string[];
  readonly metricsPort: number | null;
  /** The file of the limiter's grants. */
  readonly limitLog: string | null;
  readonly maxConnections: number;
  /** CIDRs that HTTP sources may be fetched from although they are private. */
  readonly sourceAddresses: readonly string[];
}

export type SettingName = keyof Settings;
