/** `usher dataset infer`: shows how a file would be read as a dataset. Writes nothing. */
import { basename, join, resolve } from 'node:path';
import type { Administration } from '../../administration/administration.ts';
import { draftDefinition } from '../../administration/dataset/draft-definition.ts';
import { composeSource } from '../../compose.ts';
import { bareFileName } from '../../sources/file-format.ts';
import type { ImportRequest } from '../../sync/import-request.ts';
import { fieldNameOf } from '../../sync/infer/field-names.ts';
import type { ImportPlan } from '../../sync/infer/import-plan.ts';
import { type InferredFile, inferFile } from '../../sync/infer-file.ts';
import { neededColumns } from '../../sync/stage/defined-mapping.ts';
import { yamlText } from '../catalog-file/write-catalog-file.ts';
import type { CommandSession } from '../command-frame.ts';
import { UsageError } from '../exit-code.ts';
import { flagPairs } from '../import/flag-pairs.ts';
import { planData, planWords } from '../import/import-words.ts';
import { maxValidatedRows } from '../limits.ts';
import { letServersGoFirst } from '../walk-files.ts';
import { withTemporaryFolder, withTrialOrganization } from '../with-administration.ts';

interface InferOptions {
  readonly dataset?: string;
  readonly name?: string;
  readonly encoding?: string;
  readonly rows?: number;
  readonly type?: readonly string[];
  readonly identifier?: readonly string[];
  readonly skip?: readonly string[];
  readonly byPlace?: boolean;
}

export async function inferCommand(
  session: CommandSession,
  file: string,
  options: InferOptions,
): Promise<void> {
  const { dataset, name = basename(file), encoding: chosen, rows = 0 } = options;
  if (!Number.isInteger(rows) || rows < 0 || rows > maxValidatedRows) {
    throw new UsageError(`--rows must be a whole number from 0 to ${maxValidatedRows}.`);
  }
  letServersGoFirst();
  const request = requestOf(session, name, options);
  await withTrialOrganization(session, (administration, organizationId) =>
    withTemporaryFolder(async (folder) => {
      const place = {
        fileName: name,
        interrupted: session.io.interrupted,
        folder: join(folder, 'work'),
        allowedFolders: [],
        threads: session.io.machine.cores,
      };
      const { catalog } = administration;
      // A run reads the file in the encoding that the dataset declares.
      const target = dataset ?? fieldNameOf(bareFileName(name), 1);
      const known = await catalog.read((view) => view.findDataset(organizationId, target));
      const declared = known?.definition?.source;
      const encoding = chosen ?? (declared?.kind === 'upload' ? declared.encoding : undefined);
      const { source, workbench } = await composeSource(resolve(file), place, encoding);
      try {
        const parts = { catalog, organizationId, source, workbench };
        const inferred = await inferFile(parts, request, rows);
        await show(session, inferred, { administration, organizationId, encoding: chosen });
      } finally {
        await workbench.close();
      }
    }),
  );
}

function requestOf(
  session: CommandSession,
  name: string,
  { dataset, type, identifier, skip, byPlace }: InferOptions,
): ImportRequest {
  return {
    // Only messages name it.
    path: name,
    dataset,
    mode: 'append',
    identifiers: flagPairs('--identifier', identifier).map(([type, column]) => ({ type, column })),
    types: new Map(flagPairs('--type', type)),
    renames: new Map(),
    prefix: '',
    skips: skip ?? [],
    ...(byPlace === true && { isByPlace: true }),
    dryRun: true,
    commandWith: session.suggest.again,
  };
}

function missingColumns({ dataset, columns }: ImportPlan): readonly string[] {
  const there = new Set(columns.map(({ column }) => column));
  const needed = dataset?.definition ? neededColumns(dataset.definition) : [];
  return needed.filter((column) => !there.has(column));
}

async function show(
  session: CommandSession,
  inferred: InferredFile,
  at: {
    readonly administration: Administration;
    readonly organizationId: number;
    readonly encoding: string | undefined;
  },
): Promise<void> {
  const { plan, notes, rowsRead, rejections, candidates, rows } = inferred;
  const fields = await at.administration.catalog.read((view) => view.listFields(at.organizationId));
  const own = fields.filter(({ datasetId }) => datasetId === plan.dataset?.id);
  const { definition, newIdentityTypes } = draftDefinition(plan, own, at.encoding);
  const data = {
    ...planData(plan, notes),
    is_new: plan.dataset === undefined,
    rows_read: rowsRead,
    ...{ rejections, candidates, definition },
    missing_columns: missingColumns(plan),
    new_identity_types: newIdentityTypes,
    rows,
  };
  session.output.data(data, () => {
    const document = yamlText({ datasets: { [plan.datasetName]: definition } }).trimEnd();
    return `${planWords(plan, notes)}\n\n${document}`;
  });
}
