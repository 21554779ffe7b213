/** Sends raw bytes on one connection to a server, and reads the answers. */
import { connect, type Socket } from 'node:net';

export interface RawAnswer {
  readonly status: number;
  /** Lower-case name to value. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

export interface RawExchange {
  readonly answers: readonly RawAnswer[];
  /** The bytes after the last complete answer. */
  readonly rest: string;
  readonly closed: boolean;
  readonly elapsedMs: number;
}

/**
 * Sends the bytes on a new connection. Then waits until the server closes it, until the wanted
 * number of answers has arrived, or until the deadline. `halfClose` closes the sending side after
 * the last byte.
 */
export function exchangeRaw(
  port: number,
  bytes: Buffer | string,
  options: {
    readonly answers?: number;
    readonly deadlineMs?: number;
    readonly halfClose?: boolean;
    readonly isHead?: boolean;
  } = {},
): Promise<RawExchange> {
  const { answers: wanted = 1, deadlineMs = 5_000, isHead = false } = options;
  const started = performance.now();
  return new Promise((resolve) => {
    const socket: Socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    let received = '';
    const finish = (closed: boolean) => {
      clearTimeout(timer);
      socket.destroy();
      resolve({ ...readAnswers(received, isHead), closed, elapsedMs: performance.now() - started });
    };
    const timer = setTimeout(() => finish(false), deadlineMs);
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1');
      if (readAnswers(received, isHead).answers.length >= wanted) finish(false);
    });
    socket.on('error', () => finish(true));
    socket.on('end', () => finish(true));
    socket.on('connect', () => {
      if (options.halfClose === true) socket.end(bytes);
      else socket.write(bytes);
    });
  });
}

export function readAnswers(text: string, isHead: boolean): Pick<RawExchange, 'answers' | 'rest'> {
  const answers: RawAnswer[] = [];
  let at = 0;
  for (;;) {
    const answer = readAnswer(text, at, isHead);
    if (answer === undefined) return { answers, rest: text.slice(at) };
    answers.push(answer.answer);
    at = answer.end;
  }
}

function readAnswer(text: string, at: number, isHead: boolean) {
  const headEnd = text.indexOf('\r\n\r\n', at);
  if (headEnd < 0) return undefined;
  const [line = '', ...lines] = text.slice(at, headEnd).split('\r\n');
  const headers = new Map(
    lines.map((header) => {
      const colon = header.indexOf(':');
      return [header.slice(0, colon).toLowerCase(), header.slice(colon + 1).trim()] as const;
    }),
  );
  const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(line)?.[1] ?? Number.NaN);
  const bare = isHead || status === 304 || status === 204 || status === 100;
  const length = bare ? 0 : Number(headers.get('content-length') ?? 0);
  const end = headEnd + 4 + length;
  if (end > text.length) return undefined;
  const body = Buffer.from(text.slice(headEnd + 4, end), 'latin1').toString();
  return { answer: { status, headers, body }, end };
}
