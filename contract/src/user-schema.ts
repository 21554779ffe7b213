/** Users and their sessions as administration shows and changes them. */
import Type from 'typebox';
import { maxNameLength } from './bounds.ts';
import { roleNames } from './roles.ts';
import { closed, emailText, nullable, text, time, word } from './schema-parts.ts';

export const userId = text('The id of the user.', 12, { pattern: '^[0-9A-Za-z]{12}$' });
export const sessionId = text('The id of the session.', 12, { pattern: '^[0-9A-Za-z]{12}$' });

const email = emailText('The e-mail that the user signs in with.');
const name = text('The name of the user.', maxNameLength, { minLength: 1 });
export const role = word('What the user may do.', roleNames);

const shown = {
  id: userId,
  email,
  name,
  role,
  state: word('An invited user has not signed in yet. A revoked one cannot sign in.', [
    'invited',
    'active',
    'revoked',
  ]),
  has_password: Type.Boolean({ description: 'Whether the user can sign in with a password.' }),
  has_totp: Type.Boolean({ description: 'Whether signing in also needs a code (TOTP).' }),
  has_oidc: Type.Boolean({ description: 'Whether the user has signed in with OpenID Connect.' }),
  created_at: time('When the user was invited or created.'),
  last_sign_in_at: nullable(time('When the user last signed in.')),
  revoked_at: nullable(time('When the user was revoked.')),
  role_lost_at: nullable(
    time(
      'When the OpenID provider said that no group of the user has a role any more: the user cannot sign in until a group or an administrator gives one. null: the role counts.',
    ),
  ),
};

export const userSchema = Type.Object(shown, { $id: 'User' });

const link = text(
  'The path of a link that works once. Only this answer shows it: give it to the user yourself.',
  200,
  { pattern: '^/console/link#[0-9A-Za-z]{43}$' },
);

export const linkedUserSchema = Type.Object(
  { ...shown, link, link_expires_at: time('When the link stops working.') },
  { $id: 'LinkedUser' },
);

export const invitationSchema = Type.Object(
  { email, name: Type.Optional(name), role },
  { ...closed, $id: 'Invitation' },
);

export const userChangeSchema = Type.Object(
  { name: Type.Optional(name), role: Type.Optional(role) },
  { ...closed, $id: 'UserChange' },
);

export const sessionFacts = {
  id: sessionId,
  method: word('How the user signed in.', ['password', 'link', 'oidc', 'demo']),
  address: text('The address that the user signed in from.', 64),
  user_agent: text('The browser, as it names itself.', 200),
  created_at: time('When the user signed in.'),
  last_seen_at: time('When the session was last used, to the minute.'),
  expires_at: time('When the session ends if it is not used.'),
};

export const userSessionSchema = Type.Object(
  { ...sessionFacts, user_id: userId, email },
  { $id: 'UserSession' },
);
