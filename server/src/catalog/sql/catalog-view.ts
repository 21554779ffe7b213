/** Reads of the catalog on one connection. In a transaction, all of them see the same moment. */
import type { Kysely } from 'kysely';
import type { AccessHour } from '../../domain/access-hours.ts';
import { builtInFields } from '../../domain/contact/field.ts';
import { builtInIdentityTypes, withSettings } from '../../domain/contact/identity-type.ts';
import type { ExclusionGroup, Flow, GlobalHoldout } from '../../domain/flow/flow.ts';
import type { Segment } from '../../domain/membership/definitions.ts';
import type { AuditSearch, FoundAudit } from '../audit-log.ts';
import type {
  AuditEntry,
  CatalogView,
  DatasetRecord,
  DatasetVersion,
  FieldRead,
  OrganizationRecord,
  PushedRows,
  Run,
  RunFilter,
  ScheduleState,
} from '../catalog.ts';
import type { ChangePlan } from '../change-plans.ts';
import type { DefinitionEdit, DefinitionKey } from '../definitions.ts';
import type { TokenHour, UsageRange } from '../usage-log.ts';
import { listAccessHours } from './access-hours.ts';
import { findAudit } from './audit.ts';
import { findChangePlan, listOpenPlans } from './change-plans.ts';
import { listEdits, listSegments } from './definitions.ts';
import { listFieldReads } from './field-reads.ts';
import { listExclusionGroups, listFlows, readGlobalHoldout } from './flows.ts';
import { KeptLists } from './kept-lists.ts';
import { listLastLive } from './last-live.ts';
import { listPushes } from './pushed-rows.ts';
import {
  auditEntryOf,
  datasetOf,
  datasetVersionOf,
  fieldOf,
  identitySettingsOf,
  identityTypeOf,
  organizationOf,
  runOf,
  scheduleStateOf,
  tokenOf,
} from './rows.ts';
import { findLastApplied, findLastFiles, findRunAt, listRuns } from './runs.ts';
import type { CatalogTables } from './schema.ts';
import { listUsage } from './usage.ts';

export class SqlCatalogView implements CatalogView {
  protected readonly database: Kysely<CatalogTables>;
  protected readonly lists = new KeptLists();

  constructor(database: Kysely<CatalogTables>) {
    this.database = database;
  }

  async listOrganizations(): Promise<readonly OrganizationRecord[]> {
    const rows = await this.database
      .selectFrom('organizations')
      .selectAll()
      .orderBy('id')
      .execute();
    return rows.map(organizationOf);
  }

  async findOrganization(
    key: { id: number } | { name: string },
  ): Promise<OrganizationRecord | undefined> {
    const row = await this.database
      .selectFrom('organizations')
      .selectAll()
      .where((is) => ('id' in key ? is('id', '=', key.id) : is('name', '=', key.name)))
      .executeTakeFirst();
    return row && organizationOf(row);
  }

  async listIdentityTypes(organizationId: number) {
    const rows = await this.database
      .selectFrom('identity_types')
      .selectAll()
      .where('organization_id', '=', organizationId)
      .orderBy('id')
      .execute();
    const settings = await this.database
      .selectFrom('identity_settings')
      .selectAll()
      .where('organization_id', '=', organizationId)
      .execute();
    const given = new Map(settings.map((row) => [row.type_id, identitySettingsOf(row)]));
    return [...builtInIdentityTypes, ...rows.map(identityTypeOf)].map((type) =>
      withSettings(type, given.get(type.id) ?? type),
    );
  }

  listDatasets(organizationId: number): Promise<readonly DatasetRecord[]> {
    const read = async () => {
      const rows = await this.database
        .selectFrom('datasets')
        .selectAll()
        .where('organization_id', '=', organizationId)
        .orderBy('id')
        .execute();
      return rows.map(datasetOf);
    };
    return this.lists.get('datasets', organizationId, read);
  }

  async findDataset(organizationId: number, name: string): Promise<DatasetRecord | undefined> {
    const row = await this.database
      .selectFrom('datasets')
      .selectAll()
      .where('organization_id', '=', organizationId)
      .where('name', '=', name)
      .executeTakeFirst();
    return row && datasetOf(row);
  }

  async listDatasetVersions(
    organizationId: number,
    datasetId: number,
  ): Promise<readonly DatasetVersion[]> {
    const rows = await this.database
      .selectFrom('dataset_versions')
      .selectAll()
      .where('organization_id', '=', organizationId)
      .where('dataset_id', '=', datasetId)
      .orderBy('version', 'desc')
      .execute();
    return rows.map(datasetVersionOf);
  }

  listFields(organizationId: number) {
    const read = async () => {
      const rows = await this.database
        .selectFrom('fields')
        .selectAll()
        .where('organization_id', '=', organizationId)
        .orderBy('id')
        .execute();
      return rows.map(fieldOf);
    };
    return this.lists.get('fields', organizationId, read);
  }

