/** The data of events, which tell a page what to read again. */
import Type from 'typebox';
import { limitUseParts, shortRunSchema, trafficNowParts } from './overview-schema.ts';
import { closed, list, word } from './schema-parts.ts';

export const trafficEventSchema = Type.Object(
  { ...trafficNowParts, ...limitUseParts },
  { $id: 'TrafficEvent' },
);

export const changedEventSchema = Type.Object(
  {
    parts: list(
      word(
        'definitions: datasets, fields, segments, flows. settings: anything of the organization, also tokens. datasets: their contacts and ages. waiting: what waits for a decision.',
        ['definitions', 'settings', 'datasets', 'waiting'] as const,
      ),
      4,
      'What to read again.',
    ),
  },
  { $id: 'ChangedEvent' },
);

const beginningSchema = Type.Object({}, { ...closed, $id: 'BeginningEvent' });

/** The data of any event. */
export const eventDataSchema = Type.Union(
  [shortRunSchema, trafficEventSchema, changedEventSchema, beginningSchema],
  {
    $id: 'EventData',
    description:
      'The data of one event, by its name. run: a run that began, went on or ended. traffic: look-ups of the last seconds. changed: parts of the overview. open: the stream has begun. reset: it has begun, and events were missed, so read everything again.',
  },
);
