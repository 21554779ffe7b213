/** `usher explain`: shows why a contact is in its segments and flows. */
import type { Command } from 'commander';
import { DatasetAges } from '../../lookup/dataset-ages.ts';
import {
  type ExplainedFlow,
  type ExplainedInput,
  type ExplainedSegment,
  explainRules,
  type RuleExplanation,
} from '../../lookup/explain-rules.ts';
import { addOrganizationOption, type CommandFrame, type CommandSession } from '../command-frame.ts';
import { readIdentity, withContactCaller } from '../contact/contact-call.ts';
import { exitCodes } from '../exit-code.ts';
import { withReader } from '../with-administration.ts';

export function defineExplainCommand(command: Command, frame: CommandFrame): void {
  addOrganizationOption(command)
    .argument('<identity>', 'the identity as type:value, such as email:tom@hello.com')
    .addHelpText('after', examples)
    .action(frame.action(explain));
}

const examples = `
Examples:
  usher explain email:tom@hello.com
  usher explain user_id:4711 --json

Exit code 3: no contact has this identity.`;

async function explain(session: CommandSession, identity: string): Promise<number | undefined> {
  const { settings, organization: name, output } = session;
  return withContactCaller(session, ({ administration, organization }) =>
    withReader(settings, async (reader) => {
      const explained = await explainRules(reader, {
        organization,
        identity: readIdentity(organization, identity),
        nowMs: administration.clock(),
        datasetAges: new DatasetAges(reader, () => performance.now()),
      });
      if (explained === undefined) {
        output.message(
          `No contact of the organization ${name} has this identity. Check its type and spelling.`,
        );
        return exitCodes.notFound;
      }
      output.data(explained, explanationText);
      return undefined;
    }),
  );
}

function explanationText({ segments, flows, now }: RuleExplanation): string {
  const none = ['no segments and flows are defined: usher segment create --help'];
  const lines = [...segments.flatMap(segmentLines), ...flows.flatMap(flowLines)];
  return [`now is ${now}`, ...(lines.length === 0 ? none : lines)].join('\n');
}

function segmentLines({ id, name, is_member, clauses }: ExplainedSegment): string[] {
  const truths = clauses.flatMap(({ rule, is_true, inputs }) => [
    `  ${is_true ? 'true ' : 'false'}  ${rule.replaceAll('\n', ' ')}`,
    ...inputs.map((input) => `           ${inputText(input)}`),
  ]);
  return [`${is_member ? 'in    ' : 'not in'} segment ${id} ${name}`, ...truths];
}

function inputText({ field, value, from, as_of }: ExplainedInput): string {
  const age = as_of === null ? '' : `, as of ${as_of.slice(0, 16).replace('T', ' ')}`;
  const origin = from === 'value' ? '' : `, ${originWords[from]}`;
  return `${field} = ${JSON.stringify(value)}${origin}${age}`;
}

const originWords = {
  implied: 'the implied value',
  withheld: 'withheld, because it is too old',
  computed: 'computed',
} as const;

function flowLines(flow: ExplainedFlow): string[] {
  const variant = flow.variant === null ? '' : `, variant ${flow.variant}`;
  return [
    `${flow.is_member ? 'in    ' : 'not in'} flow ${flow.id} ${flow.name}${variant}`,
    ...(flow.status === 'live' ? [] : [`         the flow is not live: ${flow.status}`]),
    `         ${flow.is_in_segment ? 'in' : 'not in'} segment ${flow.segment}`,
    ...[
      ['slot of the global holdout', flow.holdout_slot],
      ['slot of the exclusion group', flow.group_slot],
      ['slot', flow.slot],
    ].flatMap(([what, slot]) => (slot === null ? [] : [`         ${what}: ${slot}`])),
    ...(flow.left_out === null ? [] : [`         ${leftOutWords[flow.left_out]}`]),
  ];
}

const leftOutWords = {
  no_unit: 'left out: the contact has no identity of the type that decides',
  global_holdout: 'left out by the global holdout',
  excluded: 'left out: its slot of the exclusion group belongs to another flow, or to none',
  held_out: 'left out by the holdout of the flow',
} as const;
