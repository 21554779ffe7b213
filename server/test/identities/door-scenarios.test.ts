/** The scenarios of the identity rules hold through the doors of the product. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { openAdministration } from './door-parts.ts';
import {
  type DoorOrganization,
  type DoorPlace,
  makeDoorOrganization,
  openDoorPlace,
} from './door-place.ts';
import { DoorTrial } from './door-trial.ts';
import { joinScenarios } from './join-scenarios.ts';
import { rowScenarios } from './row-scenarios.ts';
import { playScenario, type Scenario, usualSettings } from './scenario.ts';

const played = [...rowScenarios, ...joinScenarios];

let place: DoorPlace;
const organizations = new Map<Scenario, DoorOrganization>();

const folder = mkdtempSync(join(tmpdir(), 'usher-doors-'));
const dataFolder = join(folder, 'data');

after(async () => {
  await place.close();
  rmSync(folder, { recursive: true });
});

before(async () => {
  const administration = await openAdministration(dataFolder);
  for (const [number, scenario] of played.entries()) {
    const files = join(folder, `scenario-${number}`);
    const { settings = usualSettings } = scenario;
    organizations.set(scenario, await makeDoorOrganization(administration, files, settings));
  }
  await administration.catalog.close();
  place = await openDoorPlace(dataFolder);
});

for (const scenario of played) {
  test(scenario.name, async () => {
    const organization = organizations.get(scenario);
    assert.ok(organization !== undefined);
    const trial = new DoorTrial(place, organization);
    await playScenario(scenario, trial).finally(() => trial.close());
  });
}

test('the store is sound after all scenarios', async () => {
  const faults = await place.reader.verify();
  assert.deepEqual(faults, { tornContacts: 0, danglingIdentities: 0, wrongCounts: 0 });
});
