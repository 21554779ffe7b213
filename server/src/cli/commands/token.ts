/**
 * `usher token`: manages an organization's tokens. A new token is printed once, alone on stdout.
 */
import type { Command } from 'commander';
import { rollTokens, rotateToken } from '../../administration/token/rotate-token.ts';
import type { TokenRequest } from '../../administration/token/token-request.ts';
import type { TokenView } from '../../administration/token/token-view.ts';
import { createToken, listTokens, revokeToken } from '../../administration/token/tokens.ts';
import { givenMembers } from '../../domain/given-members.ts';
import { scopes } from '../../domain/token/token.ts';
import {
  addOrganizationOption,
  type CommandFrame,
  type CommandSession,
  collect,
  exampleText,
  parseNumber,
} from '../command-frame.ts';
import { withOrganization, withOrganizationMade } from '../with-administration.ts';

interface CreateOptions {
  readonly email: string;
  readonly name?: string;
  readonly scope?: readonly string[];
  readonly expires?: string;
  readonly field?: readonly string[];
  readonly identityType?: readonly string[];
  readonly address?: readonly string[];
  readonly maxShare?: number;
  readonly dataset?: string;
}

export function defineTokenCommand(token: Command, frame: CommandFrame): void {
  token.addHelpText('after', tokenHelp);
  defineCreate(token, frame);
  addOrganizationOption(token.command('list'))
    .description('List the tokens, with warnings about them')
    .option('--all', 'list revoked tokens too')
    .addHelpText('after', exampleText('usher token list', 'usher token list --all --json'))
    .action(frame.action(list));
  addOverlap(token.command('rotate'))
    .description('Replace a token by a new one with the same rights')
    .argument(
      '<ref>',
      "the token's id, its last 3 characters, or the e-mail address of its creator",
    )
    .addHelpText('after', rotateExamples)
    .action(frame.action(rotate));
  addOverlap(token.command('roll'))
    .description('Replace the oldest live token by a new one with the same rights')
    .addHelpText(
      'after',
      '\nExample, weekly from a scheduler:\n  usher token roll --quiet | vault kv put secret/usher token=-',
    )
    .action(frame.action(roll));
  addOrganizationOption(token.command('revoke').alias('delete'))
    .description('Revoke a token at once')
    .argument(
      '<ref>',
      "the token's id, its last 3 characters, or the e-mail address of its creator",
    )
    .addHelpText(
      'after',
      exampleText('usher token revoke x7Q', 'usher token revoke ana@example.com'),
    )
    .action(frame.action(revoke));
}

const tokenHelp = `
REF is a token's id (the 12 characters after ush_), its last 3 characters, or the e-mail
address of its creator. If it matches several tokens, the command lists them and changes nothing.`;

const createExamples = `
Examples:
  usher token create --email ana@example.com --name site | vault kv put secret/usher token=-
  usher token create --email ana@example.com --expires 90d --field first_name --field city
  usher token create --email ops@example.com --scope contacts:read --scope admin:read
  usher token create --email ana@example.com --address 10.0.0.0/8 --max-share 0.5`;

const rotateExamples = `
Examples:
  usher token rotate x7Q                 the old token works for another 24 hours
  usher token rotate x7Q --overlap 7d    the old token works for another 7 days
  usher token rotate x7Q --overlap 0     the old token stops working at once`;

function defineCreate(token: Command, frame: CommandFrame): void {
  addOrganizationOption(token.command('create'))
    .description('Create a token. It is printed once; Usher stores only its digest')
    .requiredOption('--email <e-mail>', "the e-mail address of the token's creator")
    .option('--name <name>', 'what the token is used for')
    .option(
      '--scope <scope>',
      `what the token may do: ${scopes.join(', ')}; repeatable (default: contacts:read)`,
      collect,
    )
    .option(
      '--expires <when>',
      'when the token expires: 90d, 24h, 2026-12-31 (00:00 UTC) or an RFC 3339 time (default: never)',
    )
    .option('--field <name>', 'a field that the token may read; repeatable (default: all)', collect)
    .option(
      '--identity-type <name>',
      'an identity type that look-ups of the token may use; repeatable (default: all)',
      collect,
    )
    .option(
      '--address <cidr>',
      'an address range from which the token may be used; repeatable (default: all)',
      collect,
    )
    .option(
      '--max-share <share>',
      'the largest share of the rate limit that the token may use, such as 0.8 (default: 1)',
      parseNumber,
    )
    .option(
      '--dataset <name>',
      'the only dataset to which the token may push rows (with --scope contacts:write)',
    )
    .addHelpText('after', createExamples)
    .action(frame.action(create));
}

