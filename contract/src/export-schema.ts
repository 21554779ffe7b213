/** Exports of logs: the entries that filters match, as a file. */
import Type from 'typebox';
import { text, word } from './schema-parts.ts';

export const exportFormat = word(
  'ndjson: an entry as JSON on each line. csv: a row for each entry, after a row with the names.',
  ['ndjson', 'csv'],
);

/** The end of an export that is not whole. In CSV it is the only cell of the last row. */
export const exportEndSchema = Type.Object(
  {
    export_ended: text(
      'Why the export is not whole, and what to do. It is the last line, and missing if every entry is there.',
      400,
    ),
    next_cursor: Type.Optional(
      text('Send the same request with this `cursor` for the entries that are missing.', 512),
    ),
  },
  { $id: 'ExportEnd' },
);
