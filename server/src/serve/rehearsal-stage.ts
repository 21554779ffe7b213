/** A port of loopback that serves the connections of a rehearsal, and nobody else's. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface Stage {
  /**
   * Opens a connection and sends requests, each when the one before was answered.
   * @param next the next request; `undefined` closes the connection. It gets the status of the
   *   answer before: `200`
   * @returns a promise that resolves when the connection is closed, and never rejects
   */
  talk(next: (status?: string) => Buffer | undefined): Promise<void>;
  /** Breaks off all connections. */
  readonly hangUp: () => void;
  /** Resolves when all connections are closed, on both sides. */
  close(): Promise<void>;
}

const loopback = '127.0.0.1';

/** @param accept takes connections as those of a server with `pauseOnConnect` */
export async function openStage(accept: (socket: Socket) => void): Promise<Stage> {
  const callers = new Set<Socket>();
  const isCaller = ({ remoteAddress, remotePort }: Socket) =>
    remoteAddress === loopback && [...callers].some(({ localPort }) => localPort === remotePort);
  const server = createServer({ noDelay: true, pauseOnConnect: true, allowHalfOpen: true });
  server.on('connection', (socket) =>
    // Its other end hears of the connection in the same turn of the event loop, perhaps later.
    setImmediate(() => {
      if (isCaller(socket)) accept(socket);
      else socket.destroy();
    }),
  );
  server.listen({ host: loopback, port: 0 });
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    talk: async (next) => {
      const caller = call(port, next);
      callers.add(caller);
      await new Promise((resolve) => caller.on('close', resolve));
      callers.delete(caller);
    },
    hangUp: () => {
      for (const caller of callers) caller.destroy();
    },
    close: async () => {
      server.close();
      await once(server, 'close');
    },
  };
}

function call(port: number, next: Parameters<Stage['talk']>[0]): Socket {
  let rest = 0;
  let status: string | undefined;
  const sendNext = () => {
    const request = next(status);
    if (request === undefined) caller.end();
    else caller.write(request);
  };
  const onBytes = (length: number) => {
    if (rest === 0) {
      const text = received.toString('latin1', 0, length);
      status = text.slice(statusAt.start, statusAt.end);
      rest = restOf(text);
    } else {
      rest -= length;
    }
    if (rest < 0) caller.destroy();
    else if (rest === 0) sendNext();
    return true;
  };
  const onread = { buffer: received, callback: onBytes };
  const caller = connect({ ...{ port, host: loopback, noDelay: true }, onread });
  caller.on('connect', sendNext);
  caller.on('error', () => caller.destroy());
  return caller;
}

/** The bytes that were received last, of any connection. */
const received = Buffer.alloc(65_536);

/** `HTTP/1.1 200 OK` */
const statusAt = { start: 9, end: 12 } as const;

/** How many bytes of an answer follow its first ones; below 0: its head is not among them. */
function restOf(text: string): number {
  const headLength = text.indexOf(headEnd) + headEnd.length;
  if (headLength < headEnd.length) return -1;
  const bodyLength = /\r\nContent-Length: (\d+)/.exec(text)?.[1] ?? '0';
  return headLength + Number(bodyLength) - text.length;
}

const headEnd = '\r\n\r\n';
