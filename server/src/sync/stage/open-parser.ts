/** Reads staged rows as changes of fields (`parse-changes.ts`), lists or feeds (numbered rows). */
import { decodeFields, viewSection } from '../../stores/contact-codec.ts';
import { type ChangeBatch, type ChangeLayout, ChangeParser } from './parse-changes.ts';

export interface RowParser {
  /** @param bytes of whole rows */
  push(bytes: Buffer): Generator<ChangeBatch>;
  end(): Generator<ChangeBatch>;
}

export interface FeedLayout {
  /** Names of the feed's columns; the field id is the index plus one. */
  readonly names: readonly string[];
  /** RFC 3339: the time of reports whose row has none. */
  readonly reportedAt: string;
}

export function openParser(layout: ChangeLayout, feed?: FeedLayout): RowParser {
  if (feed !== undefined) return openFeedParser(layout, feed);
  const parser = new ChangeParser(layout);
  if (layout.kind !== 'list') return parser;
  return adapted(parser, ({ changes, release }) => ({
    changes: changes.map((change) => ({ ...change, section: noSection })),
    release,
  }));
}

const noSection = new Uint8Array();

function openFeedParser(layout: ChangeLayout, feed: FeedLayout): RowParser {
  const numberId = feed.names.length + 1;
  const parser = new ChangeParser({ ...layout, fieldIds: [...layout.fieldIds, numberId] });
  return adapted(parser, ({ changes, release }) => {
    const read = changes.map(({ section }) => valuesOf(section));
    return {
      changes: changes.map((change, place) => ({
        ...change,
        section: reportOf(read[place] ?? new Map<number, string>(), feed),
      })),
      rows: read.map((values) => Number(values.get(numberId))),
      release,
    };
  });
}

function adapted(parser: ChangeParser, adapt: (batch: ChangeBatch) => ChangeBatch): RowParser {
  return {
    *push(bytes) {
      for (const batch of parser.push(bytes)) yield adapt(batch);
    },
    *end() {
      for (const batch of parser.end()) yield adapt(batch);
    },
  };
}

function valuesOf(section: Uint8Array): ReadonlyMap<number, string> {
  const view = viewSection(section);
  return view === undefined ? new Map() : decodeFields(view);
}

/** A report as JSON; the row's values are JSON already. */
function reportOf(
  fields: ReadonlyMap<number, string>,
  { names, reportedAt }: FeedLayout,
): Uint8Array {
  const members = [...fields].flatMap(([id, json]) =>
    json === '' || id > names.length ? [] : [`"${names[id - 1]}":${json}`],
  );
  if (!fields.has(timestampId(names)) || fields.get(timestampId(names)) === '') {
    members.push(`"reported_at":"${reportedAt}"`);
  }
  return Buffer.from(`{${members.join(',')}}`);
}

function timestampId(names: readonly string[]): number {
  return names.indexOf('timestamp') + 1;
}
