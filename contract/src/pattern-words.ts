/** Says in words which form the patterns of requests allow. People read no regular expressions. */

/** The number of a ticket. */
export const ticketPattern = '^(?:[A-Za-z]{1,8}-?)?[0-9]{1,12}(?:-[0-9]{1,12}){0,1}$';

const nameWords = 'It must have 1 to 64 characters of a-z, 0-9 and _, and begin with a letter.';
const idWords = 'This is no id of Usher. Copy it from a list or an answer.';
const noControls = 'It must not have control characters';

const words: ReadonlyMap<string, string> = new Map([
  ['^[a-z][a-z0-9_]{0,63}$', nameWords],
  ['^[a-z][a-z0-9_-]{0,63}$', nameWords.replace('0-9 and _', '0-9, _ and -')],
  [
    '^[a-z][a-z0-9_-]{0,63}(?:,[a-z][a-z0-9_-]{0,63}){0,499}$',
    'It must be names with commas between them and no spaces, such as first_name,city.',
  ],
  ['^[a-z_]{1,50}(\\.[a-z_]{1,49})?$', 'It must be an action, such as token or token.create.'],
  ['^(?:token|user):[A-Za-z0-9_-]{1,64}$', 'It must be user: or token: and an id.'],

  ['^[^\\u0000-\\u001f\\u007f]*$', `${noControls}.`],
  [
    '^[^\\u0000-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f]*$',
    `${noControls} other than tabs and line ends.`,
  ],
  ['^[^\\u0000-\\u001f\\u007f/\\\\]*$', `${noControls}, / or \\.`],
  ['^[^\\u0000]*$', 'It must not have the character U+0000.'],
  ['^[^\\u0000]+$', 'It must not be empty, and not have the character U+0000.'],

  [ticketPattern, 'It must be a number with up to 8 letters in front, such as CASE-48797.'],
  ['^[0-9]{6}$', 'It must have six digits.'],
  ['^[^@\\s]+@[^@\\s]+$', 'It must be an e-mail address.'],
  ['^[0-9A-Fa-f:./]{2,64}$', 'It must be an IP address or a network, such as 10.0.0.0/8.'],
  ['^https?://.+$', 'It must begin with http:// or https://.'],
  ['^(env:[A-Za-z_]|file:/).*$', 'It must be env: and a name, or file: and an absolute path.'],
  ['^[A-Za-z0-9-]{1,100}$', 'It must have 1 to 100 characters of A-Z, a-z, 0-9 and -.'],
  ['^[0-9]{1,6}[smhdw]$', 'It must be a duration, such as 90m, 36h or 7d.'],
  ['^(0|[0-9]{1,6}[smhdw])$', 'It must be 0 or a duration, such as 90m, 36h or 7d.'],
  ['^[0-9, -]*$', 'It must be slots, such as 0-49, 75.'],
  ['^[A-Za-z0-9_.:-]{1,40}$', 'It must be the name of an encoding, such as windows-1252.'],
  [
    '^[1-9][0-9]{0,3}:[^,]{1,40}(?:,[1-9][0-9]{0,3}:[^,]{1,40})*$',
    'It must be places of columns with their types, such as 3:date,5:currency:EUR.',
  ],
  [
    '^[1-9][0-9]{0,3}:[a-z][a-z0-9_-]{0,63}(?::(?:exact|phone|email))?(?:,[1-9][0-9]{0,3}:[a-z][a-z0-9_-]{0,63}(?::(?:exact|phone|email))?)*$',
    'It must be places of columns with identity types, such as 1:user_id,4:mobile:phone.',
  ],
  [
    '^[1-9][0-9]{0,3}(?:,[1-9][0-9]{0,3})*$',
    'It must be places of columns with commas between them, such as 2,7.',
  ],
  ['^[A-Z]{3}$', 'It must be the code of a currency, such as EUR.'],
  ['^[A-Za-z0-9-]{2,85}$', 'It must be a locale, such as en-GB.'],
  ['^[A-Za-z0-9/_+-]{1,64}$', 'It must be a time zone, such as Europe/Berlin.'],

  ['^[A-Za-z0-9_-]{1,512}$', 'This is no cursor. Send the next_cursor of the page before.'],
  ['^[1-9][0-9]{0,8}$', 'The id must be a whole number from 1 to 999999999.'],
  ['^[0-9A-Za-z]{12}$', idWords],
  ['^[A-Za-z0-9_-]{1,64}$', idWords],
  ['^[0-9a-f-]{36}$', idWords],
  ['^[0-9a-f]{24}$', idWords],
  ['^[0-9a-f]{16}(-[0-9a-f]{12})?$', idWords],
  ['^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$', idWords],
  ['^[0-9A-Za-z]{43}$', 'This is no link of Usher. Copy all of it.'],
  ['^[0-9a-f]{16}$', 'It must be 16 hexadecimal digits, as the receipt has them.'],
  ['^[0-9a-f]{32}$', 'It must be 32 hexadecimal digits, as the receipt has them.'],
  ['^[0-9a-f]{64}$', 'It must be 64 hexadecimal digits, as the receipt has them.'],
  ['^[\\x21-\\x7e]{1,8192}$', 'It must be the query of the callback, as the provider sent it.'],
]);

/** `undefined`: no request has this pattern. */
export function patternWords(pattern: string): string | undefined {
  return words.get(pattern);
}
