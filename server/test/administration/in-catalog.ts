/** A real catalog in a temporary folder, with an operator whose clock the test sets. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RoleName } from '@usher/contract/roles';
import type { Administration } from '../../src/administration/administration.ts';
import { openCatalog } from '../../src/catalog/open-catalog.ts';
import { UsherError } from '../../src/domain/errors.ts';
import { scopes, type Token } from '../../src/domain/token/token.ts';
import type { User } from '../../src/domain/user/user.ts';

export interface CatalogForTest {
  /** Acts as the operator at the command line. */
  readonly operator: Administration;
  /** Acts as a caller over HTTP with the token of this id. */
  readonly asToken: (tokenId: string) => Promise<Administration>;
  /** Acts as a user of this role, with all scopes. */
  readonly asUser: (role: RoleName, isConfirmed?: boolean) => Administration;
  readonly passMs: (ms: number) => void;
  readonly [Symbol.asyncDispose]: () => Promise<void>;
}

export const startMs = Date.parse('2026-11-23T00:00:00Z');
export const dayMs = 86_400_000;

export async function inCatalog(): Promise<CatalogForTest> {
  const dataFolder = mkdtempSync(join(tmpdir(), 'usher-administration-'));
  const catalog = await openCatalog({ kind: 'sqlite', dataFolder }, startMs);
  let nowMs = startMs;
  const operator: Administration = {
    catalog,
    actor: { kind: 'operator', name: 'test' },
    clock: () => nowMs,
    randomBytes,
    contacts: async () => undefined,
  };
  return {
    operator,
    asToken: async (tokenId) => {
      const { tokens } = await catalog.loadState();
      return { ...operator, actor: { kind: 'token', token: tokens.get(tokenId) as Token } };
    },
    asUser: (role, isConfirmed = true) => {
      const token = { organizationId: 1, scopes, fields: null, identityTypes: null, dataset: null };
      const user = { id: role, role } as User;
      return {
        ...operator,
        actor: { kind: 'user', user, isConfirmed, token: token as unknown as Token, grants: [] },
      };
    },
    passMs: (ms) => {
      nowMs += ms;
    },
    [Symbol.asyncDispose]: async () => {
      await catalog.close();
      rmSync(dataFolder, { recursive: true });
    },
  };
}

/** Whether the error is Usher's with this code, for `assert.rejects`. */
export function isProblem(code: string, words: RegExp = /./): (error: unknown) => boolean {
  return (error) => error instanceof UsherError && error.code === code && words.test(error.detail);
}

/** The paths of all problems of a definition. */
export async function problemPaths(attempt: Promise<unknown>): Promise<readonly string[]> {
  const error = await attempt.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof UsherError) || error.code !== 'definition_invalid') {
    throw new Error('the definition was not refused as invalid', { cause: error });
  }
  return (error.members['problems'] as readonly { path: string }[]).map(({ path }) => path);
}
