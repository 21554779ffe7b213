/**
 * A client of the writing process, over its Unix socket. When the connection is lost, open calls
 * fail with `WriterGone`, and `shared-writer.ts` finds another writer.
 */
import { connect, type Socket } from 'node:net';
import { type ProblemCode, UsherError } from '../../../domain/errors.ts';
import { writerAnswerMs, writerGoodbyeMs } from '../../limits.ts';
import { encodeFrame, type Frame, FrameReader, frameKinds } from './frames.ts';
import type { LeaseHolder } from './run-leases.ts';
import {
  type CallArguments,
  type CallName,
  type CallResult,
  type CallTarget,
  type CarriedCall,
  readResult,
  writeCall,
} from './writer-calls.ts';

/** The call may have been done or not. Every call can be sent again. */
export class WriterGone extends Error {
  override readonly name = 'WriterGone';
}

interface Pending {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
  readonly timer: NodeJS.Timeout;
}

export class WriterClient implements CallTarget {
  readonly #socket: Socket;
  readonly #reader = new FrameReader();
  readonly #pending = new Map<number, Pending>();
  readonly #onGone: () => void;
  #lastCallId = 0;
  #isGone = false;

  /**
   * Rejects with `WriterGone` on the signal, or if no answer comes: a hung process still accepts
   * connections.
   */
  static async connect(
    path: string,
    holder: LeaseHolder,
    { onGone, signal }: { readonly onGone: () => void; readonly signal: AbortSignal },
  ): Promise<WriterClient> {
    const socket = connect(path);
    // The signal counts only until the process answers. A socket that had the signal as its option
    // would also end on a later abort, before it could say goodbye.
    const giveUp = () => socket.destroy(new Error('The writer is being closed.'));
    signal.addEventListener('abort', giveUp, { once: true });
    if (signal.aborted) giveUp();
    try {
      await new Promise<void>((resolve, reject) => {
        socket.once('connect', resolve);
        socket.once('error', (cause) => reject(new WriterGone('Nobody answers.', { cause })));
      });
      const client = new WriterClient(socket, onGone);
      await client.#send(frameKinds.hello, { json: holder });
      return client;
    } finally {
      signal.removeEventListener('abort', giveUp);
    }
  }

  private constructor(socket: Socket, onGone: () => void) {
    this.#socket = socket;
    this.#onGone = onGone;
    socket.on('error', () => socket.destroy());
    socket.on('data', (piece: Buffer) => this.#receive(piece));
    socket.on('end', () => socket.destroy());
    socket.on('close', () => this.#lose());
  }

  async call<Name extends CallName>(
    name: Name,
    args: CallArguments<Name>,
  ): Promise<CallResult<Name>> {
    return readResult(name, await this.#send(frameKinds.call, writeCall(name, args)));
  }

  /** Gives the leases back. Does not wait for a process that hangs. */
  async close(): Promise<void> {
    if (this.#isGone) return;
    const closed = new Promise<void>((resolve) => this.#socket.once('close', () => resolve()));
    const timer = setTimeout(() => this.#socket.destroy(), writerGoodbyeMs);
    await this.#send(frameKinds.goodbye, { json: null }).catch(() => undefined);
    clearTimeout(timer);
    this.#socket.ref().destroySoon();
    await closed;
  }

  #send(kind: number, carried: CarriedCall): Promise<unknown> {
    if (this.#isGone) return Promise.reject(new WriterGone('The connection is closed.'));
    this.#lastCallId += 1;
    const callId = this.#lastCallId;
    const answer = new Promise((resolve, reject) => {
      // A hung process keeps its socket open, so only a time limit finds it.
      const timer = setTimeout(() => this.#socket.destroy(), writerAnswerMs);
      this.#pending.set(callId, { resolve, reject, timer });
    });
    this.#socket.ref();
    for (const piece of encodeFrame({ kind, callId, ...carried })) this.#socket.write(piece);
    return answer;
  }

  #receive(piece: Buffer): void {
    try {
      for (const frame of this.#reader.push(piece)) this.#settle(frame);
    } catch {
      this.#socket.destroy();
    }
  }

  #settle({ kind, callId, json }: Frame): void {
    const pending = this.#pending.get(callId);
    if (pending === undefined) return;
    this.#pending.delete(callId);
    clearTimeout(pending.timer);
    if (kind === frameKinds.result) pending.resolve(json);
    else pending.reject(readError(json));
    // An idle client keeps no process alive.
    if (this.#pending.size === 0) this.#socket.unref();
  }

  #lose(): void {
    this.#isGone = true;
    for (const { reject, timer } of this.#pending.values()) {
      clearTimeout(timer);
      reject(new WriterGone('The connection was lost.'));
    }
    this.#pending.clear();
    this.#onGone();
  }
}

function readError(json: unknown): UsherError {
  const { code, detail, members, trace } = json as {
    code: ProblemCode;
    detail: string;
    members: Readonly<Record<string, unknown>>;
    trace?: string;
  };
  if (trace === undefined) return new UsherError(code, detail, { members });
  const cause = Object.assign(new Error('in the writing process'), { stack: trace });
  return new UsherError(code, detail, { members, cause });
}
