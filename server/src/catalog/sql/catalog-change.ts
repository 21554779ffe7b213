/**
 * Reads and writes of one change, on a connection in a transaction. `sql-catalog.ts` adds the audit
 * entries and the revision.
 */
import type { Kysely } from 'kysely';
import type { Field } from '../../domain/contact/field.ts';
import {
  type IdentitySettings,
  type IdentityType,
  usualSettings,
} from '../../domain/contact/identity-type.ts';
import type { DatasetDefinition } from '../../domain/dataset/dataset-definition.ts';
import type { ExclusionGroup, Flow, GlobalHoldout } from '../../domain/flow/flow.ts';
import type { Segment } from '../../domain/membership/definitions.ts';
import type { Organization } from '../../domain/organization.ts';
import type {
  CatalogChange,
  ChangeAuthor,
  DatasetRecord,
  NewField,
  NewOrganization,
  NewToken,
  OrganizationRecord,
  TokenRecord,
} from '../catalog.ts';
import type { DefinitionEdit, DefinitionKey, NewFlow, NewSegment } from '../definitions.ts';
import { SqlCatalogView } from './catalog-view.ts';
import { endChangePlan } from './change-plans.ts';
import { fieldColumns, organizationColumns } from './columns.ts';
import { deleteSegment, insertSegment, recordEdit, updateSegment } from './definitions.ts';
import {
  deleteExclusionGroup,
  deleteFlow,
  insertFlow,
  putExclusionGroup,
  setGlobalHoldout,
  updateFlow,
} from './flows.ts';
import type { ListedTable } from './kept-lists.ts';
import { keepLastLive } from './last-live.ts';
import { datasetOf, jsonText, organizationOf, tokenOf } from './rows.ts';
import type { CatalogTables } from './schema.ts';

type Counter = 'next_identity_type_id' | 'next_dataset_id' | 'next_field_id';

export class SqlCatalogChange extends SqlCatalogView implements CatalogChange {
  readonly #revision: number;
  readonly #author: ChangeAuthor;
  #definesAnything = false;

  /** @param made `revision`: the catalog's revision once the change is done */
  constructor(
    database: Kysely<CatalogTables>,
    made: { readonly revision: number; readonly author: ChangeAuthor },
  ) {
    super(database);
    this.#revision = made.revision;
    this.#author = made.author;
  }

  /** Whether the change wrote anything but tokens. */
  get definesAnything(): boolean {
    return this.#definesAnything;
  }

  async insertOrganization(
    organization: NewOrganization,
    createdAtMs: number,
  ): Promise<OrganizationRecord> {
    const row = await this.#defining()
      .insertInto('organizations')
      .values({
        ...organizationColumns(organization),
        revision: this.#revision,
        definitions_revision: this.#revision,
        created_at: createdAtMs,
      })
      .returningAll()
      .executeTakeFirstOrThrow();
    return organizationOf(row);
  }

  async updateOrganization(organization: Organization): Promise<void> {
    await this.#defining()
      .updateTable('organizations')
      .set(organizationColumns(organization))
      .where('id', '=', organization.id)
      .execute();
  }

  async insertIdentityType(
    organizationId: number,
    type: Pick<IdentityType, 'name' | 'normalisation'>,
  ): Promise<IdentityType> {
    const id = await this.#takeIds(organizationId, 'next_identity_type_id', 1);
    const { name, normalisation } = type;
    await this.#defining()
      .insertInto('identity_types')
      .values({ organization_id: organizationId, id, name, normalisation })
      .execute();
    return { id, name, normalisation, ...usualSettings };
  }

  async setIdentitySettings(
    organizationId: number,
    typeId: number,
    settings: IdentitySettings,
  ): Promise<void> {
    const columns = {
      blocked: JSON.stringify(settings.blocked),
      joins: Number(settings.joins),
      is_stable: Number(settings.isStable),
      max_per_contact: settings.maxPerContact,
      shared_limit: settings.sharedLimit,
    };
    await this.#defining()
      .insertInto('identity_settings')
      .values({ organization_id: organizationId, type_id: typeId, ...columns })
      .onConflict((is) => is.columns(['organization_id', 'type_id']).doUpdateSet(columns))
      .execute();
  }