function addOverlap(command: Command): Command {
  return addOrganizationOption(command).option(
    '--overlap <duration>',
    'how long the old token still works: 0 to 7d',
    '24h',
  );
}

async function create(session: CommandSession, options: CreateOptions): Promise<void> {
  const { token, text } = await withOrganizationMade(session, (administration, id) =>
    createToken(administration, id, requestOf(options)),
  );
  session.output.data({ token: text, ...token }, () => text);
  session.output.message(
    `Created the token ${token.id} (${token.scopes.join(', ')}), ${endWords(token)}. ` +
      'It is shown only once. Keep it in a secrets store.',
  );
  for (const warning of token.warnings) session.output.warning(warning);
}

async function list(session: CommandSession, { all = false }): Promise<void> {
  const tokens = await withOrganization(session, (administration, id) =>
    listTokens(administration, id, { includeRevoked: all }),
  );
  session.output.table(tokens, {
    ID: (token) => token.id,
    'LAST 3': (token) => token.last_characters,
    NAME: (token) => token.name ?? '-',
    'CREATED BY': (token) => token.created_by,
    SCOPES: (token) => token.scopes.join(','),
    LIMITS: limitWords,
    CREATED: (token) => token.created_at.slice(0, 10),
    'LAST USED': (token) => token.last_used_at ?? 'never',
    STATE: stateWords,
  });
  for (const token of tokens) {
    for (const warning of token.warnings) session.output.warning(`${token.id}: ${warning}`);
  }
}

async function rotate(
  session: CommandSession,
  reference: string,
  { overlap }: { readonly overlap: string },
): Promise<void> {
  const answer = await withOrganization(session, (administration, id) =>
    rotateToken(administration, id, { overlap, reference }),
  );
  showRotation(session, answer);
}

async function roll(
  session: CommandSession,
  { overlap }: { readonly overlap: string },
): Promise<void> {
  const answer = await withOrganization(session, (administration, id) =>
    rollTokens(administration, id, { overlap }),
  );
  showRotation(session, answer);
}

async function revoke(session: CommandSession, reference: string): Promise<void> {
  const token = await withOrganization(session, (administration, id) =>
    revokeToken(administration, id, { reference }),
  );
  if (session.json) session.output.data(token, () => '');
  session.output.message(
    `Revoked the token ${token.id}. A running server refuses it within a second.`,
  );
}

function showRotation(
  session: CommandSession,
  answer: { readonly token: TokenView; readonly text: string; readonly replaced: TokenView },
): void {
  const { token, text, replaced } = answer;
  session.output.data({ token: text, ...token, replaced }, () => text);
  const old = replaced.state === 'revoked' ? 'is revoked' : `ends at ${replaced.expires_at}`;
  session.output.message(
    `Token ${token.id} replaces ${replaced.id}, which ${old}. ` +
      'It is shown only once. Keep it in a secrets store.',
  );
}

function requestOf(options: CreateOptions): TokenRequest {
  const { email, name, scope, expires, field, identityType, address, maxShare, dataset } = options;
  const given = givenMembers({
    ...{ name, maxShare, dataset },
    scopes: scope,
    expires: expires === 'never' ? null : expires,
    fields: field,
    identityTypes: identityType,
    addresses: address,
  });
  return { createdBy: email, ...given };
}

function endWords(token: TokenView): string {
  return token.expires_at === null
    ? 'which does not expire'
    : `which expires at ${token.expires_at}`;
}

function stateWords(token: TokenView): string {
  if (token.state !== 'live' || token.expires_at === null) return token.state;
  const end = token.expires_at.slice(0, 16).replace('T', ' ');
  return token.replaced_by === null ? `live until ${end}` : `retiring until ${end}`;
}

function limitWords(token: TokenView): string {
  const limits = [
    token.fields && `fields: ${token.fields.length}`,
    token.identity_types?.join(','),
    token.addresses?.join(','),
    token.max_share === null ? null : `share ${token.max_share}`,
    token.dataset === null ? null : `pushes to ${token.dataset}`,
  ].filter((limit) => typeof limit === 'string');
  return limits.length === 0 ? '-' : limits.join('; ');
}
