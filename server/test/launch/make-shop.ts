/** The data of the example `adventureworks`, if it is present. */
import { copyFileSync, existsSync, globSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { TestContext } from 'node:test';
import { root } from '../docs/pages.ts';

const dataFolder = join(root, '../shared/data/adventureworks');

/** `undefined`: the data is not present. */
export function makeShop(context: TestContext) {
  if (!existsSync(dataFolder)) {
    context.diagnostic('the data is not present, so nothing was tested');
    return undefined;
  }
  const folder = mkdtempSync(join(tmpdir(), 'usher-adventureworks-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  const copyData = () => {
    for (const file of globSync(join(dataFolder, '*.csv'))) {
      copyFileSync(file, join(folder, 'my-shop', basename(file)));
    }
  };
  return { folder, copyData };
}
