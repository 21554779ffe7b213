/** Why a run waits for approval, with the figures of each cause: a closed list. */
import Type, { type Static, type TProperties } from 'typebox';
import { integer, list, nullable, prose, text } from './schema-parts.ts';

const count = (description: string) =>
  integer(description, { min: 0, max: Number.MAX_SAFE_INTEGER });
const share = (description: string) => Type.Number({ minimum: 0, maximum: 1_000_000, description });
const maxShare = share('The highest share that needs no approval.');

function cause<const Code extends string, Figures extends TProperties>(
  code: Code,
  figures: Figures,
  description: string,
) {
  return Type.Object({ code: Type.Literal(code), ...figures }, { description });
}

export const waitCauseSchema = Type.Union(
  [
    cause(
      'contacts_change',
      {
        contacts_before: count('Contacts that the dataset filled before.'),
        would_change: count('Contacts with a value that would change.'),
        would_clear: count('Contacts that would lose a value.'),
        would_vanish: count('Contacts whose row is no longer in the source.'),
        share: share('The three together, as a share of contacts_before.'),
        max_share: maxShare,
      },
      'Too many contacts would change.',
    ),
    cause(
      'source_empty',
      { rows_before: count('Rows that the last applied run read.') },
      'The source has no rows.',
    ),
    cause(
      'files_empty',
      {
        files: list(prose('The name of a file.', 4_096), 5, 'At most 5 of them.'),
        count: count('How many files.'),
      },
      'Files have no rows, but had some in the last applied run.',
    ),
    cause(
      'field_emptied',
      {
        field: text('The name of the field.', 64),
        before: count('Contacts with a value.'),
        after: count('Contacts that would have a value.'),
      },
      'A field would lose more than half of its values.',
    ),
    cause(
      'rows_rejected',
      {
        rejected: count('Rejected rows, without those that name an erased person.'),
        rows: count('Rows of the source, without those that name an erased person.'),
        share: share('rejected as a share of rows.'),
        last_share: nullable(
          share('The rejected share of the last applied run; null for the first run.'),
        ),
        max_share: maxShare,
        counts: Type.Record(Type.String(), count('Rows.'), {
          description: 'Rejected rows by code.',
          maxProperties: 100,
        }),
      },
      'Too many rows would be rejected.',
    ),
    cause(
      'contacts_joined',
      {
        contacts: count('Existing contacts that rows of the run would bring together.'),
        contacts_named: count('Contacts that the dataset names after the run.'),
        share: share('contacts as a share of contacts_named. It may be above 1.'),
        max_share: maxShare,
        identity_types: list(
          text('The name of the type.', 64),
          50,
          'The identity types that bring them together.',
        ),
      },
      'Too many contacts would be joined with others.',
    ),
  ],
  { $id: 'WaitCause', description: 'Why a run waits, with its figures.' },
);

export type WaitCause = Static<typeof waitCauseSchema>;
