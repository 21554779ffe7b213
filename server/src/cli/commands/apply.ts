/** `usher apply`: makes an organization's definitions what a catalog file says. */
import type { Command } from 'commander';
import type { Administration } from '../../administration/administration.ts';
import type { ForeseenMoves } from '../../administration/approval/guard-moves.ts';
import { wouldMoveWords } from '../../administration/approval/moves-words.ts';
import { type AppliedCatalog, applyCatalog } from '../../administration/document/apply-catalog.ts';
import { wordsOf } from '../../administration/field-uses.ts';
import { needsApproval } from '../../domain/flow/planned-moves.ts';
import { pointerWords } from '../../domain/json-pointer.ts';
import { type CatalogFile, readCatalogFile, withPlaces } from '../catalog-file/catalog-file.ts';
import { differenceLines } from '../catalog-file/difference-lines.ts';
import { relabelledWords } from '../catalog-file/relabelled-words.ts';
import { addOrganizationOption, type CommandFrame, type CommandSession } from '../command-frame.ts';
import { datasetSections } from '../dataset/dataset-sections.ts';
import { confirm } from '../terminal/confirm.ts';
import { withOrganizationMade, withTrialOrganization } from '../with-administration.ts';

interface ApplyOptions {
  readonly file: string;
  readonly dryRun?: boolean;
  readonly prune?: boolean;
}

export function defineApplyCommand(command: Command, frame: CommandFrame): void {
  addOrganizationOption(command)
    .requiredOption('-f, --file <file>', 'the catalog file to apply')
    .option(
      '--dry-run',
      'show what would change and how many contacts of live flows would move, and change nothing',
    )
    .option('--prune', 'remove definitions that the file does not contain')
    .addHelpText('after', examples)
    .action(frame.action(apply));
}

const examples = `
Examples:
  usher apply -f usher.yaml --dry-run
  usher apply -f usher.yaml
  usher apply -f usher.yaml --prune --yes   also removes fields that tokens read in the last 30 days`;

async function apply(session: CommandSession, options: ApplyOptions): Promise<void> {
  const file = await readCatalogFile(options.file);
  const within = options.dryRun === true ? withTrialOrganization : withOrganizationMade;
  await within(session, (administration, organizationId, at) =>
    applyFile(at, { ...options, file, administration, organizationId }),
  );
}

interface ApplyTarget extends Omit<ApplyOptions, 'file'> {
  readonly file: CatalogFile;
  readonly administration: Administration;
  readonly organizationId: number;
}

async function applyFile(session: CommandSession, target: ApplyTarget): Promise<void> {
  const { file, administration, organizationId } = target;
  const attempt = (how: { dryRun: boolean; force: boolean; revision?: number }) =>
    withPlaces(file.placeOf, () =>
      applyCatalog(administration, organizationId, {
        document: file.document,
        prune: target.prune === true,
        sectionsOf: (datasetId) => datasetSections(session.settings, organizationId, datasetId),
        ...how,
      }),
    );
  const planned = await attempt({ dryRun: true, force: true });
  const isNothing = planned.differences.length === 0;
  const isTried = target.dryRun === true || isNothing;
  show(session, planned, isTried);
  if (isTried) return;
  let force = session.yes;
  if (planned.uses.length > 0 && !force && session.io.stdin.isTTY === true) {
    await confirm(session, 'Apply it anyway?');
    force = true;
  }
  await attempt({ dryRun: false, force, revision: planned.revision });
  session.output.message('Applied. A running server uses it at once.');
}

function showMoves(
  { output }: CommandSession,
  { flows, isCounted, planRefusal }: ForeseenMoves,
): void {
  if (isCounted && flows.length === 0) output.message('No contact of a live flow would move.');
  for (const flow of flows) {
    const words = wouldMoveWords(flow);
    if (!needsApproval(flow)) output.message(words);
    else if (planRefusal === null) output.message(`${words} The plan approves this.`);
    else output.warning([words, 'This needs approval.', planRefusal ?? []].flat().join(' '));
  }
}

function show(session: CommandSession, planned: AppliedCatalog, isTried: boolean): void {
  const { differences, uses, relabelled, warnings, kept } = planned;
  const moves = planned.moves.flows.map((flow) => ({
    ...flow,
    needs_approval: needsApproval(flow) && planned.moves.planRefusal !== null,
  }));
  const shown = { differences, uses, moves, relabelled, warnings, kept, applied: !isTried };
  session.output.data(shown, () =>
    differences.length === 0 ? 'nothing to change' : differenceLines(differences).join('\n'),
  );
  for (const use of uses) session.output.warning(wordsOf(use));
  // A change that is carried out says what it moved.
  if (isTried) showMoves(session, planned.moves);
  for (const warning of warnings) session.output.warning(warning);
  if (relabelled.length > 0) session.output.warning(relabelledWords(relabelled));
  if (kept.length === 0) return;
  const names = kept.map(pointerWords).join(', ');
  session.output.message(`Not in the file, and kept (to remove them: --prune): ${names}`);
}
