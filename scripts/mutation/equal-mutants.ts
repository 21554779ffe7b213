/**
 * Mutants whose change no caller can observe, each with the reason. They are recognised by the text
 * of their line.
 */
export interface EqualMutant {
  readonly path: string;
  /** The line, without blanks around it. */
  readonly code: string;
  readonly from: string;
  readonly to: string;
  readonly reason: string;
}

const addresses = 'server/src/domain/token/address-list.ts';
const identity = 'server/src/domain/contact/identity.ts';
const token = 'server/src/domain/token/token.ts';
const limitRate = 'server/src/http/limit-rate.ts';
const rateLimit = 'server/src/domain/rate-limit.ts';
const failures = 'server/src/domain/token/failed-authentication.ts';
const digest = "return Number.parseInt(hash('sha256', unit, 'hex').slice(0, 12), 16) + 1;";
const otherDigits =
  'Any digits of a digest distinguish addresses, as exact numbers that are never 0.';
const after = "const after = tail === '' ? [] : tail.split(':');";
const oldest =
  'if ((this.#entries[entry + 2] ?? 0) < (this.#entries[oldest + 2] ?? 0)) oldest = entry;';

const cidr = String.raw`/^([0-9a-f:.]{2,45})(?:\/(0|[1-9][0-9]{0,2}))?$/i`;
const tokenForm = '/^ush_[0-9A-Za-z]{12}_[0-9A-Za-z]{49}$/';
const mapped = '/^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/';
const countBytes =
  'if (value.length * 3 > maxIdentityBytes && Buffer.byteLength(value) > maxIdentityBytes) {';
const write = "into.write(hex.slice(0, 32), 0, 16, 'hex');";
const writesSixteen = 'The buffer is given 16 bytes, however long the text is.';
const wholeOnly =
  'The length is checked before, and the pattern can match a text of that length only as a whole.';
const compiledAnew = 'Limits that are not cached are compiled again, with the same result.';

export const equalMutants: readonly EqualMutant[] = [
  ...[
    ['0', '1'],
    ['12', '13'],
    ['16', '17'],
    ['1', '2'],
    ['+', '-'],
  ].map(([from = '', to = '']) => ({
    path: failures,
    code: digest,
    from,
    to,
    reason: otherDigits,
  })),
  {
    ...{ path: failures, code: after, from: "''", to: "'x'" },
    reason: 'An empty tail then adds one group and removes one zero, after the first four groups.',
  },
  {
    ...{ path: failures, code: oldest, from: '<', to: '<=' },
    reason: 'Of two addresses that were seen at the same time, either may be forgotten.',
  },
  {
    ...{ path: addresses, code: `const cidrPattern = ${cidr};` },
    ...{ from: cidr, to: cidr.replace('45', '46') },
    reason: 'No address is longer than 45 characters, and the address itself is checked next.',
  },
  {
    ...{ path: addresses, from: "networks.filter(({ family }) => family === 'ipv6')" },
    ...{ code: "const ipv6 = listOf(networks.filter(({ family }) => family === 'ipv6'));" },
    to: 'networks',
    reason: 'A network of IPv4 contains only mapped IPv6 addresses, which are never checked.',
  },
  {
    ...{ path: addresses, code: "return version === 6 && ipv6.check(plain, 'ipv6');" },
    ...{ from: "'ipv6'", to: "''" },
    reason: 'Node treats every family except IPv4 as IPv6.',
  },
  {
    ...{ path: addresses, code: "const [address = ''] = text.split('%', 1);", from: '1', to: '2' },
    reason: 'Only the first part is read.',
  },
  {
    ...{ path: addresses, code: `const mapped = ${mapped}.exec(short);` },
    ...{ from: mapped, to: mapped.replace('4', '5') },
    reason: 'A group of an address in its short form has at most 4 digits.',
  },
  ...[tokenForm.replace('^', ''), tokenForm.replace('$', '')].map((to) => ({
    ...{ path: token, code: `const tokenPattern = ${tokenForm};`, from: tokenForm, to },
    reason: wholeOnly,
  })),
  {
    ...{ path: identity, code: countBytes, from: '3', to: '4' },
    reason: 'The line only avoids counting the bytes of short texts.',
  },
  ...[
    ['hex.slice(0, 32)', 'hex'],
    ['32', '33'],
  ].map(([from = '', to = '']) => ({
    ...{ path: identity, code: write, from, to },
    reason: writesSixteen,
  })),
  {
    ...{ path: identity, code: 'exact: (text) => matching(text.trim(), /^\\P{Cc}+$/u),' },
    ...{ from: '/^\\P{Cc}+$/u', to: '/^\\P{Cc}*$/u' },
    reason: 'An empty value is refused by its length, whatever its kind.',
  },
  {
    ...{
      path: identity,
      code: "if (at <= 0 || at !== composed.lastIndexOf('@')) return undefined;",
    },
    ...{ from: 'lastIndexOf', to: 'indexOf' },
    reason: 'A domain with an @ in it is refused as well.',
  },
  {
    ...{ path: identity, from: '/[A-Z]+/g', to: '/[A-Z]*/g' },
    code: 'return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());',
    reason: 'An empty text in lower case is empty.',
  },
  {
    ...{ path: 'server/src/http/authenticate.ts', from: 'startsWith', to: 'endsWith' },
    code: "if (authorization.startsWith('Bearer ush_')) return authorization.slice('Bearer '.length);",
    reason: 'The pattern reads the same token in more time.',
  },
  ...['compiled.set(caller, ofCaller);', 'ofCaller.set(kind, limits);'].map((code) => ({
    ...{ path: limitRate, code, from: code, to: ';', reason: compiledAnew },
  })),
  ...[
    'releaseLock(this.#words, window + lockPlace);',
    'if (!seizeLock(this.#words, window + lockPlace, owner)) continue;',
    'if (!takeLock(this.#words, window + lockPlace, this.#thread)) return undefined;',
    'const lock = window + lockPlace;',
  ].map((code) => ({
    ...{ path: rateLimit, code, from: '+', to: '-' },
    reason: 'The lock is the first word of a window, so its offset is 0.',
  })),
  {
    ...{ path: rateLimit, code: 'if (now > newest) this.#advance(window, newest, now);' },
    ...{ from: '>', to: '>=' },
    reason: 'Advancing by zero slots clears none.',
  },
  ...[
    ['found !== undefined', '!(found !== undefined)'],
    ['!==', '==='],
    ['this.#windows.set(key, found);', ';'],
  ].map(([from = '', to = '']) => ({
    ...{
      path: rateLimit,
      code: 'if (found !== undefined) this.#windows.set(key, found);',
      from,
      to,
    },
    reason: 'A window whose place is not cached is searched again, and found.',
  })),
];
