/**
 * Look-ups that nobody asked for. A thread answers them before it listens, so that V8 has compiled
 * what look-ups run: otherwise those of the first second wait for uncompiled code and the compiler.
 * The thread sends them to itself over loopback and drops the answers.
 */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import type { ApiContext } from '../http/api-context.ts';
import type { Doors } from '../http/connection/doors.ts';
import type { Traces } from './compose-traces.ts';
import { maxActMs, rehearsalTalks, rehearsedLookups } from './limits.ts';
import { type RehearsalScript, writeScript } from './rehearsal-script.ts';

type Mutable<T> = { -readonly [Part in keyof T]: T[Part] };

interface RehearsalParts {
  /** Of the doors. Is as before when the rehearsal has ended. */
  readonly context: Mutable<ApiContext>;
  /** Nobody else may use them meanwhile. */
  readonly doors: Pick<Doors, 'accept'>;
  readonly randomBytes: (size: number) => Uint8Array;
  /** Ends the rehearsal early. */
  readonly stop: AbortSignal;
}

export interface Rehearsed {
  readonly lookups: number;
  /** How many of them found a contact. */
  readonly found: number;
}

/**
 * Nothing stays of a rehearsal: it has its own catalog and traces. With two acts, V8 does not
 * take those of one for the only ones, and keeps what it has compiled when the real ones come.
 * @param unseen makes traces that nobody reads
 */
export async function rehearse(
  { context, doors, randomBytes, stop }: RehearsalParts,
  unseen: () => Traces,
): Promise<Rehearsed> {
  const { catalog, reader } = context;
  const script = await writeScript({ state: catalog.current(), reader, randomBytes });
  const rehearsed = { lookups: 0, found: 0 };
  if (script === undefined) return rehearsed;
  const own = { ...context };
  try {
    for (let act = 1; act <= 2; act += 1) {
      const current = () => script.state;
      Object.assign(context, unseen(), { catalog: { ...catalog, current } });
      await play(doors, script, { rehearsed, stop });
    }
  } finally {
    Object.assign(context, own);
  }
  return rehearsed;
}

/** Resolves when the look-ups are answered, take too long, or are stopped. */
async function play(
  doors: RehearsalParts['doors'],
  { talks }: RehearsalScript,
  { rehearsed, stop }: { readonly rehearsed: Mutable<Rehearsed>; readonly stop: AbortSignal },
): Promise<void> {
  const ended = AbortSignal.any([stop, AbortSignal.timeout(maxActMs)]);
  const ports = new Set<number>();
  const server = await openStage((socket) =>
    // Its other end hears of the connection in the same turn of the event loop, perhaps later.
    setImmediate(() => {
      if (ports.delete(socket.remotePort ?? 0)) doors.accept(socket);
      else socket.destroy();
    }),
  );
  let left = rehearsedLookups;
  const isOver = () => left <= 0 || ended.aborted;
  const talk = (requests: readonly Buffer[]) =>
    new Promise<void>((resolve) => {
      let sent = 0;
      const onAnswer = (status: string) => {
        if (status === '200') rehearsed.found += 1;
        sendNext();
      };
      const sendNext = () => {
        if (isOver()) return void socket.destroy();
        if (sent === rehearsalTalks.lookups) return void socket.end();
        left -= 1;
        rehearsed.lookups += 1;
        sent += 1;
        socket.write(requests[sent % requests.length] ?? '');
      };
      const socket = connectTo(server, onAnswer);
      socket.on('connect', () => {
        ports.add(socket.localPort ?? 0);
        sendNext();
      });
      socket.on('error', () => socket.destroy());
      socket.on('close', () => resolve());
    });
  const talkOn = async (_: unknown, first: number) => {
    for (let turn = first; !isOver(); turn += rehearsalTalks.atATime) {
      await talk(talks[turn % talks.length] ?? []);
    }
  };
  await Promise.all(Array.from({ length: rehearsalTalks.atATime }, talkOn));
  server.close();
  await once(server, 'close');
}

/** A server on any free port of loopback, for the thread's own connections. */
async function openStage(onConnection: (socket: Socket) => void): Promise<Server> {
  const server = createServer({ noDelay: true, pauseOnConnect: true, allowHalfOpen: true });
  server.on('connection', onConnection);
  server.listen({ host: '127.0.0.1', port: 0 });
  await once(server, 'listening');
  return server;
}

/** @param onAnswer called for each answer: they are short, so that each comes in one piece */
function connectTo(server: Server, onAnswer: (status: string) => void): Socket {
  const { port } = server.address() as AddressInfo;
  const callback = () => {
    onAnswer(answer.toString('latin1', statusAt.start, statusAt.end));
    return true;
  };
  const onread = { buffer: answer, callback };
  return connect({ ...{ port, host: '127.0.0.1', noDelay: true }, onread });
}

/** Each answer overwrites the last one. */
const answer = Buffer.alloc(65_536);
/** `HTTP/1.1 200 OK` */
const statusAt = { start: 9, end: 12 } as const;
