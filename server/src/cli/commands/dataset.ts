/** `usher dataset`: lists, shows, checks and removes what `apply` and `import` defined. */
import type { Command } from 'commander';
import {
  listDatasets,
  listDatasetVersions,
  readDataset,
} from '../../administration/dataset/datasets.ts';
import { UsherError } from '../../domain/errors.ts';
import { differenceLines } from '../catalog-file/difference-lines.ts';
import { yamlText } from '../catalog-file/write-catalog-file.ts';
import {
  addOrganizationOption,
  type CommandFrame,
  type CommandSession,
  collect,
  exampleText,
  parseNumber,
} from '../command-frame.ts';
import { inferCommand } from '../dataset/dataset-inference.ts';
import { removeCommand } from '../dataset/dataset-removal.ts';
import { validateCommand } from '../dataset/dataset-validation.ts';
import { withOrganization } from '../with-administration.ts';

export function defineDatasetCommand(dataset: Command, frame: CommandFrame): void {
  dataset.addHelpText('after', examples);
  addOrganizationOption(dataset.command('list'))
    .description('List all datasets')
    .addHelpText('after', exampleText('usher dataset list'))
    .action(frame.action(list));
  addOrganizationOption(dataset.command('show'))
    .description('Show the definition of a dataset, as a part of a catalog file')
    .argument('<name>', 'the name of the dataset')
    .option(
      '--commit <number>',
      'show the definition as of this commit (default: the newest)',
      parseNumber,
    )
    .addHelpText(
      'after',
      exampleText('usher dataset show customers', 'usher dataset show customers --commit 3'),
    )
    .action(frame.action(show));
  addOrganizationOption(dataset.command('history'))
    .description('List the commits of a dataset: who changed what, and when')
    .argument('<name>', 'the name of the dataset')
    .addHelpText('after', exampleText('usher dataset history customers'))
    .action(frame.action(history));
  addOrganizationOption(dataset.command('validate'))
    .description(
      "Check a dataset's definition, and show how some rows of its source would look as contacts",
    )
    .argument('<name>', 'the name of the dataset')
    .option(
      '-f, --file <file>',
      'check the definition in this catalog file (default: the applied definition)',
    )
    .option(
      '--rows <number>',
      'how many rows of the source to read: 0 to 1000 (default: 20)',
      parseNumber,
    )
    .addHelpText('after', exampleText('usher dataset validate customers -f usher.yaml --rows 20'))
    .action(frame.action(validateCommand));
  defineInferCommand(dataset.command('infer'), frame);
  addOrganizationOption(dataset.command('remove'))
    .description('Remove a dataset, its fields, and its values from all contacts')
    .argument('<name>', 'the name of the dataset')
    .addHelpText('after', exampleText('usher dataset remove customers'))
    .action(frame.action(removeCommand));
}

function defineInferCommand(command: Command, frame: CommandFrame): void {
  addOrganizationOption(command)
    .description('Show how a file would be read as a dataset: its columns, types and key')
    .argument('<file>', 'the file')
    .option('--dataset <name>', "the dataset that it would fill (default: the file's name)")
    .option('--name <name>', 'the name of the file in messages (default: its own)')
    .option('--encoding <name>', 'the text encoding, such as shift_jis; detected if missing')
    .option(
      '--type <column=type>',
      'the type of a column, such as born=date; repeatable (default: inferred)',
      collect,
    )
    .option(
      '--identifier <type=column>',
      'a column that identifies the contacts, the row key first; repeatable (default: inferred)',
      collect,
    )
    .option('--skip <column>', 'a column to leave out; repeatable', collect)
    .option('--by-place', 'name these columns by their place in the file, from 1')
    .option('--rows <number>', 'with --json, how many rows to print (default: 0)', parseNumber)
    .addHelpText(
      'after',
      exampleText(
        'usher dataset infer people.csv',
        'usher dataset infer people.csv --type born=date --identifier user_id=No',
      ),
    )
    .action(frame.action(inferCommand));
}

const examples = `
Examples:
  usher dataset list
  usher dataset validate customers -f usher.yaml
  usher dataset history customers
  usher dataset show customers --commit 3`;

async function list(session: CommandSession): Promise<void> {
  session.output.table(await withOrganization(session, listDatasets), {
    NAME: (dataset) => dataset.name,
    KIND: ({ definition }) => wordOf(definition, 'kind'),
    SOURCE: ({ definition }) => wordOf(definition?.['source'], 'kind'),
    MODE: ({ definition }) => wordOf(definition, 'mode'),
    SCHEDULE: ({ definition }) => wordOf(definition?.['schedule'], 'cron'),
    FIELDS: ({ definition }) => String(Object.keys(definition?.['fields'] ?? {}).length),
    VERSION: (dataset) => String(dataset.version),
  });
}

function wordOf(value: unknown, member: string): string {
  const word = (value as Readonly<Record<string, unknown>> | null | undefined)?.[member];
  return word === undefined ? '-' : String(word);
}

async function show(
  session: CommandSession,
  name: string,
  { commit }: { readonly commit?: number },
): Promise<void> {
  const { definition } = await withOrganization(session, async (administration, id) => {
    if (commit === undefined) return readDataset(administration, id, name);
    const versions = await listDatasetVersions(administration, id, name);
    return versions.find((one) => one.version === commit) ?? noVersion(name, commit);
  });
  session.output.data(definition, () => yamlText({ datasets: { [name]: definition } }).trimEnd());
}

async function history(session: CommandSession, name: string): Promise<void> {
  const versions = await withOrganization(session, (administration, id) =>
    listDatasetVersions(administration, id, name),
  );
  session.output.data(versions, () =>
    versions
      .map(({ version, committed_at, author, differences }) => {
        const lines = differenceLines(differences).map((line) => `  ${line}`);
        return [`${version}  ${committed_at}  ${author}`, ...lines].join('\n');
      })
      .join('\n'),
  );
}

function noVersion(name: string, commit: number): never {
  throw new UsherError(
    'resource_not_found',
    `The dataset ${name} has no commit ${commit}. To list its commits: usher dataset history ${name}`,
  );
}
