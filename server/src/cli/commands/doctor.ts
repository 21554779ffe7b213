/** `usher doctor`: reports problems, and what to do about each. It changes nothing. */
import type { Command } from 'commander';
import type { CommandFrame, CommandSession } from '../command-frame.ts';
import { examine } from '../doctor/doctor-checks.ts';
import type { DoctorFinding } from '../doctor/doctor-store.ts';
import { exitCodes } from '../exit-code.ts';
import { countOf } from '../import/import-words.ts';

export function defineDoctorCommand(command: Command, frame: CommandFrame): void {
  command
    .option('--verify', 'also read every contact, which takes minutes in a large store')
    .addHelpText('after', examples)
    .action(frame.action(doctor));
}

const examples = `
Examples:
  usher doctor
  usher doctor --verify    after a crash of the machine, or before an upgrade

Exit code 1: a check failed. If there are only warnings, the exit code is 0.`;

async function doctor(session: CommandSession, { verify = false }): Promise<number> {
  const findings = await examine(session, verify);
  session.output.data(findings, () => findings.map(lineOf).join('\n'));
  const failed = findings.filter((finding) => finding.state === 'failed').length;
  const warnings = findings.filter((finding) => finding.state === 'warning').length;
  session.output.message(`${failed} failed, ${countOf(warnings, 'warning')}.`);
  return failed > 0 ? exitCodes.failed : exitCodes.done;
}

function lineOf(finding: DoctorFinding): string {
  return `${finding.state.padEnd(7)}  ${finding.check}: ${finding.detail}`;
}
