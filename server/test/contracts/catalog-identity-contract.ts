/** What every catalog promises about settings of identity types and the order of trust. */
import assert from 'node:assert/strict';
import type { CatalogChange } from '../../src/catalog/catalog.ts';
import { identityRulesOf } from '../../src/catalog/identity-rules-of.ts';
import { usualTypeRules } from '../../src/domain/contact/identity-rules.ts';
import { settingsOf, usualSettings } from '../../src/domain/contact/identity-type.ts';
import { type AddPromise, addDataset, author, entry } from '../catalog/catalog-samples.ts';

export function catalogIdentityContract(promise: AddPromise): void {
  settings(promise);
  rules(promise);
  trust(promise);
}

function settings(promise: AddPromise): void {
  promise(
    'settings of identity types are replaced, and go with their type',
    async ({ catalog }) => {
      const change = (work: (change: CatalogChange) => Promise<void>) =>
        catalog.change(author, async (to) => ({
          result: await work(to),
          audit: [entry(1, 'user_id', null)],
        }));
      const settings = async () =>
        (await catalog.read((view) => view.listIdentityTypes(1))).map(settingsOf);
      const usual = await settings();
      const stable = { ...usualSettings, isStable: true, blocked: [] };
      const other = { ...usualSettings, joins: false, maxPerContact: 1, sharedLimit: 50 };
      await change(async (to) => {
        await to.insertIdentityType(1, { name: 'user_id', normalisation: 'exact' });
        await to.setIdentitySettings(1, 1, { ...other, blocked: ['x@y.org'] });
        await to.setIdentitySettings(1, 2, other);
        await to.setIdentitySettings(1, 2, stable);
      });
      const [email, hash, user] = (await settings()).slice(2);
      assert.deepEqual(email, { ...other, blocked: ['x@y.org'] });
      assert.deepEqual(hash, { ...other, blocked: [] }, 'email-hash has the settings of email');
      assert.deepEqual(user, stable);
      await change(async (to) => {
        await to.deleteIdentityType(1, { id: 2 });
        await to.setIdentitySettings(1, 1, usualSettings);
      });
      assert.deepEqual(await settings(), usual);
    },
  );
}

function rules(promise: AddPromise): void {
  promise(
    'the identity rules name the stable type first, then the order of definition',
    async ({ catalog }) => {
      const rules = () => catalog.read((view) => identityRulesOf(view, 1));
      assert.deepEqual(await rules(), {
        ...{ types: [{ id: 1, ...usualTypeRules }], trust: [] },
        names: { datasets: [], types: [[1, 'email']] },
      });
      await catalog.change(author, async (to) => {
        for (const name of ['user_id', 'customer_no']) {
          await to.insertIdentityType(1, { name, normalisation: 'exact' });
        }
        await to.setIdentitySettings(1, 3, { ...usualSettings, isStable: true });
        await to.setIdentitySettings(1, 1, { ...usualSettings, joins: false });
        return { result: undefined, audit: [entry(1, 'user_id', null)] };
      });
      const given = [
        { id: 3, ...usualTypeRules, isStable: true },
        { id: 1, ...usualTypeRules, joins: false },
        { id: 2, ...usualTypeRules },
      ];
      const types = [
        [1, 'email'],
        [2, 'user_id'],
        [3, 'customer_no'],
      ];
      assert.deepEqual((await rules()).names?.types.toSorted(), types);
      assert.deepEqual(
        { ...(await rules()), names: null },
        { types: given, trust: [], names: null },
      );
      const state = await catalog.loadState();
      assert.deepEqual(state.organizations.get(1)?.identityRules, await rules());
    },
  );
}

function trust(promise: AddPromise): void {
  promise('a removed dataset leaves the order of trust', async ({ catalog }) => {
    const ids: number[] = [];
    for (const name of ['crm', 'shop', 'news']) ids.push((await addDataset(catalog, name)).id);
    const trust = async () => (await catalog.read((view) => identityRulesOf(view, 1))).trust;
    await catalog.change(author, async (to) => {
      const organization = await to.findOrganization({ id: 1 });
      assert.ok(organization !== undefined);
      await to.updateOrganization({ ...organization, trust: [...ids].reverse() });
      return { result: undefined, audit: [entry(1, 'default', null)] };
    });
    assert.deepEqual(await trust(), [...ids].reverse());
    await catalog.change(author, async (to) => {
      await to.deleteDataset(1, 'shop');
      return { result: undefined, audit: [entry(1, 'shop', null)] };
    });
    assert.deepEqual(await trust(), [ids[2], ids[0]]);
  });
}
