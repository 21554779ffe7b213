/** `usher flow`: creates, edits, lists, shows and removes flows, and sets the global holdout. */
import type { Command } from 'commander';
import type { FlowView } from '../../administration/flow/flow-view.ts';
import {
  createFlow,
  editFlow,
  listFlowEdits,
  listFlows,
  readFlow,
  removeFlow,
} from '../../administration/flow/flows.ts';
import { readGlobalHoldout, setGlobalHoldout } from '../../administration/flow/global-holdout.ts';
import { yamlText } from '../catalog-file/write-catalog-file.ts';
import {
  addOrganizationOption,
  type CommandFrame,
  type CommandSession,
  exampleText,
  parseNumber,
} from '../command-frame.ts';
import { UsageError } from '../exit-code.ts';
import { addFlowOptions, type FlowOptions, flowSettingsOf } from '../flow-options.ts';
import { editLines } from '../rule-words.ts';
import { withOrganization } from '../with-administration.ts';

export function defineFlowCommand(flow: Command, frame: CommandFrame): void {
  flow.addHelpText('after', examples);
  addFlowOptions(
    addOrganizationOption(flow.command('create'))
      .description('Create a flow. It is a draft, unless --status says otherwise')
      .argument('<name>', 'its name')
      .option('--id <number>', 'its id (default: the next one)', parseNumber),
  )
    .addHelpText(
      'after',
      exampleText(
        'usher flow create "Spring mail" --segment "High spenders" --variant A=50 --variant B=50 --holdout 10',
      ),
    )
    .action(frame.action(create));
  addFlowOptions(
    addOrganizationOption(flow.command('edit'))
      .description('Change a flow. What is not given stays, and as few slots as possible move')
      .argument('<flow>', 'its name or id')
      .option('--name <name>', 'the new name')
      .option('--no-experiment', 'end its experiment: no variants, no branches, no holdout'),
  )
    .addHelpText(
      'after',
      exampleText(
        'usher flow edit "Spring mail" --status live',
        'usher flow edit 100001 --variant A=60 --variant B=40',
      ),
    )
    .action(frame.action(edit));
  defineOthers(flow, frame);
}

function defineOthers(flow: Command, frame: CommandFrame): void {
  addOrganizationOption(flow.command('list'))
    .description('List all flows, by id')
    .addHelpText('after', exampleText('usher flow list'))
    .action(frame.action(list));
  addOrganizationOption(flow.command('show'))
    .description('Show a flow with its slots, as a part of a catalog file')
    .argument('<flow>', 'its name or id')
    .addHelpText('after', exampleText('usher flow show "Spring mail"'))
    .action(frame.action(show));
  addOrganizationOption(flow.command('remove'))
    .description('Remove a flow that no rule and no exclusion group uses')
    .argument('<flow>', 'its name or id')
    .addHelpText('after', exampleText('usher flow remove "Spring mail"'))
    .action(frame.action(remove));
  addOrganizationOption(flow.command('history'))
    .description('List the edits of a flow: who changed what, and when')
    .argument('<flow>', 'its name or id; an id also finds a flow that was removed')
    .addHelpText('after', exampleText('usher flow history "Spring mail"'))
    .action(frame.action(history));
  addOrganizationOption(flow.command('holdout'))
    .description('Show or set the global holdout: contacts that are in no flow')
    .option('--percent <number>', 'how many contacts: 0 to 100', parseNumber)
    .option('--unit <type>', 'what decides: contact, or an identity type')
    .option('--salt <text>', 'what makes its slots independent of others')
    .addHelpText('after', exampleText('usher flow holdout --percent 5'))
    .action(frame.action(holdout));
}

const examples = `
Examples:
  usher flow create "Spring mail" --segment "High spenders" --variant A=50 --variant B=50
  usher flow create Tiers --segment Buyers --branch 'gold=total_spend > 1000' --otherwise basic
  usher flow edit "Spring mail" --status live`;

async function create(
  session: CommandSession,
  name: string,
  { id, ...options }: FlowOptions & { readonly id?: number },
): Promise<void> {
  const request = { name, ...(id !== undefined && { id }), ...flowSettingsOf(options) };
  const made = await withOrganization(session, (administration, organizationId) =>
    createFlow(administration, organizationId, request),
  );
  told(session, made, `Created the flow ${made.name} with the id ${made.id} (${made.status}).`);
}

async function edit(
  session: CommandSession,
  reference: string,
  { name, ...options }: FlowOptions & { readonly name?: string },
): Promise<void> {
  const given = { ...flowSettingsOf(options), ...(name !== undefined && { name }) };
  if (Object.keys(given).length === 0) {
    throw new UsageError('Give what to change, such as --status. See: usher flow edit --help');
  }
  const flow = await withOrganization(session, (administration, id) =>
    editFlow(administration, id, { reference, ...given }),
  );
  told(session, flow, `Changed the flow ${flow.name}. A running server uses it at once.`);
}

function told(session: CommandSession, flow: FlowView, words: string): void {
  if (session.json) session.output.data(flow, () => '');
  session.output.message(words);
}

async function list(session: CommandSession): Promise<void> {
  session.output.table(await withOrganization(session, listFlows), {
    ID: ({ id }) => String(id),
    NAME: ({ name }) => name,
    STATUS: ({ status }) => status,
    KIND: ({ kind }) => kind,
    SEGMENT: ({ segment }) => segment ?? '-',
    VARIANTS: variantWords,
    HOLDOUT: (flow) => `${flow.holdout} %`,
    GROUP: (flow) => flow.exclusion_group ?? '-',
  });
}

function variantWords({ variants, branches }: FlowView): string {
  if (variants !== null)
    return variants.map(({ name, weight }) => `${name} ${weight} %`).join(', ');
  return branches?.map(({ variant }) => variant).join(', ') ?? '-';
}

async function show(session: CommandSession, reference: string): Promise<void> {
  const flow = await withOrganization(session, (administration, id) =>
    readFlow(administration, id, reference),
  );
  const { name, exclusion_group: _, ...members } = flow;
  const given = Object.entries(members).filter(([, value]) => value !== null && value !== '');
  session.output.data(flow, () =>
    yamlText({ flows: { [name]: Object.fromEntries(given) } }).trimEnd(),
  );
}

async function remove(session: CommandSession, reference: string): Promise<void> {
  const { name } = await withOrganization(session, (administration, id) =>
    removeFlow(administration, id, reference),
  );
  session.output.message(`Removed the flow ${name}.`);
}

async function history(session: CommandSession, reference: string): Promise<void> {
  const edits = await withOrganization(session, (administration, id) =>
    listFlowEdits(administration, id, reference),
  );
  session.output.data(edits, () => editLines(edits, session.io));
}

interface HoldoutOptions {
  readonly percent?: number;
  readonly unit?: string;
  readonly salt?: string;
}

async function holdout(
  session: CommandSession,
  { percent, unit, salt }: HoldoutOptions,
): Promise<void> {
  const given = {
    ...(percent !== undefined && { percent }),
    ...(unit !== undefined && { unit }),
    ...(salt !== undefined && { salt }),
  };
  const shown = await withOrganization(session, (administration, id) =>
    Object.keys(given).length === 0
      ? readGlobalHoldout(administration, id)
      : setGlobalHoldout(administration, id, given),
  );
  session.output.data(shown, () => yamlText({ global_holdout: shown }).trimEnd());
}
