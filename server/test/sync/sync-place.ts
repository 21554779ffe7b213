/**
 * A temporary data folder for tests of syncs. The tests define datasets and write their source
 * files. Everything else is real.
 */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { authorOf } from '../../src/administration/administration.ts';
import { defineDataset } from '../../src/administration/dataset/define-dataset.ts';
import type { Run } from '../../src/catalog/catalog.ts';
import { composeDefinedSource, composeReader, composeWriter } from '../../src/compose.ts';
import type { FieldType } from '../../src/domain/contact/field.ts';
import { identityDigest } from '../../src/domain/contact/identity.ts';
import {
  type DatasetDefinition,
  usualDefinition,
} from '../../src/domain/dataset/dataset-definition.ts';
import {
  packedMembership,
  packedMembershipFields,
} from '../../src/domain/membership/membership.ts';
import { rollBackDataset } from '../../src/sync/apply/roll-back.ts';
import { runSync, type SyncReport, type SyncRequest, trySync } from '../../src/sync/run-sync.ts';
import { readContact, readMemberships } from '../stores/sample-changes.ts';
import { ImportPlace } from './import-place.ts';

export const organizationId = 1;

/** Column name, which is also the field name, to field type. */
export type FieldTypes = Readonly<Record<string, FieldType>>;

export class SyncPlace extends ImportPlace {
  /**
   * A dataset of contacts that are identified by the column `email`, unless the definition says
   * otherwise.
   */
  async define(
    name: string,
    fields: FieldTypes,
    definition: Partial<DatasetDefinition>,
  ): Promise<void> {
    await this.administrate((administration) =>
      defineDataset(administration, organizationId, {
        name,
        definition: {
          ...usualDefinition,
          identifiers: [{ identityType: 'email', column: 'email' }],
          columns: Object.keys(fields).map((field) => ({ column: field, field })),
          ...definition,
        },
        fields: new Map(Object.entries(fields).map(([field, type]) => [field, { type }])),
        newIdentityTypes: [{ name: 'user_id', normalisation: 'exact' }],
      }),
    );
  }

  /**
   * Defines a dataset of one CSV file.
   * @returns a function that replaces the file
   */
  async defineCsv(
    name: string,
    fields: FieldTypes,
    definition: Partial<DatasetDefinition> = {},
  ): Promise<(rows: string) => string> {
    const file = `${name}.csv`;
    const source = { kind: 'file', paths: [join(this.folder, file)] } as const;
    await this.define(name, fields, { source, mode: 'snapshot', ...definition });
    return (rows) => this.write(file, rows);
  }

  async sync(dataset: string, asked: Partial<SyncRequest> = {}): Promise<SyncReport> {
    return this.administrate(async (administration) =>
      runSync(
        {
          ...this.#pullDependencies(),
          catalog: administration.catalog,
          author: () => authorOf(administration),
          openWriter: () => composeWriter(this.settings),
          openReader: () => composeReader(this.settings),
        },
        { dataset, trigger: 'command', isFull: false, approved: null, ...asked },
      ),
    );
  }

  async try(dataset: string) {
    const reader = await composeReader(this.settings);
    try {
      return await this.administrate(({ catalog }) =>
        trySync({ ...this.#pullDependencies(), catalog }, { dataset, isFull: false }, reader),
      );
    } finally {
      await reader.close();
    }
  }

  async findRun(id: string): Promise<Run> {
    const run = await this.administrate(({ catalog }) =>
      catalog.read((view) => view.findRun(organizationId, id)),
    );
    assert.ok(run !== undefined);
    return run;
  }

  async decide(runId: string, verdict: 'approved' | 'rejected'): Promise<boolean> {
    return this.administrate((administration) =>
      administration.catalog.decideRun(authorOf(administration), organizationId, {
        runId,
        verdict,
      }),
    );
  }

  /** What look-ups answer for a contact. `[]` if nothing is recorded. */
  async memberships(
    email: string,
    field: (typeof packedMembershipFields)[number] = 'flow_variant_membership',
  ): Promise<unknown[]> {
    const reader = await composeReader(this.settings);
    try {
      const identity = { typeId: 1, digest: identityDigest('email', email) };
      const known = await readContact(reader, organizationId, identity);
      assert.ok(known !== undefined, `no contact has ${email}`);
      const packed = await readMemberships(reader, organizationId, identity);
      if (packed === undefined) return [];
      return JSON.parse(packedMembership(packed, packedMembershipFields.indexOf(field)));
    } finally {
      await reader.close();
    }
  }

  async rollBack(dataset: string) {
    return this.administrate((administration) =>
      rollBackDataset(
        {
          catalog: administration.catalog,
          organizationId,
          dataFolder: this.dataFolder,
          author: () => authorOf(administration),
          openWriter: () => composeWriter(this.settings),
          openReader: () => composeReader(this.settings),
          interrupted: new AbortController().signal,
          onProgress: () => undefined,
        },
        dataset,
      ),
    );
  }

  /** How many contacts the store has. */
  async contacts(): Promise<number> {
    const reader = await composeReader(this.settings);
    try {
      return (await reader.counts(organizationId)).contacts;
    } finally {
      await reader.close();
    }
  }

  /** How many contacts the dataset fills, or marks. */
  async members(datasetId: number): Promise<number> {
    const reader = await composeReader(this.settings);
    try {
      return (await reader.datasetCounts(organizationId, datasetId)).sections;
    } finally {
      await reader.close();
    }
  }

  async digest(): Promise<string> {
    const reader = await composeReader(this.settings);
    try {
      return await reader.digest('content');
    } finally {
      await reader.close();
    }
  }

  async administrate<T>(
    work: (administration: Awaited<ReturnType<ImportPlace['administration']>>) => Promise<T>,
  ): Promise<T> {
    const administration = await this.administration();
    try {
      return await work(administration);
    } finally {
      await administration.catalog.close();
    }
  }

  #pullDependencies() {
    const interrupted = new AbortController().signal;
    const { dataFolder } = this;
    return {
      organizationId,
      dataFolder,
      interrupted,
      onProgress: () => undefined,
      onNotes: () => undefined,
      openSource: (
        definition: Parameters<typeof composeDefinedSource>[0],
        options: Pick<
          Parameters<typeof composeDefinedSource>[2],
          'watermark' | 'references' | 'onProgress'
        >,
      ) =>
        composeDefinedSource(
          definition,
          {
            folder: join(dataFolder, 'tmp', randomUUID()),
            allowedFolders: [join(dataFolder, 'snapshots'), join(dataFolder, 'lookups')],
            threads: 2,
          },
          {
            ...options,
            secrets: async () => assert.fail('no secret is needed'),
            allowedAddresses: [],
            interrupted,
          },
        ),
    };
  }
}
