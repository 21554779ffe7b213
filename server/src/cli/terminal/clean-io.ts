/** The only way to the terminal: removes control characters. Progress bars clean their own text. */
import type { Writable } from 'node:stream';
import { terminalText } from '../../domain/terminal-text.ts';
import type { CommandIo } from '../command-io.ts';

const rawStreams = new WeakMap<Writable, Writable>();

export function cleanIo(io: CommandIo): CommandIo {
  // Inherits from `io` instead of copying it. A copy would read `io`'s signals, and reading them is
  // the promise to end in good order (`stop-signals.ts`).
  return Object.create(io, {
    stdout: { value: cleanStream(io.stdout) },
    stderr: { value: cleanStream(io.stderr) },
  }) as CommandIo;
}

/** The stream without cleaning, only for `confirm.ts`, `progress-report.ts` and `dataStream`. */
export function rawStream(stream: Writable): Writable {
  return rawStreams.get(stream) ?? stream;
}

/** The stream for data that a program reads, byte by byte. On a terminal it is cleaned. */
export function dataStream(stream: Writable & { readonly isTTY?: boolean }): Writable {
  return stream.isTTY === true ? stream : rawStream(stream);
}

function cleanStream<Stream extends Writable>(stream: Stream): Stream {
  const clean = Object.create(stream, {
    write: { value: (text: string | Buffer) => stream.write(terminalText(text.toString())) },
  }) as Stream;
  rawStreams.set(clean, stream);
  return clean;
}
