/** `usher export`: writes an organization's definitions as a file for `usher apply`. */
import { existsSync } from 'node:fs';
import { realpath, stat, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { Command } from 'commander';
import { exportCatalog } from '../../administration/document/apply-catalog.ts';
import { terminalName } from '../../domain/terminal-text.ts';
import { writeDurably } from '../../stores/durable-file.ts';
import { writeCatalogText } from '../catalog-file/write-catalog-file.ts';
import { addOrganizationOption, type CommandFrame, type CommandSession } from '../command-frame.ts';
import { UsageError } from '../exit-code.ts';
import { confirm } from '../terminal/confirm.ts';
import { withOrganization } from '../with-administration.ts';

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
  if (existsSync(out)) await confirm(session, `${terminalName(out)} already exists. Overwrite it?`);
  await writeOut(out, text);
  session.output.message(`Wrote ${terminalName(out)}.`);
}

/**
 * Writes a temporary file and renames it over the old file; if `out` is a link, over the file that
 * the link points to. A pipe or a device cannot be replaced, so it is written to directly.
 */
async function writeOut(out: string, text: string): Promise<void> {
  const stats = await stat(out).catch(() => undefined);
  const isSpecial = /^\/(?:dev|proc)\//.test(resolve(out)) || stats?.isFile() === false;
  if (isSpecial) return writeFile(out, text);
  const folder = dirname(resolve(out));
  if (!existsSync(folder))
    throw new UsageError(`There is no folder ${terminalName(folder)}. Create it first.`);
  const path = stats === undefined ? resolve(out) : await realpath(out);
  return writeDurably(path, text, stats === undefined ? 0o644 : stats.mode & 0o777);
}

async function readSchema(): Promise<Readonly<Record<string, unknown>>> {
  const { buildCatalogFileSchema } = await import('@usher/contract/catalog-file-schema');
  return buildCatalogFileSchema();
}
