/**
 * Reports the script that the first page of the console loads, compressed by gzip, and fails above
 * the bound. The pages that are loaded later do not count.
 *
 *     npm run console:size
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** In bytes. 180 kB is the aim. */
const bound = 250_000;

const assets = join(import.meta.dirname, '../console/dist/assets');

/** The scripts that the page names, the one of the overview, and everything that these import. */
function firstScripts(): ReadonlySet<string> {
  const page = readFileSync(join(assets, '../index.html'), 'utf8');
  const named = [...page.matchAll(/\/console\/assets\/([\w.-]+\.js)/g)].map(
    (match) => match[1] ?? '',
  );
  const overview = readdirSync(assets).filter((name) => /^overview-page-[\w-]+\.js$/.test(name));
  const found = new Set([...named, ...overview]);
  for (const name of found) {
    const text = readFileSync(join(assets, name), 'utf8');
    for (const [, own = ''] of text.matchAll(/(?:from|import)"\.\/([\w.-]+\.js)"/g)) found.add(own);
  }
  return found;
}

function report(): void {
  const sizes = [...firstScripts()].map(
    (name) => [name, statSync(join(assets, `${name}.gz`)).size] as const,
  );
  const total = sizes.reduce((sum, [, size]) => sum + size, 0);
  for (const [name, size] of sizes) console.log(`${String(size).padStart(8)} ${name}`);
  console.log(`${String(total).padStart(8)} bytes of ${bound}`);
  if (total > bound) process.exitCode = 1;
}

report();
