/** `usher import`: the flags and the output of an import, which `sync/run-import.ts` does. */
import { join, resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { type Command, Option } from 'commander';
import { type Administration, authorOf } from '../../administration/administration.ts';
import { prepareWorkFolder } from '../../administration/work-folder.ts';
import { composeReader, composeSource, composeWriter } from '../../compose.ts';
import { dataFiles } from '../../domain/data-files.ts';
import { reasonOf } from '../../domain/dataset/wait-cause.ts';
import { UsherError } from '../../domain/errors.ts';
import { viewJoins } from '../../runs/view-run.ts';
import { knownExtensions } from '../../sources/file-format.ts';
import type { RejectionSummary } from '../../sync/apply/rejections-file.ts';
import type { ImportRequest } from '../../sync/import-request.ts';
import type { ImportPlan } from '../../sync/infer/import-plan.ts';
import type { ImportQuestion, StageDependencies } from '../../sync/run-import.ts';
import {
  addOrganizationOption,
  type CommandFrame,
  type CommandSession,
  collect,
} from '../command-frame.ts';
import { exitCodeOfApplied, exitCodes, InterruptedError } from '../exit-code.ts';
import { flagPairs } from '../import/flag-pairs.ts';
import {
  dryRunWords,
  peopleData,
  planData,
  planWords,
  questionWords,
  rejectionData,
  reportWords,
} from '../import/import-words.ts';
import { repeatedRowsLines } from '../import/repeated-rows.ts';
import { catalogVisibleMs } from '../limits.ts';
import { confirm } from '../terminal/confirm.ts';
import { ProgressReport } from '../terminal/progress-report.ts';
import { keepNewObjectsFew, letServersGoFirst } from '../walk-files.ts';
import {
  withOrganizationMade,
  withReaderIfAny,
  withTemporaryFolder,
  withTrialOrganization,
} from '../with-administration.ts';

interface ImportOptions {
  readonly dataset?: string;
  readonly mode: 'append' | 'snapshot';
  readonly identifier?: readonly string[];
  readonly type?: readonly string[];
  readonly rename?: readonly string[];
  readonly prefix?: string;
  readonly skip?: readonly string[];
  readonly encoding?: string;
  readonly dryRun?: boolean;
}

export function defineImportCommand(command: Command, frame: CommandFrame): void {
  addOrganizationOption(command)
    .description(`Import a file: ${knownExtensions}`)
    .argument('<file>', 'the file to import')
    .option(
      '--identifier <type=column>',
      'a column that holds an identity of the contact, the row key first; repeatable (default: the only column with e-mail addresses and, before it, one with a number of the person)',
      collect,
    )
    .option('--dataset <name>', "the dataset to fill (default: the file's name)")
    .addOption(
      new Option(
        '--mode <mode>',
        'append keeps the values of contacts that are no longer in the file; snapshot clears them',
      )
        .choices(['append', 'snapshot'])
        .default('append'),
    )
    .option(
      '--type <field=type>',
      'the type of a field, such as birth_date=date:day-first; repeatable (default: inferred)',
      collect,
    )
    .option(
      '--rename <column=field>',
      'the name of the field that a column fills; repeatable',
      collect,
    )
    .option('--prefix <text>', 'a prefix for the names of new fields')
    .option('--skip <column>', 'a column to leave out; repeatable', collect)
    .option(
      '--encoding <name>',
      'the text encoding, such as shift_jis; UTF-8, UTF-16 and Windows-1252 are detected',
    )
    .option('--dry-run', 'show what would change, and write nothing')
    .addHelpText('after', examples)
    .action(frame.action(importFile));
}

const examples = `
Examples:
  usher import contacts.csv
  usher import contacts.csv --dry-run
  usher import crm.ndjson.gz --identifier email=Mail --identifier user_id=Id
  usher import orders.csv --dataset orders --type total=currency --type placed=date:day-first
  usher import crm.csv --mode snapshot    clears the values of contacts no longer in the file`;

async function importFile(
  session: CommandSession,
  file: string,
  options: ImportOptions,
): Promise<number> {
  const request = requestOf(session, options, file);
  letServersGoFirst();
  keepNewObjectsFew();
  try {
    return await (request.dryRun ? tryFile : bringIn)(session, request);
  } catch (error) {
    if (!session.io.interrupted.aborted) throw error;
    throw new InterruptedError(
      'interrupted. What was applied stays. Import the file again to apply the rest.',
    );
  }
}

async function bringIn(session: CommandSession, request: ImportRequest): Promise<number> {
  const { runImport } = await import('../../sync/run-import.ts');
  const { settings, output } = session;
  return withOrganizationMade(session, async (administration, organizationId) => {
    const folder = await prepareWorkFolder(settings.dataFolder);
    const place = { folder, dataFolder: settings.dataFolder };
    return withParts(session, { request, ...place }, async (parts) => {
      const report = await runImport(
        {
          ...parts.dependencies,
          dataFolder: settings.dataFolder,
          catalog: administration.catalog,
          organizationId,
          author: () => authorOf(administration),
          openWriter: () => composeWriter(settings),
          openReader: () => composeReader(settings),
          approve: (question) => approveImport(session, request, { question, ...parts }),
        },
        request,
      );
      parts.progress.end();
      // The next call to a running server must see what this command says was done.
      await setTimeout(catalogVisibleMs);
      const { added, changed, unchanged, stale, cleared } = report;
      const data = {
        run_id: report.runId,
        ...parts.plan(),
        rows_read: report.rowsRead,
        ...{ added, changed, unchanged, stale, cleared },
        ...rejectionData(report),
        rejections_path: report.rejectionsPath,
        ...peopleData(report),
      };
      output.data(data, () => reportWords(report, parts.advise(report)));
      return exitCodeOfApplied(report);
    });
  });
}

/**
 * Asks, unless `--yes`.
 * @throws `approval_required` without a terminal, or for another answer
 */
async function approveImport(
  session: CommandSession,
  request: ImportRequest,
  {
    question,
    progress,
    advise,
  }: { readonly question: ImportQuestion } & Pick<Parts, 'progress' | 'advise'>,
): Promise<void> {
  const { io, output, yes } = session;
  progress.end();
  if (yes) {
    for (const cause of question.causes) output.message(`note: ${reasonOf(cause)}`);
    return;
  }
  const advice = advise(question);
  if (advice.length > 0) output.message(advice.join('\n'));
  const words = questionWords(question);
  const rows = question.rejected > 0 ? 'the other rows' : 'the rows';
  const next = `Nothing was applied. To import ${rows} anyway: ${request.commandWith('--yes')}`;
  if (io.stdin.isTTY !== true) throw new UsherError('approval_required', `${words}\n${next}`);
  io.stderr.write(`${words}\n`);
  try {
    await confirm(session, `Import ${rows} anyway?`);
  } catch (error) {
    if (io.interrupted.aborted || !(error instanceof InterruptedError)) throw error;
    throw new UsherError('approval_required', next, { cause: error });
  }
}

/**
 * The dry run. If there is no data folder yet, it runs with an empty catalog in a temporary folder.
 */
async function tryFile(session: CommandSession, request: ImportRequest): Promise<number> {
  const { tryImport } = await import('../../sync/dry-run.ts');
  const tryIn = (dataFolder: string, { catalog }: Administration, organizationId: number) =>
    withReaderIfAny(session.settings, (reader) => {
      const place = { request, folder: join(dataFolder, 'work'), dataFolder };
      return withParts(session, place, async (parts) => {
        const dependencies = { ...parts.dependencies, catalog, organizationId };
        const report = await tryImport(dependencies, request, reader);
        parts.progress.end();
        const { wouldAdd, wouldApply, wouldClear, rowsRead, causes } = report;
        const reasons = causes.map((cause) => reasonOf(cause));
        const data = {
          ...parts.plan(),
          rows_read: rowsRead,
          ...{ would_add: wouldAdd, would_apply: wouldApply, would_clear: wouldClear },
          ...rejectionData(report),
          joins: report.joins === null ? null : viewJoins(report.joins),
          would_stop: reasons.length === 0 ? null : reasons.join(' '),
          causes,
        };
        session.output.data(data, () => dryRunWords(report, parts.advise(report)));
      });
    });
  await withTrialOrganization(session, (administration, organizationId) =>
    withTemporaryFolder((folder) => tryIn(folder, administration, organizationId)),
  );
  // A dry run that finds rows to reject has not failed.
  return exitCodes.done;
}

interface Parts {
  readonly dependencies: Omit<StageDependencies, 'catalog' | 'organizationId'>;
  readonly progress: ProgressReport;
  /** The plan of the columns, once it is known. */
  readonly plan: () => ReturnType<typeof planData> | undefined;
  /** Lines for people: what to do about the rejected rows. */
  readonly advise: (report: RejectionSummary & { readonly rowsRead: number }) => string[];
}

async function withParts<Result>(
  session: CommandSession,
  place: { readonly request: ImportRequest; readonly folder: string; readonly dataFolder: string },
  work: (parts: Parts) => Promise<Result>,
): Promise<Result> {
  const { path, encoding } = place.request;
  const workPlace = {
    interrupted: session.io.interrupted,
    folder: place.folder,
    allowedFolders: [join(place.dataFolder, dataFiles.baselines)],
    threads: session.io.machine.cores,
  };
  const { source, workbench } = await composeSource(path, workPlace, encoding);
  const progress = new ProgressReport(session.io, session.quiet);
  let told: ReturnType<typeof planData> | undefined;
  let shown: ImportPlan | undefined;
  try {
    return await work({
      progress,
      plan: () => told,
      advise: (report) =>
        shown === undefined
          ? []
          : repeatedRowsLines({ plan: shown, path, rowsRead: report.rowsRead, rejections: report }),
      dependencies: {
        ...{ source, workbench },
        interrupted: session.io.interrupted,
        onPlan: (plan, notes) => {
          progress.end();
          told = planData(plan, notes);
          shown = plan;
          session.output.message(planWords(plan, notes));
        },
        onProgress: ({ phase, done, total }) =>
          progress.update({ phase, done, total, unit: phase === 'reading' ? 'bytes' : 'rows' }),
      },
    });
  } finally {
    progress.end();
    await workbench.close();
  }
}

function requestOf(session: CommandSession, options: ImportOptions, file: string): ImportRequest {
  return {
    path: resolve(file),
    dataset: options.dataset,
    mode: options.mode,
    identifiers: flagPairs('--identifier', options.identifier).map(([type, column]) => ({
      type,
      column,
    })),
    types: new Map(flagPairs('--type', options.type)),
    renames: new Map(flagPairs('--rename', options.rename)),
    prefix: options.prefix ?? '',
    skips: options.skip ?? [],
    ...(options.encoding !== undefined && { encoding: options.encoding }),
    dryRun: options.dryRun === true,
    commandWith: session.suggest.again,
  };
}
