/** The settings of a process, after `read-settings.ts` has read and checked them. */

export const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

export type LogLevel = (typeof logLevels)[number];

export const accessLogModes = ['on', 'required', 'off'] as const;

export type AccessLogMode = (typeof accessLogModes)[number];

export const rehearsalModes = ['on', 'off'] as const;

/** Frozen. Paths are absolute; `null` means not set. */
export interface Settings {
  readonly dataFolder: string;
  readonly host: string;
  /** 0 means any free port. */
  readonly port: number;
  readonly workers: number;
  readonly store: 'embedded';
  readonly catalog: 'sqlite';
  readonly logLevel: LogLevel;
  /** A PEM file. Set together with the key or not at all. */
  readonly tlsCertificate: string | null;
  readonly tlsKey: string | null;
  /** CIDRs of proxies whose `X-Forwarded-For` is trusted. */
  readonly trustProxy: readonly string[];
  readonly metricsPort: number | null;
  /** The file for the limiter's grants. */
  readonly limitLog: string | null;
  readonly maxConnections: number;
  /** Whether look-up threads answer look-ups of their own before the server is ready. */
  readonly rehearsal: (typeof rehearsalModes)[number];
  /** The file that says how users sign in with OpenID Connect. */
  readonly oidc: string | null;
  /** How long a session of the console may be unused. */
  readonly sessionIdleMinutes: number;
  /** How long a session of the console lasts at most. */
  readonly sessionHours: number;
  /** CIDRs of private addresses that HTTP sources may be fetched from. */
  readonly sourceAddresses: readonly string[];
  /** `required`: look-ups stop when the access log cannot be written. */
  readonly accessLog: AccessLogMode;
  /** The size of the access log; its oldest files leave. */
  readonly accessLogMegabytes: number;
  /** `null`: files leave by size alone. */
  readonly accessLogDays: number | null;
  /** The largest file that a caller may upload, in megabytes of 1,048,576 bytes. */
  readonly maxUploadMegabytes: number;
}

export type SettingName = keyof Settings;
