/** `usher explain`: shows why a contact is what it is, and what a token sees of it. */
import type { Command } from 'commander';
import { explainEverything } from '../../explain/explain-everything.ts';
import { DatasetAges } from '../../lookup/dataset-ages.ts';
import { addOrganizationOption, type CommandFrame, type CommandSession } from '../command-frame.ts';
import { readIdentity, withContactCaller } from '../contact/contact-call.ts';
import { explanationText } from '../explain/explanation-text.ts';
import { withReader } from '../with-administration.ts';

export function defineExplainCommand(command: Command, frame: CommandFrame): void {
  addOrganizationOption(command)
    .argument('<identity>', 'the identity as type:value, such as email:tom@hello.com')
    .option('--token <ref>', 'show what a look-up with this token answers and leaves out, too')
    .addHelpText('after', examples)
    .action(frame.action(explain));
}

const examples = `
Examples:
  usher explain email:tom@hello.com
  usher explain email:tom@hello.com --token dana@example.com
  usher explain user_id:4711 --json

Exit code 3: no contact has this identity, or there is no such token.`;

async function explain(
  session: CommandSession,
  identity: string,
  { token }: { readonly token?: string },
): Promise<void> {
  return withContactCaller(session, (caller) =>
    withReader(session.settings, async (reader) => {
      const datasetAges = new DatasetAges(reader, () => performance.now());
      const request = {
        identity: readIdentity(caller.organization, identity),
        identityType: identity.slice(0, identity.indexOf(':')),
        token: token ?? null,
      };
      const explained = await explainEverything(caller, { reader, datasetAges }, request);
      session.output.data(explained, explanationText);
    }),
  );
}
