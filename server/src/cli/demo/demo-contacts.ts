/** The demo's contacts: a few hundred invented people, the same in each run. */
import type { FieldType, Sensitivity } from '../../domain/contact/field.ts';
import type { RecordedMemberships } from '../../domain/membership/membership.ts';

export interface DemoContact {
  readonly email: string;
  /** Raw JSON texts, in the order of `demoFields`. */
  readonly values: readonly string[];
  readonly memberships: RecordedMemberships;
}

/** Previews show the values of fields that are internal, and mask the others. */
export const demoFields: readonly {
  readonly name: string;
  readonly type: FieldType;
  readonly sensitivity: Sensitivity;
}[] = [
  { name: 'email_address', type: 'string', sensitivity: 'personal' },
  { name: 'first_name', type: 'string', sensitivity: 'personal' },
  { name: 'last_name', type: 'string', sensitivity: 'personal' },
  { name: 'address_city', type: 'string', sensitivity: 'internal' },
  { name: 'address_state', type: 'string', sensitivity: 'internal' },
  { name: 'total_lifetime_value_jde', type: 'currency', sensitivity: 'internal' },
  { name: 'last_purchase_date', type: 'date', sensitivity: 'internal' },
  { name: 'order_count', type: 'positive integer', sensitivity: 'internal' },
  { name: 'newsletter', type: 'boolean', sensitivity: 'internal' },
  { name: 'interests', type: 'set', sensitivity: 'internal' },
];

const demoContactCount = 300;

/** Tom comes first, because the documentation uses him. */
export function demoContacts(): DemoContact[] {
  return [tom, ...Array.from({ length: demoContactCount - 1 }, (_, index) => demoContact(index))];
}

const tom: DemoContact = {
  email: 'tom@hello.com',
  values: [
    '"tom@hello.com"',
    '"Tom"',
    '"Weber"',
    '"New York"',
    '"NY"',
    '241.56',
    '"2026-10-30"',
    '4',
    'true',
    '["running","coffee"]',
  ],
  memberships: {
    flows: [],
    journeys: [
      {
        journeyId: 77,
        journeyName: 'Second purchase',
        step: 'Reminder',
        enteredAt: '2026-10-30T12:00:00Z',
        stepEnteredAt: '2026-11-06T12:00:00Z',
      },
    ],
    campaigns: [
      {
        campaignId: 'autumn-2026',
        campaignName: 'Autumn sale',
        channel: 'email',
        variant: 'Variant A',
        flowId: 203_850,
        receivedAt: '2026-11-02T09:30:00Z',
      },
    ],
    segments: [],
  },
};

const firstNames = ['Ana', 'Ben', 'Chloe', 'Dev', 'Elif', 'Femi', 'Grace', 'Hugo', 'Ines', 'Jun'];
const lastNames = ['Adler', 'Bauer', 'Costa', 'Diaz', 'Evans', 'Fischer', 'Garc\u00eda', 'Haddad'];
const places = [
  ['Austin', 'TX'],
  ['Boston', 'MA'],
  ['Chicago', 'IL'],
  ['Denver', 'CO'],
  ['Miami', 'FL'],
  ['New York', 'NY'],
  ['Portland', 'OR'],
  ['Seattle', 'WA'],
] as const;
const interests = ['running', 'coffee', 'books', 'cycling', 'music', 'travel'];

function demoContact(index: number): DemoContact {
  const first = pick(firstNames, index);
  const last = pick(lastNames, Math.floor(index / firstNames.length));
  const [city, state] = pick(places, index * 7);
  const email = `contact${index + 1}@example.com`;
  const orders = index % 9;
  return {
    email,
    values: [
      email,
      first,
      last,
      city,
      state,
      Math.round(orders * (19.9 + index) * 100) / 100,
      `2026-${twoDigits(1 + (index % 10))}-${twoDigits(1 + (index % 28))}`,
      orders,
      index % 3 === 0,
      interests.filter((_, place) => (index >> place) % 2 === 1),
    ].map((value) => JSON.stringify(value)),
    memberships: { flows: [], journeys: [], campaigns: [], segments: [] },
  };
}

function pick<T>(list: readonly T[], index: number): T {
  return list[index % list.length] as T;
}

function twoDigits(number: number): string {
  return String(number).padStart(2, '0');
}
