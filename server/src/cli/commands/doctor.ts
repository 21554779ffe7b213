/**
 * `usher doctor`: looks for what is wrong, or soon will be, and says what to do about it. It
 * changes nothing.
 */
import type { Command } from 'commander';
import type { CommandFrame, CommandSession } from '../command-frame.ts';
import { examine } from '../doctor/doctor-checks.ts';
import type { DoctorFinding } from '../doctor/doctor-store.ts';
import { exitCodes } from '../exit-code.ts';

export function defineDoctorCommand(program: Command, frame: CommandFrame): void {
  program
    .command('doctor')
    .description('look for what is wrong, or soon will be')
    .option('--verify', 'read every contact besides; minutes where there are many')
    .addHelpText('after', examples)
    .action(frame.action(doctor));
}

const examples = `
Examples:
  usher doctor
  usher doctor --verify    after a crash of the machine, or before an upgrade

Exit code: 1 when something has failed; warnings alone do not fail.`;

async function doctor(
  session: CommandSession,
  options: { readonly verify?: boolean },
): Promise<number> {
  const { settings, io } = session;
  const findings = await examine(settings, io, { verify: options.verify === true });
  session.output.data(findings, () => findings.map(lineOf).join('\n'));
  const failed = findings.filter((finding) => finding.state === 'failed').length;
  const warnings = findings.filter((finding) => finding.state === 'warning').length;
  session.output.message(`${failed} failed, ${warnings} to see to.`);
  return failed > 0 ? exitCodes.failed : exitCodes.done;
}

function lineOf(finding: DoctorFinding): string {
  return `${finding.state.padEnd(7)}  ${finding.check}: ${finding.detail}`;
}
