/** `usher access`: proves the access log. */
import type { Command } from 'commander';
import { verifyAccess } from '../../access/verify-access.ts';
import { verdictText } from '../access/access-words.ts';
import type { CommandFrame, CommandSession } from '../command-frame.ts';
import { exitCodes } from '../exit-code.ts';

export function defineAccessCommand(access: Command, frame: CommandFrame): void {
  access.addHelpText('after', examples);
  access
    .command('verify')
    .description('Prove that the access log is whole, or name its first broken place')
    .addHelpText('after', verifyExamples)
    .action(frame.action(verify));
}

const examples = `
Examples:
  usher access verify`;

const verifyExamples = `
Examples:
  usher access verify
  usher access verify --json

A running server may write meanwhile. Note the last block and its hash elsewhere: a later log that
is whole still holds them. Exit code 1: the log was changed or cut.`;

async function verify({ settings, output }: CommandSession): Promise<number> {
  const verdict = await verifyAccess(settings.dataFolder);
  output.data(verdictData(verdict), () => verdictText(verdict));
  return verdict.fault === null ? exitCodes.done : exitCodes.failed;
}

function verdictData(verdict: Awaited<ReturnType<typeof verifyAccess>>) {
  const { crashesMs, ...others } = verdict;
  return { ...others, crashes: crashesMs.map((atMs) => new Date(atMs).toISOString()) };
}
