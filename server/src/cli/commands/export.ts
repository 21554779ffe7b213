/** `usher export`: writes an organization's definitions as a file for `usher apply`. */
import type { Command } from 'commander';
import { exportCatalog } from '../../administration/document/apply-catalog.ts';
import { terminalName } from '../../domain/terminal-text.ts';
import { writeCatalogText } from '../catalog-file/write-catalog-file.ts';
import { addOrganizationOption, type CommandFrame, type CommandSession } from '../command-frame.ts';
import { withOrganization } from '../with-administration.ts';
import { confirmOut, writeOut } from '../write-out.ts';

export function defineExportCommand(command: Command, frame: CommandFrame): void {
  addOrganizationOption(command)
    .option('--out <file>', 'the file to write (default: standard output)')
    .option('--schema', 'write the JSON Schema of catalog files instead, for editors')
    .addHelpText('after', examples)
    .action(frame.action(exportFile));
}

const examples = `
Examples:
  usher export > usher.yaml
  usher export --out usher.yaml --yes   overwrites the file
  usher export --schema --out usher.schema.json`;

async function exportFile(
  session: CommandSession,
  { out, schema = false }: { readonly out?: string; readonly schema?: boolean },
): Promise<void> {
  const document = await (schema ? readSchema() : withOrganization(session, exportCatalog));
  const text = schema ? `${JSON.stringify(document, null, 2)}\n` : writeCatalogText(document);
  if (out === undefined) {
    session.output.data(document, () => text.trimEnd());
    return;
  }
  await confirmOut(session, out);
  await writeOut(out, text);
  session.output.message(`Wrote ${terminalName(out)}.`);
}

async function readSchema(): Promise<Readonly<Record<string, unknown>>> {
  const { buildCatalogFileSchema } = await import('@usher/contract/catalog-file-schema');
  return buildCatalogFileSchema();
}
