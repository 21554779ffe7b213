/** What the console's sign-in sends and gets. */
import Type from 'typebox';
import { maxNameLength } from './bounds.ts';
import { permissionNames, roleNames } from './roles.ts';
import { closed, emailText, list, nullable, text, time, word } from './schema-parts.ts';
import { sessionFacts } from './user-schema.ts';

/** NIST SP 800-63B asks for at least 64; scrypt takes any length. */
const maxPasswordLength = 256;

const password = text('The password.', maxPasswordLength, { pattern: '^[^\\u0000]+$' });
const newPassword = text('The new password, of 12 characters or more.', maxPasswordLength, {
  pattern: '^[^\\u0000]+$',
});
const code = text('The 6 digits that the authenticator shows.', 6, { pattern: '^[0-9]{6}$' });
const email = emailText('The e-mail of the user.');
const name = text('The name of the user.', maxNameLength, { minLength: 1 });

const methods = Type.Object(
  {
    password: Type.Boolean({ description: 'Whether users can sign in with a password.' }),
    oidc: nullable(
      Type.Object({ name: text('The name of the provider, for the button.', maxNameLength) }),
    ),
    asks_organization: Type.Boolean({
      description: 'Whether to ask for the organization, because the server has several.',
    }),
  },
  { description: 'The ways to sign in.' },
);

export const sessionSchema = Type.Object(
  {
    user: Type.Object({
      id: sessionFacts.id,
      email,
      name,
      role: word('The role of the user.', roleNames),
      has_password: Type.Boolean({ description: 'Whether the user can sign in with a password.' }),
      has_totp: Type.Boolean({ description: 'Whether signing in also needs a code (TOTP).' }),
      role_from_groups: Type.Boolean({
        description:
          'Whether the role comes from groups at the OpenID provider. Only there can the user sign in.',
      }),
    }),
    permissions: list(
      word('A permission.', permissionNames),
      permissionNames.length,
      'What the role allows.',
    ),
    organization: Type.Object({
      name: text('The name of the organization.', maxNameLength),
      locale: text('Its locale, as BCP 47.', 85),
      time_zone: text('Its time zone: an IANA name or Z.', 64),
      currency: text('Its currency, as ISO 4217.', 3),
    }),
    expires_at: time('When the session ends if it is not used.'),
    confirmed_until: nullable(
      time('Until when the user has confirmed who they are; null: they have not, or no longer.'),
    ),
    methods,
  },
  { $id: 'Session' },
);

export const signInSchema = Type.Object(
  {
    email,
    password,
    code: Type.Optional(code),
    organization: Type.Optional(
      text('The name of the organization; missing: the first one.', maxNameLength),
    ),
  },
  { ...closed, $id: 'SignIn' },
);

export const linkSchema = Type.Object(
  {
    link: text('The secret of the link: what follows # in its address.', 43, {
      pattern: '^[0-9A-Za-z]{43}$',
    }),
    password: Type.Optional(newPassword),
    name: Type.Optional(name),
    email: Type.Optional(email),
  },
  { ...closed, $id: 'Link' },
);

export const oidcAnswerSchema = Type.Object(
  {
    parameters: text("The query of the callback's address, as the provider sent it.", 8_192, {
      pattern: '^[\\x21-\\x7e]{1,8192}$',
    }),
  },
  { ...closed, $id: 'OidcAnswer' },
);

export const confirmationSchema = Type.Object(
  { password: Type.Optional(password), code: Type.Optional(code) },
  { ...closed, $id: 'Confirmation' },
);

export const passwordChangeSchema = Type.Object(
  { password: Type.Optional(password), new_password: newPassword },
  { ...closed, $id: 'PasswordChange' },
);

export const totpRequestSchema = Type.Object(
  { code: Type.Optional(code) },
  { ...closed, $id: 'TotpRequest' },
);

export const totpSchema = Type.Object(
  {
    enabled: Type.Boolean({ description: 'Whether signing in needs a code.' }),
    secret: nullable(text('The new secret in base32. It is shown once.', 64)),
    uri: nullable(text('The same as an otpauth address, for a QR code.', 1_000)),
  },
  { $id: 'Totp' },
);

export const ownSessionsSchema = Type.Object(
  {
    data: list(
      Type.Object({
        ...sessionFacts,
        is_current: Type.Boolean({ description: 'Whether this call belongs to the session.' }),
      }),
      100,
      'The sessions, the newest first.',
    ),
  },
  { $id: 'OwnSessions' },
);
