/**
 * A temporary data folder for tests of imports. Catalog, store and engine are real, and the files
 * are written by the tests.
 */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { authorOf } from '../../src/administration/administration.ts';
import {
  composeAdministration,
  composeDefinedSource,
  composeReader,
  composeSource,
  composeWriter,
} from '../../src/compose.ts';
import { identityDigest, parseIdentity } from '../../src/domain/contact/identity.ts';
import type { SourceDefinition } from '../../src/domain/dataset/dataset-definition.ts';
import type { OpenSourceOptions, Source } from '../../src/sources/source.ts';
import type { Workbench } from '../../src/sources/workbench.ts';
import type { ImportRequest } from '../../src/sync/import-request.ts';
import type { ImportPlan } from '../../src/sync/infer/import-plan.ts';
import {
  type ImportDependencies,
  type ImportReport,
  runImport,
} from '../../src/sync/run-import.ts';
import { readContact } from '../stores/sample-changes.ts';

export interface Imported {
  readonly report: ImportReport;
  readonly plan: ImportPlan;
  readonly notes: readonly string[];
  /** The lines of the rejections file without its header. */
  readonly rejections: readonly string[];
  readonly watermark: string | null;
}

const organizationId = 1;

export class ImportPlace {
  readonly folder: string;
  readonly dataFolder: string;
  readonly settings: { readonly dataFolder: string; readonly catalog: 'sqlite' };
  /** Whether an import is interrupted as soon as it has applied a batch. */
  isInterrupting = false;

  /**
   * The decision on imports that reject many rows. They are approved unless a test replaces this.
   */
  approve: ImportDependencies['approve'] = async () => undefined;

  /** Called whenever a batch was applied. */
  onApplying: () => void = () => undefined;

  /** Inspects the workbench of an import that has ended. */
  onDone: (workbench: Workbench) => Promise<void> = async () => undefined;

  /** The memory of the engine, for tests that need less than the default. */
  memoryBytes: number | undefined;

  constructor(context: TestContext) {
    this.folder = mkdtempSync(join(tmpdir(), 'usher-import-'));
    this.dataFolder = join(this.folder, 'data');
    this.settings = { dataFolder: this.dataFolder, catalog: 'sqlite' };
    context.after(() => rmSync(this.folder, { recursive: true, force: true }));
  }

  write(name: string, content: string | Uint8Array): string {
    const path = join(this.folder, name);
    writeFileSync(path, content);
    return path;
  }

  async import(path: string, asked: Partial<ImportRequest> = {}): Promise<Imported> {
    return this.#bringIn(composeSource(path, this.#workPlace()), requestFor(path, asked));
  }

  /** Imports the rows of a defined source. */
  async importDefined(
    definition: SourceDefinition,
    asked: Partial<ImportRequest> & Partial<OpenSourceOptions> = {},
  ): Promise<Imported> {
    return this.#bringIn(this.openDefined(definition, asked), requestFor('people', asked));
  }

  /** The caller must close the workbench. */
  openDefined(definition: SourceDefinition, asked: Partial<OpenSourceOptions> = {}) {
    return composeDefinedSource(definition, this.#workPlace(), {
      secrets: () => Promise.reject(new Error('no secrets here')),
      allowedAddresses: [],
      watermark: asked.watermark ?? null,
      references: asked.references ?? new Map(),
      interrupted: asked.interrupted ?? new AbortController().signal,
      onProgress: () => undefined,
    });
  }

  #workPlace() {
    return {
      folder: join(this.dataFolder, 'tmp', 'work'),
      allowedFolders: [join(this.dataFolder, 'snapshots')],
      threads: 2,
      ...(this.memoryBytes !== undefined && { memoryBytes: this.memoryBytes }),
    };
  }

  async #bringIn(
    opening: Promise<{ source: Source; workbench: Workbench }>,
    request: ImportRequest,
  ): Promise<Imported> {
    const administration = await this.administration();
    const { source, workbench } = await opening.catch(async (error: unknown) => {
      await administration.catalog.close();
      throw error;
    });
    let told: { plan: ImportPlan; notes: readonly string[] } | undefined;
    const interruption = new AbortController();
    try {
      const report = await runImport(
        {
          source,
          workbench,
          catalog: administration.catalog,
          dataFolder: this.dataFolder,
          organizationId,
          author: () => authorOf(administration),
          openWriter: () => composeWriter(this.settings),
          openReader: () => composeReader(this.settings),
          approve: (question) => this.approve(question),
          onPlan: (plan, notes) => {
            told = { plan, notes };
          },
          onProgress: ({ phase }) => {
            if (phase !== 'applying') return;
            this.onApplying();
            if (this.isInterrupting) interruption.abort();
          },
          interrupted: interruption.signal,
        },
        request,
      );
      await this.onDone(workbench);
      const { rejectionsPath } = report;
      const lines = rejectionsPath === null ? '' : await readFile(rejectionsPath, 'utf8');
      const rejections = lines.split('\n').slice(1, -1);
      return {
        report,
        plan: told?.plan as ImportPlan,
        notes: told?.notes ?? [],
        rejections,
        watermark: source.readWatermark?.() ?? null,
      };
    } finally {
      await workbench.close();
      await administration.catalog.close();
    }
  }

  administration() {
    return composeAdministration(this.settings as never, {
      operator: 'test',
      clock: Date.now,
      randomBytes,
      make: true,
    });
  }

  /** Field name to raw JSON value of the contact. `undefined` if the contact does not exist. */
  async find(identity: string): Promise<Record<string, unknown> | undefined> {
    const { catalog } = await this.administration();
    const baseline = (await catalog.loadState()).organizations.get(organizationId);
    await catalog.close();
    if (baseline === undefined || !existsSync(join(this.dataFolder, 'contacts.mdb')))
      return undefined;
    const parsed = parseIdentity(identity, baseline.identityTypes);
    if ('code' in parsed) throw new Error(parsed.code);
    const { type, value } = parsed;
    const digest = identityDigest(type.normalisation, value);
    const reader = await composeReader(this.settings);
    try {
      const record = await readContact(reader, organizationId, { typeId: type.id, digest });
      if (record === undefined) return undefined;
      const { sections } = record;
      const names = new Map([...baseline.fields.values()].map(({ id, name }) => [id, name]));
      const fields = sections.flatMap((section) =>
        [...section.fields].map(([id, json]) => [names.get(id) ?? `field ${id}`, JSON.parse(json)]),
      );
      return Object.fromEntries(fields) as Record<string, unknown>;
    } finally {
      await reader.close();
    }
  }

  async contentDigest(): Promise<string> {
    const reader = await composeReader(this.settings);
    try {
      return await reader.digest('content');
    } finally {
      await reader.close();
    }
  }
}

function requestFor(path: string, asked: Partial<ImportRequest>): ImportRequest {
  return {
    path,
    dataset: 'people',
    mode: 'append',
    identifiers: [],
    types: new Map(),
    renames: new Map(),
    prefix: '',
    skips: [],
    dryRun: false,
    commandWith: (...flags) => ['usher import people.csv', ...flags].join(' '),
    ...asked,
  };
}
