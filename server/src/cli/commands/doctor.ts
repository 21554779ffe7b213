/** `usher doctor`: looks for what is wrong, or soon will be, and says what to do about it. It changes nothing. */
import type { Command } from 'commander';
import type { CommandFrame, CommandSession } from '../command-frame.ts';
import { type DoctorFinding, examine } from '../doctor-checks.ts';
import { exitCodes } from '../exit-code.ts';

export function defineDoctorCommand(program: Command, frame: CommandFrame): void {
  program
    .command('doctor')
    .description('look for what is wrong, or soon will be')
    .addHelpText('after', '\nExit code: 1 when something has failed; warnings alone do not fail.')
    .action(frame.action(doctor));
}

async function doctor(session: CommandSession): Promise<number> {
  const findings = await examine(session.settings, session.io);
  session.output.data(findings, () => findings.map(lineOf).join('\n'));
  const failed = findings.filter((finding) => finding.state === 'failed').length;
  const warnings = findings.filter((finding) => finding.state === 'warning').length;
  session.output.message(`${failed} failed, ${warnings} to see to.`);
  return failed > 0 ? exitCodes.failed : exitCodes.done;
}

function lineOf(finding: DoctorFinding): string {
  return `${finding.state.padEnd(7)}  ${finding.check}: ${finding.detail}`;
}
