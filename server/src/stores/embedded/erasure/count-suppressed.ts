/** Counts identities that lead to contacts although a suppression list keeps them out. */
import type { IdentityRules } from '../../../domain/contact/identity-rules.ts';
import { suppressionFolder } from '../../suppression/suppression-key.ts';
import { SuppressionLists } from '../../suppression/suppression-lists.ts';
import { unpackIndexEntry } from '../contacts/component.ts';
import { openForReading } from '../environment.ts';
import { readEntries } from '../files/read-entries.ts';
import { readSuppressionNote } from '../writer/guarded-lists.ts';

/**
 * There are some only if a list, or an older store, was put into the folder by hand. Reads the
 * whole index of identities.
 */
export async function countSuppressed(
  dataFolder: string,
  rules: ReadonlyMap<number, IdentityRules>,
): Promise<number> {
  const environment = openForReading(dataFolder);
  try {
    const note = readSuppressionNote(environment.meta);
    const lists = SuppressionLists.open(suppressionFolder(dataFolder), note);
    try {
      let count = 0;
      if (lists.isEmpty) return count;
      for await (const entries of readEntries(environment.root, environment.id)) {
        for (const [type, digests] of digestsByType(entries)) {
          const [organizationId = 0, typeId] = type.split(' ').map(Number);
          const names = rules.get(organizationId)?.names?.types ?? [];
          const name = names.find(([id]) => id === typeId)?.[1];
          if (name === undefined) continue;
          const scope = { kind: 'identity', organizationId, type: name } as const;
          count += lists.placesOf(scope, Buffer.concat(digests)).length;
        }
      }
      return count;
    } finally {
      lists.close();
    }
  } finally {
    await environment.close();
  }
}

interface IndexedIdentity {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

/** The digests that lead to contacts, by organization and type. */
function digestsByType(entries: readonly IndexedIdentity[]): ReadonlyMap<string, Buffer[]> {
  const byType = new Map<string, Buffer[]>();
  for (const entry of entries) {
    if (!unpackIndexEntry(Buffer.from(entry.value)).isLeading) continue;
    const key = Buffer.from(entry.key);
    const type = `${key.readUInt16BE(0)} ${key.readUInt16BE(2)}`;
    const digests = byType.get(type) ?? [];
    digests.push(key.subarray(4));
    byType.set(type, digests);
  }
  return byType;
}
