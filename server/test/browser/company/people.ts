/** The customers of the company that the pictures show: invented, and the same at each run. */

export interface Customer {
  readonly key: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly email: string;
  readonly phone: string;
  readonly city: string;
  readonly country: string;
  readonly card: string;
}

const count = 1_400;

const firstNames = [
  ...['Ana', 'Ben', 'Chloe', 'Dev', 'Elif', 'Femi', 'Grace', 'Hugo', 'Ines', 'Jun'],
  ...['Kofi', 'Lena', 'Mateo', 'Nadia', 'Oscar', 'Priya', 'Quinn', 'Rosa', 'Sami', 'Tess'],
];
const lastNames = [
  ...['Adler', 'Bauer', 'Costa', 'Diaz', 'Evans', 'Fischer', 'Garc\u00eda', 'Haddad', 'Ito'],
  ...['Jensen', 'Kowalski', 'Lind', 'Moreau', 'Novak', 'Okafor', 'Park', 'Rossi', 'Silva'],
];
const places = [
  ['Seattle', 'US'],
  ['Portland', 'US'],
  ['Vancouver', 'CA'],
  ['Austin', 'US'],
  ['Boston', 'US'],
  ['London', 'GB'],
  ['Leeds', 'GB'],
] as const;

const tom: Customer = {
  key: '25990',
  firstName: 'Tom',
  lastName: 'Weber',
  email: 'tom@hello.com',
  phone: '+14255550142',
  city: 'Seattle',
  country: 'US',
  card: 'HC-00412',
};

/** Tom comes first. */
export const customers: readonly Customer[] = [
  tom,
  ...Array.from({ length: count - 1 }, (_, place) => customer(place + 1)),
];

function customer(n: number): Customer {
  const firstName = pick(firstNames, n);
  const lastName = pick(lastNames, n * 7);
  const [city, country] = pick(places, n * 3);
  const plain = lastName.normalize('NFD').replaceAll(/\p{M}/gu, '');
  return {
    key: String(26_000 + n),
    ...{ firstName, lastName, city, country },
    email: `${firstName}.${plain}${n}@example.com`.toLowerCase(),
    phone: `+1206555${String(n).padStart(4, '0')}`,
    card: `HC-${String(1_000 + n).padStart(5, '0')}`,
  };
}

function pick<Item>(items: readonly Item[], n: number): Item {
  return items[n % items.length] as Item;
}

/** A text in CSV. Values hold no separator and no quote. */
function csv(head: readonly string[], rows: readonly (readonly unknown[])[]): string {
  return `${[head, ...rows].map((row) => row.join(',')).join('\n')}\n`;
}

/** What the CRM exports on a day; each day a few customers moved, and some rows are bad. */
export function crmRows(day: number): string {
  const rows = customers.map((one, n) => [
    ...[one.key, one.email, one.phone, one.firstName, one.lastName],
    ...[(n + day) % 97 === 0 ? 'Tacoma' : one.city, one.country],
    `19${60 + (n % 40)}-0${1 + (n % 9)}-1${n % 9}`,
  ]);
  const head = ['customer_key', 'email', 'phone', 'first_name', 'last_name', 'city', 'country'];
  const bad = [
    ...Array.from({ length: 3 }, (_, n) => ['', `no address ${n}`, '', '', '', '', '', '']),
    ['99001', 'late@example.com', '', 'Late', 'Comer', 'Leeds', 'GB', 'tomorrow'],
  ];
  return csv([...head, 'birth_date'], [...rows, ...bad]);
}

/**
 * What the shop exports on a day.
 * @param isBroken whether an export went wrong: other amounts, and no dates
 */
export function orderRows(day: number, isBroken = false): string {
  const buyers = customers.filter((_, n) => n === 0 || n % 5 !== 0);
  const rows = buyers.map(({ key }, n) => {
    // Tom bought often.
    const orders = (n === 0 ? 6 : 1 + ((n * 13) % 9)) + (n % 60 === day % 60 ? 1 : 0);
    const isWrong = isBroken && n % 2 === 0;
    const revenue = (orders * (n === 0 ? 40.26 : 18 + (n % 37)) * (isWrong ? 0.01 : 1)).toFixed(2);
    const date = `2026-1${n % 2}-${String(1 + (n % 27)).padStart(2, '0')}`;
    return [key, orders, revenue, isWrong ? '' : date];
  });
  return csv(['customer_key', 'orders', 'revenue', 'last_purchase_date'], rows);
}

export function newsletterRows(): string {
  const readers = customers.filter((_, n) => n % 3 !== 1);
  const rows = readers.map(({ email }, n) => [
    ...[email, n % 8 !== 5, `202${3 + (n % 4)}-0${1 + (n % 9)}-14`],
  ]);
  return csv(['email', 'newsletter', 'newsletter_since'], rows);
}

export function loyaltyRows(day: number): string {
  const members = customers.filter((_, n) => n % 4 === 0);
  const tiers = ['Gold', 'Silver', 'Bronze'];
  const rows = members.map(({ card, email }, n) => [
    ...[card, email, tiers[n % 3], 40 + ((n * 31) % 900) + (n % 20 === day ? 15 : 0)],
  ]);
  return csv(['card', 'email', 'tier', 'points'], rows);
}
