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
import { givenMembers } from '../../domain/given-members.ts';
import { yamlText } from '../catalog-file/write-catalog-file.ts';
import {
  addOrganizationOption,
  type CommandFrame,
  type CommandSession,
  exampleText,
  parseNumber,
} from '../command-frame.ts';
import {
  asDocument,
  type DefinitionCommands,
  defineDefinitionCommands,
  tellDefinition,
} from '../definition-commands.ts';
import { UsageError } from '../exit-code.ts';
import { addFlowOptions, type FlowOptions, flowSettingsOf } from '../flow-options.ts';
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
  defineDefinitionCommands(flow, frame, commands);
  addOrganizationOption(flow.command('holdout'))
    .description('Show or set the global holdout: contacts that are in no flow')
    .option('--percent <number>', 'how many contacts: 0 to 100', parseNumber)
    .option('--unit <type>', 'what decides: contact, or an identity type')
    .option('--salt <text>', 'what makes its slots independent of others')
    .addHelpText('after', exampleText('usher flow holdout --percent 5'))
    .action(frame.action(holdout));
}

const commands: DefinitionCommands<FlowView> = {
  noun: 'flow',
  hasId: true,
  example: '"Spring mail"',
  descriptions: {
    list: 'List all flows, by id',
    show: 'Show a flow with its slots, as a part of a catalog file',
    remove: 'Remove a flow that no rule and no exclusion group uses',
  },
  columns: {
    ID: ({ id }) => String(id),
    NAME: ({ name }) => name,
    STATUS: ({ status }) => status,
    KIND: ({ kind }) => kind,
    SEGMENT: ({ segment }) => segment ?? '-',
    VARIANTS: variantWords,
    HOLDOUT: (flow) => `${flow.holdout} %`,
    GROUP: (flow) => flow.exclusion_group ?? '-',
  },
  list: listFlows,
  read: readFlow,
  text: ({ name, exclusion_group: _, ...members }) => {
    const given = Object.entries(members).filter(([, value]) => value !== null && value !== '');
    return asDocument('flows', name, Object.fromEntries(given));
  },
  remove: removeFlow,
  history: listFlowEdits,
};

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
  const request = givenMembers({ name, id, ...flowSettingsOf(options) });
  const made = await withOrganization(session, (administration, organizationId) =>
    createFlow(administration, organizationId, request),
  );
  tellDefinition(
    session,
    made,
    `Created the flow ${made.name} with the id ${made.id} (${made.status}).`,
  );
}

async function edit(
  session: CommandSession,
  reference: string,
  { name, ...options }: FlowOptions & { readonly name?: string },
): Promise<void> {
  const given = givenMembers({ name, ...flowSettingsOf(options) });
  if (Object.keys(given).length === 0) {
    throw new UsageError('Give what to change, such as --status. See: usher flow edit --help');
  }
  const flow = await withOrganization(session, (administration, id) =>
    editFlow(administration, id, { reference, ...given }),
  );
  tellDefinition(session, flow, `Changed the flow ${flow.name}. A running server uses it at once.`);
}

function variantWords({ variants, branches }: FlowView): string {
  if (variants !== null)
    return variants.map(({ name, weight }) => `${name} ${weight} %`).join(', ');
  return branches?.map(({ variant }) => variant).join(', ') ?? '-';
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
  const given = givenMembers({ percent, unit, salt });
  const shown = await withOrganization(session, (administration, id) =>
    Object.keys(given).length === 0
      ? readGlobalHoldout(administration, id)
      : setGlobalHoldout(administration, id, given),
  );
  session.output.data(shown, () => yamlText({ global_holdout: shown }).trimEnd());
}
