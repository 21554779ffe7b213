/** `usher dataset infer`: shows how a file would be read as a dataset. Writes nothing. */
import { basename, join, resolve } from 'node:path';
import type { Administration } from '../../administration/administration.ts';
import { draftDefinition } from '../../administration/dataset/draft-definition.ts';
import { composeSource } from '../../compose.ts';
import type { ImportRequest } from '../../sync/import-request.ts';
import { type InferredFile, inferFile } from '../../sync/infer-file.ts';
import { yamlText } from '../catalog-file/write-catalog-file.ts';
import type { CommandSession } from '../command-frame.ts';
import { UsageError } from '../exit-code.ts';
import { planData, planWords } from '../import/import-words.ts';
import { maxValidatedRows } from '../limits.ts';
import { letServersGoFirst } from '../walk-files.ts';
import { withTemporaryFolder, withTrialOrganization } from '../with-administration.ts';

interface InferOptions {
  readonly dataset?: string;
  readonly name?: string;
  readonly rows?: number;
}

export async function inferCommand(
  session: CommandSession,
  file: string,
  { dataset, name = basename(file), rows = 0 }: InferOptions,
): Promise<void> {
  if (!Number.isInteger(rows) || rows < 0 || rows > maxValidatedRows) {
    throw new UsageError(`--rows must be a whole number from 0 to ${maxValidatedRows}.`);
  }
  letServersGoFirst();
  const request = requestOf(session, { name, dataset });
  await withTrialOrganization(session, (administration, organizationId) =>
    withTemporaryFolder(async (folder) => {
      const place = {
        fileName: name,
        interrupted: session.io.interrupted,
        folder: join(folder, 'work'),
        allowedFolders: [],
        threads: session.io.machine.cores,
      };
      const { source, workbench } = await composeSource(resolve(file), place);
      try {
        const { catalog } = administration;
        const parts = { catalog, organizationId, source, workbench };
        const inferred = await inferFile(parts, request, rows);
        await show(session, inferred, { administration, organizationId });
      } finally {
        await workbench.close();
      }
    }),
  );
}

function requestOf(
  session: CommandSession,
  { name, dataset }: { readonly name: string; readonly dataset: string | undefined },
): ImportRequest {
  return {
    // Only messages name it.
    path: name,
    dataset,
    mode: 'append',
    identifiers: [],
    types: new Map(),
    renames: new Map(),
    prefix: '',
    skips: [],
    dryRun: true,
    commandWith: session.suggest.again,
  };
}

async function show(
  session: CommandSession,
  inferred: InferredFile,
  at: { readonly administration: Administration; readonly organizationId: number },
): Promise<void> {
  const { plan, notes, rowsRead, rejections, candidates, rows } = inferred;
  const fields = await at.administration.catalog.read((view) => view.listFields(at.organizationId));
  const own = fields.filter(({ datasetId }) => datasetId === plan.dataset?.id);
  const { definition, newIdentityTypes } = draftDefinition(plan, own);
  const data = {
    ...planData(plan, notes),
    is_new: plan.dataset === undefined,
    rows_read: rowsRead,
    ...{ rejections, candidates, definition },
    new_identity_types: newIdentityTypes,
    rows,
  };
  session.output.data(data, () => {
    const document = yamlText({ datasets: { [plan.datasetName]: definition } }).trimEnd();
    return `${planWords(plan, notes)}\n\n${document}`;
  });
}
