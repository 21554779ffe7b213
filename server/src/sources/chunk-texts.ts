/** Reads the texts of a result chunk with few calls into the engine's native code. */
import type { DuckDBDataChunk } from '@duckdb/node-api';
import duckdb from '@duckdb/node-bindings';

const stringEntryBytes = 16;

/**
 * The texts of a chunk's first column. A native call takes 1 to 2 us, so texts that are adjacent in
 * memory are fetched together: 9 calls for 2,048 texts.
 */
export function* joinTexts(chunk: DuckDBDataChunk): Generator<Buffer> {
  const count = chunk.rowCount;
  const raw = duckdb.vector_get_data(
    duckdb.data_chunk_get_vector(chunk.chunk, 0),
    count * stringEntryBytes,
  );
  const entries = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  let row = 0;
  while (row < count) {
    const first = row * stringEntryBytes;
    let length = entries.getUint32(first, true);
    row += 1;
    if (length <= 12) {
      // A short text is stored inside the entry itself.
      yield Buffer.from(new Uint8Array(raw.buffer, raw.byteOffset + first + 4, length));
      continue;
    }
    const address = entries.getBigUint64(first + 8, true);
    while (row < count && isNeighbour(entries, row * stringEntryBytes, address + BigInt(length))) {
      length += entries.getUint32(row * stringEntryBytes, true);
      row += 1;
    }
    const part = duckdb.get_data_from_pointer(
      raw.buffer as ArrayBuffer,
      raw.byteOffset + first + 8,
      length,
    );
    yield Buffer.from(part.buffer, part.byteOffset, part.length);
  }
}

function isNeighbour(entries: DataView, at: number, address: bigint): boolean {
  return entries.getUint32(at, true) > 12 && entries.getBigUint64(at + 8, true) === address;
}
