/** `usher sync`: syncs datasets, shows their runs, and approves, rejects and rolls them back. */
import { type Command, Option } from 'commander';
import { runTriggers } from '../../catalog/catalog.ts';
import {
  addOrganizationOption,
  type CommandFrame,
  exampleText,
  parseNumber,
} from '../command-frame.ts';
import {
  approveRun,
  rejectRun,
  rollBack,
  runSyncCommand,
  setPaused,
} from '../sync/sync-actions.ts';
import { listSyncs, showRun } from '../sync/sync-views.ts';

export function defineSyncCommand(sync: Command, frame: CommandFrame): void {
  sync.addHelpText('after', examples);
  addOrganizationOption(sync.command('run'))
    .description('Sync a dataset now')
    .argument('<dataset>', 'the name of the dataset')
    .option('--dry-run', 'show what would change, and write nothing')
    .option('--full', 'send every row to the store, not only those that changed')
    .addOption(
      new Option('--trigger <why>', 'why it runs')
        .choices(runTriggers)
        .default('command')
        .hideHelp(),
    )
    .addOption(new Option('--approval <run>', 'whose plan was approved').hideHelp())
    .addHelpText(
      'after',
      exampleText('usher sync run customers', 'usher sync run customers --dry-run'),
    )
    .action(frame.action(runSyncCommand));
  addOrganizationOption(sync.command('list'))
    .description('List the newest runs, of one dataset or of all')
    .argument('[dataset]', 'only runs of this dataset')
    .option('--limit <number>', 'how many runs to list', parseNumber, 20)
    .addHelpText('after', exampleText('usher sync list', 'usher sync list customers --limit 5'))
    .action(frame.action(listSyncs));
  addOrganizationOption(sync.command('show'))
    .description('Show what a run did, or would do')
    .argument('<run>', 'the id of the run, or its first 4 or more characters')
    .addHelpText('after', exampleText('usher sync show 3f2a'))
    .action(frame.action(showRun));
  defineDecisions(sync, frame);
  defineHolding(sync, frame);
}

function defineDecisions(sync: Command, frame: CommandFrame): void {
  addOrganizationOption(sync.command('approve'))
    .description('Approve a run that waits, and apply it')
    .argument('<run>', 'the id of the run, or its first 4 or more characters')
    .addHelpText('after', exampleText('usher sync approve 3f2a'))
    .action(frame.action(approveRun));
  addOrganizationOption(sync.command('reject'))
    .description('Reject a run that waits. Nothing of it is applied')
    .argument('<run>', 'the id of the run, or its first 4 or more characters')
    .addHelpText('after', exampleText('usher sync reject 3f2a'))
    .action(frame.action(rejectRun));
  addOrganizationOption(sync.command('rollback'))
    .description("Roll back a dataset's last run, and pause its schedule")
    .argument('<dataset>', 'the name of the dataset')
    .addHelpText('after', exampleText('usher sync rollback customers'))
    .action(frame.action(rollBack));
}

function defineHolding(sync: Command, frame: CommandFrame): void {
  addOrganizationOption(sync.command('pause'))
    .description("Pause a dataset's schedule")
    .argument('<dataset>', 'the name of the dataset')
    .addHelpText('after', exampleText('usher sync pause customers'))
    .action(frame.action((session, dataset: string) => setPaused(session, dataset, true)));
  addOrganizationOption(sync.command('resume'))
    .description("Resume a dataset's schedule")
    .argument('<dataset>', 'the name of the dataset')
    .addHelpText('after', exampleText('usher sync resume customers'))
    .action(frame.action((session, dataset: string) => setPaused(session, dataset, false)));
}

const examples = `
Examples:
  usher sync run customers
  usher sync run customers --dry-run
  usher sync list customers
  usher sync show 3f2a
  usher sync approve 3f2a       applies a run that waits for approval
  usher sync rollback customers`;
