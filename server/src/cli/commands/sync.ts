/**
 * `usher sync`: brings defined datasets in, shows what runs did, and decides on those that wait.
 * What a sync does is `sync/run-sync.ts`.
 */
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

interface SyncPlace {
  readonly organization: string;
}

export function defineSyncCommand(program: Command, frame: CommandFrame): void {
  const sync = program
    .command('sync')
    .description('bring defined datasets in, see what changed, take it back')
    .addHelpText('after', examples);
  addOrganizationOption(sync.command('run'))
    .description('bring a dataset in now')
    .argument('<dataset>', 'which')
    .option('--dry-run', 'say what would happen, and write nothing')
    .option('--full', 'compare with nothing: every row is sent to the store')
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
    .description('the newest runs, of one dataset or of all')
    .argument('[dataset]', 'of which')
    .option('--limit <number>', 'how many', parseNumber, 20)
    .addHelpText('after', exampleText('usher sync list', 'usher sync list customers --limit 5'))
    .action(frame.action(listSyncs));
  addOrganizationOption(sync.command('show'))
    .description('what a run did, or would do')
    .argument('<run>', 'its id, or its first characters')
    .addHelpText('after', exampleText('usher sync show 3f2a'))
    .action(frame.action(showRun));
  defineDecisions(sync, frame);
  defineHolding(sync, frame);
}

function defineDecisions(sync: Command, frame: CommandFrame): void {
  addOrganizationOption(sync.command('approve'))
    .description('let a run that waits do what it said')
    .argument('<run>', 'its id, or its first characters')
    .addHelpText('after', exampleText('usher sync approve 3f2a'))
    .action(frame.action(approveRun));
  addOrganizationOption(sync.command('reject'))
    .description('refuse what a run that waits said')
    .argument('<run>', 'its id, or its first characters')
    .addHelpText('after', exampleText('usher sync reject 3f2a'))
    .action(frame.action(rejectRun));
  addOrganizationOption(sync.command('rollback'))
    .description("take a dataset's last run back, and pause its schedule")
    .argument('<dataset>', 'which')
    .addHelpText('after', exampleText('usher sync rollback customers'))
    .action(frame.action(rollBack));
}

function defineHolding(sync: Command, frame: CommandFrame): void {
  addOrganizationOption(sync.command('pause'))
    .description("hold a dataset's schedule")
    .argument('<dataset>', 'which')
    .addHelpText('after', exampleText('usher sync pause customers'))
    .action(
      frame.action((session, options: SyncPlace, dataset = '') =>
        setPaused(session, options, { dataset, isPaused: true }),
      ),
    );
  addOrganizationOption(sync.command('resume'))
    .description("let a dataset's schedule go on")
    .argument('<dataset>', 'which')
    .addHelpText('after', exampleText('usher sync resume customers'))
    .action(
      frame.action((session, options: SyncPlace, dataset = '') =>
        setPaused(session, options, { dataset, isPaused: false }),
      ),
    );
}

const examples = `
Examples:
  usher sync run customers
  usher sync run customers --dry-run
  usher sync list customers
  usher sync show 3f2a
  usher sync approve 3f2a       a run that would change much waits for this
  usher sync rollback customers`;
