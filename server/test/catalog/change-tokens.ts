/**
 * A process of the concurrency test. It creates and revokes tokens in the data folder of its first
 * argument, and prints a line for each acknowledged change.
 */
import { randomBytes } from 'node:crypto';
import { writeSync } from 'node:fs';
import { createToken, revokeToken } from '../../src/administration/token/tokens.ts';
import { openCatalog } from '../../src/catalog/open-catalog.ts';

const [dataFolder = '', count = '0'] = process.argv.slice(2);
const catalog = await openCatalog({ kind: 'sqlite', dataFolder }, Date.now());
const actor = { kind: 'operator', name: `process-${process.pid}` } as const;
const contacts = async () => undefined;
const administration = { catalog, actor, clock: Date.now, randomBytes, contacts };
for (let made = 0; made < Number(count); made += 1) {
  const { token } = await createToken(administration, 1, { createdBy: 'test@example.com' });
  writeSync(1, `made ${token.id}\n`);
  if (made % 2 === 1) {
    await revokeToken(administration, 1, { reference: token.id });
    writeSync(1, `revoked ${token.id}\n`);
  }
}
await catalog.close();
