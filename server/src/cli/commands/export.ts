/** `usher export`: what an organization has defined, as the file that `usher apply` takes. */
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { exportCatalog } from '../../administration/apply-catalog.ts';
import { addOrganizationOption, type CommandFrame, type CommandSession } from '../command-frame.ts';
import { confirm } from '../confirm.ts';
import { withOrganization } from '../with-administration.ts';
import { writeCatalogText } from '../write-catalog-file.ts';

interface ExportOptions {
  readonly organization: string;
  readonly out?: string;
  readonly schema?: boolean;
}

export function defineExportCommand(program: Command, frame: CommandFrame): void {
  addOrganizationOption(program.command('export'))
    .description('write what is defined as a catalog file')
    .option('--out <file>', 'where to, instead of stdout')
    .option('--schema', 'the JSON Schema of such files instead, for editors')
    .addHelpText('after', examples)
    .action(frame.action(exportFile));
}

const examples = `
Examples:
  usher export > usher.yaml
  usher export --out usher.yaml --yes   in place of the file that is there
  usher export --schema --out usher.schema.json`;

async function exportFile(
  session: CommandSession,
  { organization, out, schema }: ExportOptions,
): Promise<void> {
  const place = { name: organization, make: false };
  const document =
    schema === true ? await readSchema() : await withOrganization(session, place, exportCatalog);
  const text =
    schema === true ? `${JSON.stringify(document, null, 2)}\n` : writeCatalogText(document);
  if (out === undefined) {
    session.output.data(document, () => text.trimEnd());
    return;
  }
  if (existsSync(out)) await confirm(session, `${out} is there already. Write over it?`);
  await writeFile(out, text);
  session.output.message(`Written to ${out}.`);
}

async function readSchema(): Promise<Readonly<Record<string, unknown>>> {
  const { buildCatalogFileSchema } = await import('@usher/contract/catalog-file-schema');
  return buildCatalogFileSchema();
}
