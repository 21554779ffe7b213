/** Exports of the access log and the audit log: pages of entries, one after the other. */
import type { Administration } from './administration.ts';
import { exportPageEntries, maxExportedEntries } from './limits.ts';
import { noteRead } from './note-read.ts';

/** Entries, newest first; then, if more follow, the cursor to ask for these. */
export type ExportStep<Entry> =
  | { readonly entries: readonly Entry[] }
  | { readonly nextCursor: string }
  /** Why entries are missing for good. */
  | { readonly notWhole: string };

interface ExportPage<Entry, Place> {
  readonly entries: readonly Entry[];
  /** Where the next page goes on; `null`: this is the last one. */
  readonly next: Place | null;
}

interface ExportedList<Entry, Place> {
  /** Where the export begins; `null`: with the newest entry. */
  readonly from: Place | null;
  readonly read: (page: {
    readonly before: Place | null;
    readonly limit: number;
  }) => Promise<ExportPage<Entry, Place>>;
  /** Makes the cursor of a place. A time cannot be one: entries are not sorted exactly by time. */
  readonly seal: (place: Place) => Promise<string>;
}

/** At most `maxExportedEntries`. */
export async function* exportPages<Entry, Place>({
  from,
  read,
  seal,
}: ExportedList<Entry, Place>): AsyncGenerator<ExportStep<Entry>> {
  let before = from;
  let left: number = maxExportedEntries;
  do {
    const page: ExportPage<Entry, Place> = await read({
      before,
      limit: Math.min(exportPageEntries, left),
    });
    left -= page.entries.length;
    before = page.next;
    yield { entries: page.entries };
    if (left === 0 && before !== null) {
      yield { nextCursor: await seal(before) };
      return;
    }
  } while (before !== null);
}

interface NotedExport {
  readonly log: 'access_log' | 'audit';
  readonly format: string;
  /** Names of filters. What they ask for can name a person. */
  readonly filters: readonly string[];
}

/** Notes an export in the audit log. Call it before anything is read. */
export async function noteExport(
  administration: Administration,
  organizationId: number,
  { log, format, filters }: NotedExport,
): Promise<void> {
  const target = log === 'audit' ? 'audit log' : 'access log';
  const after = { format, filters };
  await noteRead(administration, organizationId, { action: `${log}.export`, target, after });
}