  async deleteIdentityType(organizationId: number, { id }: { id: number }): Promise<void> {
    await this.#defining()
      .deleteFrom('identity_types')
      .where('organization_id', '=', organizationId)
      .where('id', '=', id)
      .execute();
    await this.#defining()
      .deleteFrom('identity_settings')
      .where('organization_id', '=', organizationId)
      .where('type_id', '=', id)
      .execute();
  }

  async insertDataset(
    organizationId: number,
    name: string,
    createdAtMs: number,
  ): Promise<DatasetRecord> {
    const id = await this.#takeIds(organizationId, 'next_dataset_id', 1);
    const row = await this.#defining()
      .insertInto('datasets')
      .values({
        organization_id: organizationId,
        id,
        name,
        definition: null,
        created_at: createdAtMs,
      })
      .returningAll()
      .executeTakeFirstOrThrow();
    return datasetOf(row);
  }

  async defineDataset(
    organizationId: number,
    datasetId: number,
    commit: { readonly definition: DatasetDefinition; readonly readsAnew: boolean },
  ): Promise<number> {
    const definition = JSON.stringify(commit.definition);
    const row = await this.#defining()
      .updateTable('datasets')
      .set((has) => ({
        definition,
        version: has('version', '+', 1),
        definition_version: has('definition_version', '+', Number(commit.readsAnew)),
      }))
      .where('organization_id', '=', organizationId)
      .where('id', '=', datasetId)
      .returning(['version', 'definition_version'])
      .executeTakeFirstOrThrow();
    const fields = await this.#defining()
      .selectFrom('fields')
      .selectAll()
      .where('organization_id', '=', organizationId)
      .where('dataset_id', '=', datasetId)
      .orderBy('id')
      .execute();
    await this.#defining()
      .insertInto('dataset_versions')
      .values({
        organization_id: organizationId,
        dataset_id: datasetId,
        ...row,
        author: this.#author.actor,
        at: this.#author.atMs,
        definition,
        fields: JSON.stringify(fields),
      })
      .execute();
    return row.definition_version;
  }

  async deleteDataset(organizationId: number, name: string): Promise<void> {
    const dataset = await this.findDataset(organizationId, name);
    if (dataset === undefined) return;
    await this.#endTrust(organizationId, dataset.id);
    for (const table of ['dataset_versions', 'runs', 'schedule_states', 'pushed_rows'] as const) {
      await this.#defining()
        .deleteFrom(table)
        .where('organization_id', '=', organizationId)
        .where('dataset_id', '=', dataset.id)
        .execute();
    }
    await this.#defining()
      .deleteFrom('datasets')
      .where('organization_id', '=', organizationId)
      .where('id', '=', dataset.id)
      .execute();
  }

  async insertFields(
    organizationId: number,
    fields: readonly NewField[],
  ): Promise<readonly Field[]> {
    const firstId = await this.#takeIds(organizationId, 'next_field_id', fields.length);
    const inserted = fields.map((field, index) => ({ ...field, id: firstId + index }));
    for (const field of inserted) {
      await this.#defining()
        .insertInto('fields')
        .values({
          organization_id: organizationId,
          id: field.id,
          dataset_id: field.rule === null ? field.datasetId : null,
          name: field.name,
          ...fieldColumns(field),
        })
        .execute();
    }
    return inserted;
  }

  async updateField(organizationId: number, field: Field): Promise<void> {
    await this.#defining()
      .updateTable('fields')
      .set(fieldColumns(field))
      .where('organization_id', '=', organizationId)
      .where('id', '=', field.id)
      .execute();
  }

  async deleteField(organizationId: number, name: string): Promise<void> {
    await this.#defining()
      .deleteFrom('fields')
      .where('organization_id', '=', organizationId)
      .where('name', '=', name)
      .execute();
  }

  async setBuiltInContent(organizationId: number, name: string, content: boolean): Promise<void> {
    const flag = Number(content);
    await this.#defining()
      .insertInto('built_in_content')
      .values({ organization_id: organizationId, name, content: flag })
      .onConflict((known) =>
        known.columns(['organization_id', 'name']).doUpdateSet({ content: flag }),
      )
      .execute();
  }

