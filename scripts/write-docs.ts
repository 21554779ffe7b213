/**
 * Writes the parts of pages that come from the code: `docs/limits.md`, the tables of flags in
 * `docs/cli.md`, the scenarios in `docs/identities.md`, the places in `docs/privacy.md`, the states
 * of a run in `sync/SPEC.md`, and the figures in `docs/performance.md` with their charts.
 * The docs test fails if this has to be run again.
 *
 *     npm run docs
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readCommands } from '../server/test/docs/command-line.ts';
import { commandPage } from '../server/test/docs/command-page.ts';
import {
  existingCharts,
  figureCharts,
  performancePage,
  performancePath,
} from '../server/test/docs/figure-charts.ts';
import { limitsPage } from '../server/test/docs/limits-page.ts';
import { root } from '../server/test/docs/pages.ts';
import { privacyPage, privacyPath } from '../server/test/docs/places-tables.ts';
import { specPage, specPath } from '../server/test/docs/run-spec.ts';
import { identitiesPage, identitiesPath } from '../server/test/docs/scenario-table.ts';

const commandPath = join(root, 'docs/cli.md');
const before = readFileSync(commandPath, 'utf8');

writeFileSync(join(root, 'docs/limits.md'), await limitsPage());
writeFileSync(commandPath, `${commandPage(before, await readCommands()).trimEnd()}\n`);

const spec = join(root, specPath);
writeFileSync(spec, specPage(readFileSync(spec, 'utf8')));

const identities = join(root, identitiesPath);
writeFileSync(identities, await identitiesPage(readFileSync(identities, 'utf8')));

const privacy = join(root, privacyPath);
writeFileSync(privacy, privacyPage(readFileSync(privacy, 'utf8')));

const performance = join(root, performancePath);
writeFileSync(performance, performancePage(readFileSync(performance, 'utf8')));
for (const path of existingCharts()) rmSync(join(root, path));
for (const [path, chart] of figureCharts()) writeFileSync(join(root, path), chart);
