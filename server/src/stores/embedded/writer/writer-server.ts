/** Serves this process's writer on the socket. A connection that closes gives its leases back. */
import { chmodSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { UsherError } from '../../../domain/errors.ts';
import { maxCallsPerConnection } from '../../limits.ts';
import type { EmbeddedWriter } from './embedded-writer.ts';
import { encodeFrame, type Frame, FrameReader, frameKinds } from './frames.ts';
import type { LeaseHolder } from './run-leases.ts';
import { answerCall } from './writer-calls.ts';

interface Connection {
  readonly socket: Socket;
  readonly reader: FrameReader;
  holder: LeaseHolder | undefined;
  unanswered: number;
  isClosing: boolean;
}

export class WriterServer {
  readonly #writer: EmbeddedWriter;
  readonly #path: string;
  readonly #server: Server;
  readonly #connections = new Set<Connection>();

  constructor(writer: EmbeddedWriter, path: string) {
    this.#writer = writer;
    this.#path = path;
    this.#server = createServer((socket) => this.#accept(socket));
    // A process that forgets to close a writer must still be able to end.
    this.#server.unref();
  }

  /** Only the holder of the writer lock listens, so an existing socket file is stale. */
  async listen(): Promise<void> {
    rmSync(this.#path, { force: true });
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(this.#path, resolve);
    });
    chmodSync(this.#path, 0o600);
  }

  isConnected(sessionId: string): boolean {
    return [...this.#connections].some((it) => it.holder?.sessionId === sessionId);
  }

  /** Answers the open calls, and accepts no more. */
  async close(): Promise<void> {
    // Unreferenced, these handles would let the process end before the close is complete.
    this.#server.ref();
    const closed = [new Promise<unknown>((resolve) => this.#server.close(resolve))];
    for (const connection of this.#connections) {
      connection.isClosing = true;
      connection.socket.ref().pause();
      closed.push(new Promise((resolve) => connection.socket.once('close', resolve)));
      endIfAnswered(connection);
    }
    await Promise.all(closed);
    rmSync(this.#path, { force: true });
  }

  #accept(socket: Socket): void {
    const connection: Connection = {
      socket,
      reader: new FrameReader(),
      holder: undefined,
      unanswered: 0,
      isClosing: false,
    };
    this.#connections.add(connection);
    socket.unref();
    // The close that follows reports the failure.
    socket.on('error', () => socket.destroy());
    socket.on('data', (piece: Buffer) => this.#receive(connection, piece));
    socket.on('close', () => this.#forget(connection));
  }

  #forget(connection: Connection): void {
    this.#connections.delete(connection);
    const { holder } = connection;
    // Clients whose connection is closed by this end look for the next writer, and their runs go on
    // there.
    if (holder === undefined || connection.isClosing || this.isConnected(holder.sessionId)) return;
    void this.#writer.release(holder);
  }

  #receive(connection: Connection, piece: Buffer): void {
    let frames: Frame[];
    try {
      frames = connection.reader.push(piece);
    } catch {
      connection.socket.destroy();
      return;
    }
    for (const frame of frames) {
      connection.unanswered += 1;
      void this.#answer(connection, frame);
    }
    if (connection.unanswered >= maxCallsPerConnection) connection.socket.pause();
  }

  async #answer(connection: Connection, frame: Frame): Promise<void> {
    const answer = await this.#call(connection, frame).then(
      (json) => ({ kind: frameKinds.result, json }),
      (error: unknown) => ({ kind: frameKinds.failure, json: describeError(error) }),
    );
    this.#send(connection, encodeFrame({ callId: frame.callId, ...answer }));
  }

  #send(connection: Connection, pieces: readonly Buffer[]): void {
    connection.unanswered -= 1;
    for (const piece of pieces) connection.socket.write(piece);
    if (connection.isClosing) endIfAnswered(connection);
    else if (connection.unanswered < maxCallsPerConnection) connection.socket.resume();
  }

  async #call(connection: Connection, { kind, json, bytes }: Frame): Promise<unknown> {
    if (kind === frameKinds.hello) {
      connection.holder = json as LeaseHolder;
      return null;
    }
    const { holder } = connection;
    if (holder === undefined) throw new UsherError('request_malformed', 'The first call is hello.');
    if (kind === frameKinds.goodbye) return this.#writer.release(holder);
    if (kind === frameKinds.call) return answerCall(this.#writer, holder, { json, bytes });
    throw new UsherError('request_malformed', 'The writer does not know this kind of frame.');
  }
}

function endIfAnswered({ socket, unanswered }: Connection): void {
  // Destroyed, since a paused socket does not see that the other end is gone.
  if (unanswered === 0) socket.end(() => socket.destroy());
}

/** The error, and the trace of its cause for the log of the calling process. */
function describeError(error: unknown): unknown {
  const { code, detail, members, cause } =
    error instanceof UsherError ? error : new UsherError('internal', failedCall, { cause: error });
  return { code, detail, members, trace: cause instanceof Error ? cause.stack : undefined };
}

const failedCall =
  'The process that writes the contact store failed at this call. Try again; if that persists, restart the server.';
