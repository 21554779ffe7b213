/** The flags that set a flow. */
import { type Command, InvalidArgumentError } from 'commander';
import type {
  BranchRequest,
  FlowSettings,
  VariantRequest,
} from '../administration/flow/flow-request.ts';
import { flowKinds, flowStatuses } from '../domain/flow/flow.ts';
import { givenMembers } from '../domain/given-members.ts';
import { parseNumber } from './command-frame.ts';

export interface FlowOptions {
  readonly segment?: string;
  readonly status?: string;
  readonly kind?: string;
  readonly unit?: string;
  readonly salt?: string;
  readonly variant?: readonly VariantRequest[];
  readonly branch?: readonly BranchRequest[];
  readonly otherwise?: string;
  readonly holdout?: number;
  /** `false`: the flag `--no-experiment`. */
  readonly experiment?: boolean;
}

export function addFlowOptions(command: Command): Command {
  return command
    .option('--segment <name>', "its segment; '' for none")
    .option('--status <word>', `${flowStatuses.join(', ')}: only live flows answer`)
    .option('--kind <word>', `${flowKinds.join(' or ')}: who says who is in it`)
    .option('--unit <type>', 'what decides the slot: contact, or an identity type')
    .option('--salt <text>', 'what makes its slots independent of others (default: its id)')
    .option('--variant <name=percent>', 'a variant with its weight; repeatable', collectVariant)
    .option(
      '--branch <name=rule>',
      'a variant with its rule; repeatable, first match',
      collectBranch,
    )
    .option('--otherwise <name>', "the variant where no branch holds; '' for none")
    .option('--holdout <percent>', 'how many contacts are held out', parseNumber);
}

/** What was given. An empty text removes what was set. */
export function flowSettingsOf(options: FlowOptions): FlowSettings {
  const { segment, otherwise, variant, branch, status, kind, unit, salt, holdout } = options;
  const isEnded = options.experiment === false;
  return givenMembers({
    segment: segment === '' ? null : segment,
    ...{ status, kind, unit, salt },
    variants: variant ?? (isEnded ? null : undefined),
    branches: branch ?? (isEnded ? null : undefined),
    otherwise: otherwise === '' ? null : otherwise,
    holdout: holdout ?? (isEnded ? 0 : undefined),
  });
}

function collectVariant(
  text: string,
  before: readonly VariantRequest[] | undefined,
): readonly VariantRequest[] {
  const place = text.lastIndexOf('=');
  if (place < 1) throw new InvalidArgumentError('Give a name and a percentage, such as A=50.');
  const weight = parseNumber(text.slice(place + 1));
  return [...(before ?? []), { name: text.slice(0, place), weight }];
}

function collectBranch(
  text: string,
  before: readonly BranchRequest[] | undefined,
): readonly BranchRequest[] {
  const place = text.indexOf('=');
  if (place < 1)
    throw new InvalidArgumentError("Give a name and a rule, such as 'gold=visits > 9'.");
  const branch = { variant: text.slice(0, place), rule: text.slice(place + 1) };
  return [...(before ?? []), branch];
}
