/** Erases people by their e-mail addresses, as a privacy request does. */
import { randomUUID } from 'node:crypto';
import { identityRulesOf } from '../../src/catalog/identity-rules-of.ts';
import { composeCatalog, composeWriter } from '../../src/compose.ts';
import { identityDigest } from '../../src/domain/contact/identity.ts';
import type { ErasureStep } from '../../src/stores/privacy-answer.ts';
import type { IdentityKey } from '../../src/stores/store.ts';

/** Identities of the first organization, as texts such as `email:a@x.org`. */
export async function erasePeople(
  dataFolder: string,
  identities: readonly string[],
): Promise<ErasureStep> {
  const { rules, keys } = await read(dataFolder, identities);
  const writer = await composeWriter({ dataFolder });
  try {
    const request = { requestId: randomUUID(), identities: keys };
    for (;;) {
      const step = await writer.eraseContacts(1, request, { rules });
      if (step.isDone) return step;
    }
  } finally {
    await writer.close();
  }
}

/** Lifts the suppression of an identity. */
export async function liftPerson(dataFolder: string, identity: string): Promise<boolean> {
  const { keys } = await read(dataFolder, [identity]);
  const writer = await composeWriter({ dataFolder });
  try {
    return await writer.liftSuppression(1, keys[0] as IdentityKey);
  } finally {
    await writer.close();
  }
}

async function read(dataFolder: string, identities: readonly string[]) {
  const options = { make: false, clock: Date.now };
  const catalog = await composeCatalog({ dataFolder, catalog: 'sqlite' }, options);
  try {
    return await catalog.read(async (view) => {
      const types = await view.listIdentityTypes(1);
      const keys = identities.map((text): IdentityKey => {
        const [name, value = ''] = text.split(/:(.*)/s);
        const type = types.find((it) => it.name === name);
        if (type === undefined) throw new Error(`no identity type ${name}`);
        return { typeId: type.id, digest: identityDigest(type.normalisation, value) };
      });
      return { keys, rules: await identityRulesOf(view, 1) };
    });
  } finally {
    await catalog.close();
  }
}
