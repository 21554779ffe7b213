/**
 * A thread that reads staged rows, and sends them as batches of encoded changes. The caller sends
 * the memory of each batch back; without it, the thread waits.
 */
import { once } from 'node:events';
import { parentPort, workerData } from 'node:worker_threads';
import { ChangeParser, type ReadBatch } from './parse-changes.ts';
import { sortedRows } from './parts-file.ts';
import { batchesOut, type ChangeSource, type FromReader } from './read-changes.ts';

async function main(): Promise<void> {
  if (parentPort === null) throw new Error('This program runs as a thread.');
  const port = parentPort;
  const { parts, layout, ...wanted } = workerData as ChangeSource;
  const parser = new ChangeParser(layout);
  let out = 0;
  port.on('message', (arena: Uint8Array<ArrayBuffer>) => {
    out -= 1;
    parser.reuse(Buffer.from(arena.buffer, arena.byteOffset, arena.length));
  });
  const send = async (batches: Iterable<ReadBatch>) => {
    for (const { encoded } of batches) {
      while (out >= batchesOut) await once(port, 'message');
      out += 1;
      const { buffer, length } = encoded.bytes;
      const message: FromReader = { arena: new Uint8Array(buffer as ArrayBuffer), length };
      port.postMessage(message, [message.arena.buffer]);
    }
  };
  for await (const bytes of sortedRows(parts, wanted)) await send(parser.push(bytes));
  await send(parser.end());
  const end: FromReader = { arena: new Uint8Array(0), length: 0 };
  port.postMessage(end);
  port.removeAllListeners('message');
}

await main();
