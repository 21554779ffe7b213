/** Staged rows as changes of any kind: fields as `parse-changes.ts` makes them, and from these the marks of lists and the reports of feeds. */
import { decodeFields, viewSection } from '../stores/contact-codec.ts';
import type { ContactChange } from '../stores/store.ts';
import { type ChangeBatch, type ChangeLayout, ChangeParser } from './parse-changes.ts';

export interface RowParser {
  /** @param bytes of whole rows */
  push(bytes: Buffer): Generator<ChangeBatch>;
  end(): Generator<ChangeBatch>;
}

/** What rows of a feed report. */
export interface FeedLayout {
  /** Of the feed's columns, by field id less one. */
  readonly names: readonly string[];
  /** RFC 3339; counts where a row does not say when. */
  readonly reportedAt: string;
}

export function openParser(layout: ChangeLayout, feed?: FeedLayout): RowParser {
  const parser = new ChangeParser(layout);
  if (layout.kind === 'list')
    return adapted(parser, (change) => ({ ...change, section: noSection }));
  if (feed === undefined) return parser;
  return adapted(parser, (change) => ({ ...change, section: reportOf(change, feed) }));
}

const noSection = new Uint8Array();

function adapted(parser: ChangeParser, adapt: (change: ContactChange) => ContactChange): RowParser {
  const adaptBatch = ({ changes, release }: ChangeBatch) => {
    return { changes: changes.map(adapt), release };
  };
  return {
    *push(bytes) {
      for (const batch of parser.push(bytes)) yield adaptBatch(batch);
    },
    *end() {
      for (const batch of parser.end()) yield adaptBatch(batch);
    },
  };
}

/** The row's values are ready JSON. */
function reportOf({ section }: ContactChange, { names, reportedAt }: FeedLayout): Uint8Array {
  const view = viewSection(section);
  const fields = view === undefined ? new Map<number, string>() : decodeFields(view);
  const members = [...fields].flatMap(([id, json]) =>
    json === '' ? [] : [`"${names[id - 1]}":${json}`],
  );
  if (!fields.has(timestampId(names)) || fields.get(timestampId(names)) === '') {
    members.push(`"reported_at":"${reportedAt}"`);
  }
  return Buffer.from(`{${members.join(',')}}`);
}

function timestampId(names: readonly string[]): number {
  return names.indexOf('timestamp') + 1;
}
