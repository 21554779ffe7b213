/** Revealing a masked value of a contact, for a reason. */
import Type from 'typebox';
import { explanationSchema } from './explain-schema.ts';
import { identity } from './lookup-schema.ts';
import { ticketPattern } from './pattern-words.ts';
import { closed, fieldName, text, time, word } from './schema-parts.ts';

/** No free text: it could name a person, and an erasure would not find it. */
export const revealReasons = [
  'customer_request',
  'complaint',
  'fraud_check',
  'data_quality',
  'legal',
] as const;

export const revealRequestSchema = Type.Object(
  {
    identity,
    field: fieldName('The field whose value is revealed.'),
    reason: word('Why. The access log keeps it.', revealReasons),
    ticket: Type.Optional(
      text('The number of a ticket: up to 8 letters, then digits. The access log keeps it.', 40, {
        pattern: ticketPattern,
        examples: ['CASE-48797'],
      }),
    ),
  },
  { ...closed, $id: 'RevealRequest' },
);

const { field, value, from, as_of } = explanationSchema.properties.fields.items.properties;

export const revealedValueSchema = Type.Object(
  {
    ...{ field, value, from, as_of },
    until: time('When the console hides the value again.'),
  },
  { ...closed, $id: 'RevealedValue' },
);