  async findField(organizationId: number, name: string) {
    const row = await this.database
      .selectFrom('fields')
      .selectAll()
      .where('organization_id', '=', organizationId)
      .where('name', '=', name)
      .executeTakeFirst();
    return row && fieldOf(row);
  }

  listSegments(organizationId: number): Promise<readonly Segment[]> {
    const read = () => listSegments(this.database, organizationId);
    return this.lists.get('segments', organizationId, read);
  }

  listFlows(organizationId: number): Promise<readonly Flow[]> {
    const read = () => listFlows(this.database, organizationId);
    return this.lists.get('flows', organizationId, read);
  }

  listExclusionGroups(organizationId: number): Promise<readonly ExclusionGroup[]> {
    const read = () => listExclusionGroups(this.database, organizationId);
    return this.lists.get('exclusion_groups', organizationId, read);
  }

  readGlobalHoldout(organizationId: number): Promise<GlobalHoldout | null> {
    return readGlobalHoldout(this.database, organizationId);
  }

  listEdits(organizationId: number, key: DefinitionKey): Promise<readonly DefinitionEdit[]> {
    return listEdits(this.database, organizationId, key);
  }

  listOpenPlans(
    organizationId: number,
    page: { readonly sinceMs: number; readonly limit: number },
  ) {
    return listOpenPlans(this.database, organizationId, page);
  }

  findChangePlan(organizationId: number, id: string): Promise<ChangePlan | undefined> {
    return findChangePlan(this.database, organizationId, id);
  }

  listLastLive(organizationId: number): Promise<ReadonlyMap<number, Uint8Array>> {
    return listLastLive(this.database, organizationId);
  }

  async readBuiltInContent(organizationId: number): Promise<ReadonlyMap<string, boolean>> {
    const rows = await this.database
      .selectFrom('built_in_content')
      .selectAll()
      .where('organization_id', '=', organizationId)
      .execute();
    const flags = new Map<string, boolean>(
      builtInFields.map(({ name, content }) => [name, content]),
    );
    for (const row of rows) flags.set(row.name, row.content === 1);
    return flags;
  }

  async listTokens(organizationId: number) {
    const rows = await this.database
      .selectFrom('tokens')
      .selectAll()
      .where('organization_id', '=', organizationId)
      .orderBy('row_id')
      .execute();
    return rows.map(tokenOf);
  }

  async listAudit(
    organizationId: number,
    page: { readonly beforeId?: number; readonly limit: number },
  ): Promise<readonly AuditEntry[]> {
    const rows = await this.database
      .selectFrom('audit')
      .selectAll()
      .where('organization_id', '=', organizationId)
      .where('id', '<', page.beforeId ?? Number.MAX_SAFE_INTEGER)
      .orderBy('id', 'desc')
      .limit(page.limit)
      .execute();
    return rows.map(auditEntryOf);
  }

  findAudit(organizationId: number, search: AuditSearch): Promise<FoundAudit> {
    return findAudit(this.database, organizationId, search);
  }

  listRuns(organizationId: number, filter: RunFilter): Promise<readonly Run[]> {
    return listRuns(this.database, organizationId, filter);
  }

  findLastApplied(organizationId: number, datasetId: number): Promise<Run | undefined> {
    return findLastApplied(this.database, organizationId, datasetId);
  }

  findRunAt(organizationId: number, datasetId: number, atMs: number): Promise<Run | undefined> {
    return findRunAt(this.database, { organizationId, datasetId }, atMs);
  }

  findLastFiles(organizationId: number, datasetId: number): Promise<ReadonlySet<string>> {
    return findLastFiles(this.database, organizationId, datasetId);
  }

  async findRun(organizationId: number, runId: string): Promise<Run | undefined> {
    const row = await this.database
      .selectFrom('runs')
      .selectAll()
      .where('organization_id', '=', organizationId)
      .where('id', '=', runId)
      .executeTakeFirst();
    return row && runOf(row);
  }

  async listScheduleStates(): Promise<readonly ScheduleState[]> {
    const rows = await this.database
      .selectFrom('schedule_states')
      .selectAll()
      .orderBy('organization_id')
      .orderBy('dataset_id')
      .execute();
    return rows.map(scheduleStateOf);
  }

  listUsage(organizationId: number, range: UsageRange): Promise<readonly TokenHour[]> {
    return listUsage(this.database, organizationId, range);
  }

  listAccessHours(organizationId: number, fromHour: number): Promise<readonly AccessHour[]> {
    return listAccessHours(this.database, organizationId, fromHour);
  }

  listPushes(organizationId: number): Promise<readonly PushedRows[]> {
    return listPushes(this.database, organizationId);
  }

  listFieldReads(organizationId: number, sinceMs: number): Promise<readonly FieldRead[]> {
    return listFieldReads(this.database, organizationId, sinceMs);
  }
}
