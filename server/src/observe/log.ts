/**
 * The log for operators: JSON lines about internal failures. It holds no token, identity or value
 * of a caller. The first defence is not to log them; the second is here, where such fields are
 * removed.
 */
import { pino } from 'pino';
import { terminalText } from '../domain/terminal-text.ts';
import { withSourcePlaces } from './source-places.ts';

export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export interface LogOptions {
  readonly level: string;
  /** The part of the process that logs, such as `worker 2`. */
  readonly part: string;
  /** Takes the lines; if missing, they go to standard error. */
  readonly write?: (line: string) => void;
}

/** Names of fields whose values are never written, at the top level and one level below. */
const secretNames = [
  'authorization',
  'token',
  'identity',
  'value',
  'email',
  'query',
  'body',
  'url',
];

export function createLog(options: LogOptions): Log {
  const { write } = options;
  const file = write === undefined ? standardError() : { write };
  // JSON leaves some control characters as they are, and people read logs on terminals.
  const destination = { write: (line: string) => void file.write(terminalText(line)) };
  return pino(
    {
      level: options.level,
      base: { part: options.part },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: secretNames.flatMap((name) => [name, `*.${name}`]), censor: '[cut]' },
      serializers: { error: describeError, refused: describeRefusal },
    },
    destination,
  );
}

/** Bytes of lines that wait while standard error cannot be written; later lines are dropped. */
const maxWaitingBytes = 65_536;

/**
 * A log that cannot be written, because its disk is full or its reader has gone or is slow, never
 * ends the process and never blocks it: the lines wait, and the next line tries again.
 */
function standardError() {
  const file = pino.destination({
    ...{ fd: 2, sync: true, maxLength: maxWaitingBytes },
    retryEAGAIN: () => false,
  });
  file.on('error', () => undefined);
  return file;
}

/** An error for the log, without words that look like a token or an e-mail address. */
function describeError(error: unknown, depth = 0): unknown {
  if (!(error instanceof Error)) return { kind: typeof error };
  const { code, context, cause } = error as Error & { code?: unknown; context?: object };
  return {
    name: error.name,
    ...(typeof code === 'string' ? { code } : {}),
    stack: cutSecrets(withSourcePlaces(error.stack ?? error.message)),
    ...(context === undefined ? {} : { context: cutSecrets(JSON.stringify(context)) }),
    ...(cause === undefined || depth >= 3 ? {} : { cause: describeError(cause, depth + 1) }),
  };
}

/** What was refused, without a stack: the caller made the fault. */
function describeRefusal(error: unknown): unknown {
  const { code, context, cause } = error as Error & { code?: unknown; context?: object };
  return {
    code,
    ...(context === undefined ? {} : { context: cutSecrets(JSON.stringify(context)) }),
    ...(cause instanceof Error ? { cause: cutSecrets(cause.message) } : {}),
  };
}

function cutSecrets(text: string): string {
  return text.replace(/ush_[0-9A-Za-z_]+/g, '[token]').replace(/[^\s"'<>]+/g, cutAddress);
}

/**
 * Cuts from the last `(` or `:` before the first `@` to the first `)` or `,` after the last `@`.
 */
function cutAddress(word: string): string {
  const first = word.indexOf('@');
  if (first === -1) return word;
  const start = Math.max(word.lastIndexOf('(', first), word.lastIndexOf(':', first)) + 1;
  const last = word.lastIndexOf('@');
  // The name of a package, such as `@fastify/send`, is not an address.
  if (last === start) return word;
  const behind = word.slice(last).search(/[),]/);
  return `${word.slice(0, start)}[address]${behind === -1 ? '' : word.slice(last + behind)}`;
}
