/**
 * The log: JSON lines with what went wrong inside, for operators. Nothing of a caller is in it: no
 * token, no identity, no value. Fields that could hold such are cut out here, as a second line of
 * defence; the first is not to log them.
 */
import { pino } from 'pino';
import { terminalText } from '../domain/terminal-text.ts';

export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export interface LogOptions {
  readonly level: string;
  /** Which part of the process speaks: `worker 2`. */
  readonly part: string;
  /** Where lines go; standard error when missing. */
  readonly write?: (line: string) => void;
}

/** Names of fields that are never written, at the top and one below. */
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
  const file = write === undefined ? pino.destination({ fd: 2, sync: true }) : { write };
  // JSON leaves some controls as they are, and people read logs on terminals.
  const destination = { write: (line: string) => void file.write(terminalText(line)) };
  return pino(
    {
      level: options.level,
      base: { part: options.part },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: secretNames.flatMap((name) => [name, `*.${name}`]), censor: '[cut]' },
      serializers: { error: describeError },
    },
    destination,
  );
}

/**
 * An error as the log tells it, with whatever in it looks like a token or an e-mail address cut
 * out.
 */
function describeError(error: unknown, depth = 0): unknown {
  if (!(error instanceof Error)) return { kind: typeof error };
  const { code, context, cause } = error as Error & { code?: unknown; context?: object };
  return {
    name: error.name,
    ...(typeof code === 'string' ? { code } : {}),
    stack: cutSecrets(error.stack ?? error.message),
    ...(context === undefined ? {} : { context: cutSecrets(JSON.stringify(context)) }),
    ...(cause === undefined || depth >= 3 ? {} : { cause: describeError(cause, depth + 1) }),
  };
}

function cutSecrets(text: string): string {
  return text.replace(/ush_[0-9A-Za-z_]+/g, '[token]').replace(/[^\s"'<>]+/g, cutAddress);
}

/**
 * Cuts from the last `(` or `:` before the first `@` to the first `)` or `,` behind the last one.
 */
function cutAddress(word: string): string {
  const first = word.indexOf('@');
  if (first === -1) return word;
  const start = Math.max(word.lastIndexOf('(', first), word.lastIndexOf(':', first)) + 1;
  const last = word.lastIndexOf('@');
  // A package's name, `@fastify/send`, is not an address.
  if (last === start) return word;
  const behind = word.slice(last).search(/[),]/);
  return `${word.slice(0, start)}[address]${behind === -1 ? '' : word.slice(last + behind)}`;
}
