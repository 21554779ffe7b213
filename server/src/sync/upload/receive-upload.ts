/**
 * Receives a file that a caller uploads, piece by piece, into a folder of its own. Whatever ends it
 * early, the folder is removed; after a kill the next start of the server removes it.
 */
import { type FileHandle, open, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import { UsherError } from '../../domain/errors.ts';
import type { FileFormat } from '../../sources/file-format.ts';
import { sniffedBytes } from '../../sources/limits.ts';
import { sniffFormat } from '../../sources/sniff-format.ts';
import { codeOf, diskFull, printableName } from '../../sources/source-failure.ts';
import { makeFolder, putDurably, unfinishedPath } from '../../stores/durable-file.ts';
import {
  maxArrivingUploads,
  maxUploadMs,
  maxUploads,
  minUploadBytes,
  uploadReserveBytes,
  uploadStallMs,
} from '../limits.ts';
import type { Upload, UploadFiles } from './upload-files.ts';

export interface ReceivedUpload {
  readonly organizationId: number;
  readonly name: string;
  /** Who sends it, as in the audit log. */
  readonly by: string;
  readonly createdAtMs: number;
  /** The dataset that it is for; `null`: the caller has not said. */
  readonly datasetId: number | null;
  /** 24 hexadecimal digits, new. */
  readonly id: string;
  readonly bytes: Readable;
  /** Throws if the caller may not send files any more. Asked when the file has arrived. */
  readonly requireAllowed?: () => Promise<void>;
  /** What the caller says that it will send; `undefined`: it does not say. */
  readonly announcedBytes: number | undefined;
}

export interface UploadBounds {
  readonly maxBytes: number;
  readonly stallMs?: number;
  /** Disk to leave free. */
  readonly reserveBytes?: number;
}

/**
 * Resolves when the file is on the disk, and survives a power cut.
 * @throws UsherError `body_too_large`, `media_type_unsupported`, `definition_invalid` for an empty
 *   file, `uploads_full`, `storage_full`, `request_timeout`, `request_malformed` if the caller
 *   leaves
 */
export async function receiveUpload(
  files: UploadFiles,
  received: ReceivedUpload,
  bounds: UploadBounds,
): Promise<Upload> {
  const { organizationId, id, announcedBytes = 0 } = received;
  if (announcedBytes > bounds.maxBytes) throw tooLarge(bounds.maxBytes);
  const folder = files.folderOf(organizationId, id);
  const caller = `${organizationId} ${received.by}`;
  const arriving = arrivingBy.get(caller) ?? 0;
  if (arriving >= maxArrivingUploads) throw tooManyAtOnce();
  arrivingBy.set(caller, arriving + 1);
  try {
    await makeFolder(folder);
    if ((await files.placeOf(organizationId, id)) >= maxUploads) throw tooMany();
    await requireRoom(folder, announcedBytes + (bounds.reserveBytes ?? uploadReserveBytes));
    const temporary = unfinishedPath(join(folder, 'data'));
    const { bytes, format } = await writePieces(temporary, received, bounds);
    const { name, by, createdAtMs, datasetId } = received;
    const sent = { id, organizationId, name, ...format, bytes, createdAtMs, by, datasetId };
    const upload: Upload = { ...sent, given: null, readBy: null };
    await received.requireAllowed?.();
    await putDurably(temporary, files.pathOf(upload));
    await files.put(upload);
    return upload;
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    const code = codeOf(error);
    throw code === 'ENOSPC' || code === 'EDQUOT' ? diskFull() : error;
  } finally {
    const left = (arrivingBy.get(caller) ?? 1) - 1;
    if (left > 0) arrivingBy.set(caller, left);
    else arrivingBy.delete(caller);
  }
}

/** How many files of a caller arrive in this thread at this moment. */
const arrivingBy = new Map<string, number>();

interface Written {
  readonly bytes: number;
  readonly format: FileFormat;
}

async function writePieces(
  path: string,
  { bytes: source, name, announcedBytes }: ReceivedUpload,
  bounds: UploadBounds,
): Promise<Written> {
  await using file = await open(path, 'wx', 0o600);
  const head: Buffer[] = [];
  let format: FileFormat | undefined;
  let written = 0;
  for await (const piece of piecesOf(source, bounds)) {
    written += piece.length;
    if (written > bounds.maxBytes) throw tooLarge(bounds.maxBytes);
    if (format === undefined) {
      head.push(piece);
      // A file of another kind is refused before all of it has arrived.
      if (written >= sniffedBytes) format = sniff(name, head);
    }
    await writeAll(file, piece);
  }
  if (announcedBytes !== undefined && written !== announcedBytes) throw brokenOff();
  if (written === 0) throw new UsherError('definition_invalid', `${printableName(name)} is empty.`);
  return { bytes: written, format: format ?? sniff(name, head) };
}

function sniff(name: string, head: readonly Buffer[]): FileFormat {
  return sniffFormat(name, Buffer.concat(head).subarray(0, sniffedBytes));
}

async function writeAll(file: FileHandle, piece: Buffer): Promise<void> {
  for (let at = 0; at < piece.length; ) {
    at += (await file.write(piece, at)).bytesWritten;
  }
}

/** The stream stays open when it is left early, so that the refusal can still be answered. */
async function* piecesOf(
  source: Readable,
  { stallMs = uploadStallMs }: UploadBounds,
): AsyncGenerator<Buffer> {
  const pieces = source.iterator({ destroyOnReturn: false });
  const endMs = performance.now() + maxUploadMs;
  let window = { endMs: performance.now() + stallMs, bytes: 0 };
  for (;;) {
    const leftMs = Math.min(stallMs, endMs - performance.now());
    const piece = await nextWithin(pieces, leftMs);
    if (piece.done === true) return;
    const bytes = piece.value as Buffer;
    window.bytes += bytes.length;
    if (performance.now() > window.endMs) {
      // A trickle would hold a place for as long as a whole file may take.
      if (window.bytes < minUploadBytes) throw tooSlow();
      window = { endMs: performance.now() + stallMs, bytes: 0 };
    }
    yield bytes;
  }
}

async function nextWithin(
  pieces: AsyncIterator<unknown>,
  boundMs: number,
): Promise<IteratorResult<unknown>> {
  const timer = new AbortController();
  const late = setTimeout(boundMs, 'late' as const, { signal: timer.signal });
  late.catch(() => undefined);
  const next = pieces.next().catch((cause: unknown) => {
    throw brokenOff(cause);
  });
  next.catch(() => undefined);
  try {
    const first = await Promise.race([next, late]);
    if (first !== 'late') return first;
    throw tooSlow();
  } finally {
    timer.abort();
  }
}

async function requireRoom(folder: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  if (bavail * bsize < bytes) throw diskFull();
}

function tooLarge(maxBytes: number): UsherError {
  return new UsherError(
    'body_too_large',
    `A file may have ${maxBytes} bytes at most. Compress it with gzip, or raise USHER_MAX_UPLOAD_MB on the server.`,
    { members: { max_bytes: maxBytes } },
  );
}

function tooSlow(): UsherError {
  const seconds = Math.round(uploadStallMs / 1_000);
  const detail = `The upload took too long: less than ${minUploadBytes / 1_024} kB came in ${seconds} seconds, or it was not done after ${maxUploadMs / 60_000} minutes. Upload the file again, or a compressed one.`;
  return new UsherError('request_timeout', detail);
}

function tooMany(): UsherError {
  return new UsherError(
    'uploads_full',
    `There are ${maxUploads} uploaded files already, with those that are still arriving. Start their runs, delete one of them, or wait until another one has arrived.`,
  );
}

function tooManyAtOnce(): UsherError {
  return new UsherError(
    'uploads_full',
    `You send ${maxArrivingUploads} files already at this moment. Send the next one when one of them has arrived.`,
  );
}

function brokenOff(cause?: unknown): UsherError {
  const detail = 'The connection ended before the whole file had arrived. Upload it again.';
  return new UsherError('request_malformed', detail, cause === undefined ? {} : { cause });
}
