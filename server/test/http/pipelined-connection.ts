/**
 * One connection that sends many requests before their answers are read. Answers come in the order
 * of the requests.
 */
import { connect, type Socket } from 'node:net';
import type { RawAnswer } from './raw-connection.ts';

interface Waiting {
  readonly isHead: boolean;
  readonly resolve: (answer: RawAnswer) => void;
  readonly reject: (error: Error) => void;
}

export interface PipelinedRequest {
  readonly text: string;
  readonly isHead: boolean;
}

export class PipelinedConnection {
  readonly #socket: Socket;
  readonly #waiting: Waiting[] = [];
  #received = '';

  static async open(port: number): Promise<PipelinedConnection> {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    await new Promise((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
    return new PipelinedConnection(socket);
  }

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setEncoding('latin1');
    socket.on('data', (text: string) => this.#receive(text));
    socket.on('error', (error) => this.#fail(error));
    socket.on('close', () => this.#fail(new Error('The server closed the connection.')));
  }

  /** Sends all requests in one piece. Rejects if the connection ends before the last answer. */
  send(requests: readonly PipelinedRequest[]): Promise<RawAnswer[]> {
    const answers = requests.map(
      ({ isHead }) =>
        new Promise<RawAnswer>((resolve, reject) => {
          this.#waiting.push({ isHead, resolve, reject });
        }),
    );
    this.#socket.write(requests.map(({ text }) => text).join(''), 'latin1');
    return Promise.all(answers);
  }

  close(): void {
    this.#socket.destroy();
  }

  #fail(error: Error): void {
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }

  #receive(text: string): void {
    this.#received += text;
    let at = 0;
    for (;;) {
      const end = this.#settleNext(at);
      if (end === undefined) break;
      at = end;
    }
    this.#received = this.#received.slice(at);
  }

  /** @returns where the answer ends; `undefined` while it is incomplete */
  #settleNext(at: number): number | undefined {
    const next = this.#waiting[0];
    const headEnd = this.#received.indexOf('\r\n\r\n', at);
    if (next === undefined || headEnd < 0) return undefined;
    const [line = '', ...lines] = this.#received.slice(at, headEnd).split('\r\n');
    const headers = new Map(
      lines.map((header) => {
        const colon = header.indexOf(':');
        return [header.slice(0, colon).toLowerCase(), header.slice(colon + 1).trim()] as const;
      }),
    );
    const status = Number(line.slice(9, 12));
    const isBare = next.isHead || status === 304;
    const bodyStart = headEnd + 4;
    const end = bodyStart + (isBare ? 0 : Number(headers.get('content-length') ?? 0));
    if (end > this.#received.length) return undefined;
    this.#waiting.shift();
    next.resolve({ status, headers, body: this.#received.slice(bodyStart, end) });
    return end;
  }
}
