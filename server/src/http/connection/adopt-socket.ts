/**
 * Takes an accepted connection over with a socket that reads into one buffer for all connections of
 * the thread. node:net makes a buffer of 64 kB for each read and gives most of it back, which is a
 * good part of what a small request costs. Node documents `onread` for client sockets only; what is
 * used here beyond that is named in `ServerSocket`.
 */
import { Socket, type SocketConstructorOpts } from 'node:net';

/**
 * What of a server's socket is not in its types: its handle, which is ours once it is set to null.
 */
interface ServerSocket {
  _handle: object | null;
}

/**
 * The types know only one kind of handle that may be given to a socket; the handle of an accepted
 * one is another.
 */
interface HandleOptions extends Omit<SocketConstructorOpts, 'handle'> {
  readonly handle: object;
}

/** Larger than any head that is read here; a longer piece arrives in several reads. */
const receiveBytes = 65_536;
const received = Buffer.allocUnsafeSlow(receiveBytes);

/**
 * @param accepted from a server whose `pauseOnConnect` is set, so that nothing was read yet
 * @param onBytes called with what arrived, valid during the call only
 * @returns the socket to use instead; `undefined` when the connection is gone already
 */
export function adoptSocket(
  accepted: Socket,
  onBytes: (bytes: Buffer) => void,
): Socket | undefined {
  const owner = accepted as unknown as ServerSocket;
  const handle = owner._handle;
  if (handle === null) return undefined;
  owner._handle = null;
  const options: HandleOptions = {
    handle,
    allowHalfOpen: true,
    onread: {
      buffer: received,
      callback: (length) => {
        onBytes(received.subarray(0, length));
        return true;
      },
    },
  };
  const socket = new Socket(options as SocketConstructorOpts);
  // The server counts its connections by the sockets it accepted.
  socket.on('close', () => accepted.destroy());
  socket.resume();
  return socket;
}
