/**
 * Generates each measured contact from its number alone, so that they are the same on every machine
 * and in any order, and need no memory. A contact is about 1.2 kB as JSON with its field names.
 * `data-files.ts` writes the contacts into files.
 */
import { benchFields } from './contact-fields.ts';

/** Increase it when the values change, so that older files are not reused. */
export const generatorVersion = 2;

/** One value as a source file writes it and as a look-up returns it. */
interface MadeValue {
  readonly csv: string;
  readonly json: string;
}

export interface MadeContact {
  readonly email: string;
  /** In the order of `benchFields`. */
  readonly values: readonly MadeValue[];
}

/** `load.lua` has the same words, and makes the same addresses from them. */
export const emailWords = {
  first: ['anna', 'tom', 'maria', 'john', 'fatima', 'wei', 'olga', 'diego', 'noor', 'kwame'],
  last: ['smith', 'garcia', 'nowak', 'chen', 'okafor', 'rossi', 'haddad', 'berg', 'silva'],
  domains: ['example.com', 'example.org', 'mail.example.net', 'post.example.com'],
};

function emailOf(index: number): string {
  const { first, last, domains } = emailWords;
  return `${at(first, index)}.${at(last, index)}.${index}@${at(domains, index)}`;
}

/**
 * @param edition 1 is the data that look-ups read. Another edition is a later export of the same
 *   contacts, in which a few fields of each have changed
 */
export function makeContact(index: number, edition = 1): MadeContact {
  const steady = randomNumbers(index * 2 + 1);
  const moving = randomNumbers(index * 2 + 2 + edition * 0x10000000);
  return {
    email: emailOf(index),
    values: [...makeCrm(index, steady), ...makeShop(steady, moving)],
  };
}

/** The whole contact as an answer would show it. */
export function contactJson(contact: MadeContact): string {
  const members = benchFields.map((field, i) => `"${field.name}":${contact.values[i]?.json}`);
  return `{${members.join(',')}}`;
}

type Random = (below: number) => number;

function makeCrm(index: number, random: Random): MadeValue[] {
  const { first, last } = emailWords;
  const city = random(cities.length);
  return [
    text(capital(at(first, index))),
    text(capital(at(last, index))),
    text(`${1 + random(980)} ${at(streets, random(streets.length))}`),
    text(at(cities, city)),
    text(at(states, city)),
    text('United States'),
    text(String(10000 + random(89999))),
    text(`+1${2000000000 + random(999999999)}`),
    text(at(languages, random(languages.length))),
    text(at(companies, random(companies.length))),
    text(at(jobs, random(jobs.length))),
    text(at(tiers, random(tiers.length))),
    number(random(50000)),
    number(random(10000) / 100),
    truth(random(4) > 0),
    truth(random(10) === 0),
    day(14000 + random(6000)),
    day(2000 + random(10000)),
    set(interests, random),
    text(makeNotes(random)),
  ];
}

function makeNotes(random: Random): string {
  const interest = at(interests, random(interests.length));
  const product = at(products, random(products.length));
  return `Prefers ${interest}, asked about ${product} on the phone; call back in week ${1 + random(52)}, mornings only`;
}

function makeShop(steady: Random, moving: Random): MadeValue[] {
  const product = at(products, steady(products.length));
  return [
    money(moving(900000)),
    money(1000 + steady(30000)),
    money(500 + steady(60000)),
    money(steady(3) === 0 ? steady(5000) : 0),
    day(15000 + steady(4000)),
    moment(1_640_000_000 + steady(120_000_000)),
    moment(1_760_000_000 + moving(30_000_000)),
    number(1 + moving(200)),
    number(steady(1000) / 1000),
    number(1 + steady(9000) / 100),
    truth(moving(5) === 0),
    set(products, steady),
    text(at(interests, steady(interests.length))),
    text(at(companies, steady(companies.length))),
    text(`${at(cities, steady(cities.length))} Central`),
    text(product),
    text(`https://shop.example.com/p/${10000 + steady(80000)}`),
    text(at(payments, steady(payments.length))),
    text(`SAVE${10 + steady(40)}-${100000 + steady(899999)}`),
    big(
      `9${String(steady(1_000_000_000)).padStart(9, '0')}${String(steady(1_000_000_000)).padStart(9, '0')}`,
    ),
  ];
}

function text(value: string): MadeValue {
  return { csv: value.includes(',') ? `"${value}"` : value, json: `"${value}"` };
}

function number(value: number): MadeValue {
  return { csv: String(value), json: String(value) };
}

function big(digits: string): MadeValue {
  return { csv: digits, json: `"${digits}"` };
}

function truth(value: boolean): MadeValue {
  return { csv: String(value), json: String(value) };
}

function money(cents: number): MadeValue {
  const whole = String(Math.floor(cents / 100));
  const decimals = String(cents % 100).padStart(2, '0');
  const grouped = whole.length > 3 ? `${whole.slice(0, -3)},${whole.slice(-3)}` : whole;
  return { csv: `${whole}.${decimals}`, json: `"$${grouped}.${decimals}"` };
}

function day(daysSinceEpoch: number): MadeValue {
  const iso = new Date(daysSinceEpoch * 86_400_000).toISOString().slice(0, 10);
  return { csv: iso, json: `"${iso}"` };
}

function moment(seconds: number): MadeValue {
  const iso = `${new Date(seconds * 1000).toISOString().slice(0, 19)}Z`;
  return { csv: iso, json: `"${iso}"` };
}

/** One to three different words, separated by semicolons in a file. */
function set(words: readonly string[], random: Random): MadeValue {
  const start = random(words.length);
  const chosen = Array.from({ length: 1 + random(3) }, (_, i) => at(words, start + i * 3));
  const distinct = [...new Set(chosen)];
  return { csv: distinct.join(';'), json: JSON.stringify(distinct) };
}

/** Small, fast and the same on every machine (mulberry32). The values only need to look random. */
function randomNumbers(seed: number): Random {
  let state = Math.imul(seed, 0x9e3779b1) | 0;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 0x100000000) * below);
  };
}

function at(words: readonly string[], index: number): string {
  const word = words[index % words.length];
  if (word === undefined) throw new Error('A list of words is empty.');
  return word;
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

const cities = ['New York', 'Los Angeles', 'Chicago', 'Houston', 'Phoenix', 'Boston', 'Seattle'];
const states = ['NY', 'CA', 'IL', 'TX', 'AZ', 'MA', 'WA'];
const streets = ['Main Street', 'Oak Avenue', 'Maple Drive', 'Park Road', 'Lakeview Terrace'];
const languages = ['en-US', 'es-US', 'fr-CA', 'zh-CN', 'de-DE'];
const companies = ['Northwind', 'Contoso', 'Acme Corporation', 'Globex', 'Initech', 'Umbra & Sons'];
const jobs = ['Engineer', 'Designer', 'Sales Manager', 'Teacher', 'Nurse', 'Data Analyst'];
const tiers = ['bronze', 'silver', 'gold', 'platinum'];
const interests = ['cycling', 'running', 'cooking', 'travel', 'music', 'gardening', 'photography'];
const products = [
  'Road Bike 520',
  'Trail Helmet',
  'Wool Jersey',
  'Water Bottle',
  'LED Lamp',
  'Tent',
];
const payments = ['visa', 'mastercard', 'paypal', 'apple pay'];