  insertSegment(organizationId: number, segment: NewSegment): Promise<Segment> {
    return insertSegment(this.#defining('segments'), organizationId, segment);
  }

  updateSegment(organizationId: number, segment: Segment): Promise<void> {
    this.lists.replace('segments', organizationId, segment);
    return updateSegment(this.#defining('others'), organizationId, segment);
  }

  deleteSegment(organizationId: number, id: number): Promise<void> {
    return deleteSegment(this.#defining(), organizationId, id);
  }

  endChangePlan(organizationId: number, id: string): Promise<void> {
    return endChangePlan(this.database, organizationId, { id, by: this.#author });
  }

  keepLastLive(
    organizationId: number,
    flowId: number,
    definitions: Uint8Array | null,
  ): Promise<void> {
    return keepLastLive(this.database, { organizationId, flowId }, definitions);
  }

  insertFlow(organizationId: number, flow: NewFlow): Promise<Flow> {
    return insertFlow(this.#defining('flows'), organizationId, flow);
  }

  updateFlow(organizationId: number, flow: Flow): Promise<void> {
    this.lists.replace('flows', organizationId, flow);
    return updateFlow(this.#defining('others'), organizationId, flow);
  }

  deleteFlow(organizationId: number, id: number): Promise<void> {
    return deleteFlow(this.#defining(), organizationId, id);
  }

  putExclusionGroup(organizationId: number, group: ExclusionGroup): Promise<void> {
    return putExclusionGroup(this.#defining('exclusion_groups'), organizationId, group);
  }

  deleteExclusionGroup(organizationId: number, name: string): Promise<void> {
    return deleteExclusionGroup(this.#defining(), organizationId, name);
  }

  setGlobalHoldout(organizationId: number, holdout: GlobalHoldout | null): Promise<void> {
    return setGlobalHoldout(this.#defining(), organizationId, holdout);
  }

  recordEdit(
    organizationId: number,
    key: DefinitionKey,
    edit: Pick<DefinitionEdit, 'before' | 'after'>,
  ): Promise<void> {
    const by = this.#author;
    return recordEdit(this.#defining('others'), organizationId, { ...key, ...edit, by });
  }

  async insertToken(token: NewToken): Promise<TokenRecord> {
    const row = await this.database
      .insertInto('tokens')
      .values({
        id: token.id,
        organization_id: token.organizationId,
        name: token.name,
        created_by: token.createdBy,
        last_characters: token.lastCharacters,
        digest: token.digest,
        scopes: JSON.stringify(token.scopes),
        fields: jsonText(token.fields),
        identity_types: jsonText(token.identityTypes),
        addresses: jsonText(token.addresses),
        max_share: token.maxShare,
        dataset: token.dataset,
        created_at: token.createdAtMs,
        expires_at: token.expiresAtMs,
      })
      .returningAll()
      .executeTakeFirstOrThrow();
    return tokenOf(row);
  }

  async updateToken(token: TokenRecord): Promise<void> {
    await this.database
      .updateTable('tokens')
      .set({
        expires_at: token.expiresAtMs,
        revoked_at: token.revokedAtMs,
        replaced_by: token.replacedBy,
      })
      .where('row_id', '=', token.rowId)
      .execute();
  }

  async #endTrust(organizationId: number, datasetId: number): Promise<void> {
    const organization = await this.findOrganization({ id: organizationId });
    if (organization === undefined || !organization.trust.includes(datasetId)) return;
    const trust = organization.trust.filter((id) => id !== datasetId);
    await this.updateOrganization({ ...organization, trust });
  }

  /**
   * The connection, for writes of anything but tokens.
   * @param table the only list that the write makes old
   */
  #defining(table?: ListedTable | 'others'): Kysely<CatalogTables> {
    this.#definesAnything = true;
    this.lists.drop(table);
    return this.database;
  }

  /** The first of `count` new ids. The tables refuse ids above 65,535. */
  async #takeIds(organizationId: number, counter: Counter, count: number): Promise<number> {
    const row = await this.#defining()
      .updateTable('organizations')
      .set((has) => ({ [counter]: has(counter, '+', count) }))
      .where('id', '=', organizationId)
      .returning(counter)
      .executeTakeFirstOrThrow();
    return row[counter] - count;
  }
}
