/** What `usher access` and `usher doctor` say of the access log. */
import type { AccessFault, AccessFaultCode, AccessVerdict } from '../../access/verify-access.ts';
import { dataFiles } from '../../domain/data-files.ts';
import { countOf } from '../import/import-words.ts';

const faultWords: Readonly<Record<AccessFaultCode, string>> = {
  block_changed: 'bytes were changed',
  blocks_missing: 'blocks or whole files are missing before it',
  digests_changed: 'digests were changed or removed, and no erasure did that',
  end_missing: 'the end was cut off: the log was longer when it was last written',
  mark_damaged: `${dataFiles.accessMark} is missing or was changed`,
  checkpoint_damaged: `${dataFiles.accessCheckpoint} was changed`,
  not_noted: 'the catalog noted a later end: the log was removed, or put back to an older state',
  found_broken: 'a server started here and found the end before it changed or cut off',
  other_key: `it was signed with another ${dataFiles.secretKey}, so it cannot be proven`,
};

/** What a crash may lose. */
const missingWords =
  'up to a second may be missing, and if the log could not be written at that time, everything since then';

const endWords: Readonly<Record<AccessVerdict['end'], string>> = {
  none: 'nothing was noted yet',
  closed: 'the server stopped in order',
  open: `a server writes it, or was killed: then ${missingWords}`,
  torn: `a server writes it, or was killed: a part of a block is left, and ${missingWords}`,
};

export function verdictText(verdict: AccessVerdict): string {
  const { files, entries, lost, redacted, crashesMs, end, head, fault } = verdict;
  const lines = [
    fault === null ? 'The access log is whole.' : `The access log is broken. ${faultText(fault)}`,
    `${countOf(files, 'file')}, ${countOf(entries, 'look')}`,
    `end: ${endWords[end]}`,
  ];
  if (head !== null) lines.push(`last block: ${head.block} ${head.hash}`);
  if (lost > 0) lines.push(`lost, because the log could not be written: ${countOf(lost, 'look')}`);
  if (redacted > 0) lines.push(`without a digest, because people were erased: ${redacted}`);
  for (const atMs of crashesMs) {
    const at = new Date(atMs).toISOString();
    lines.push(`restarted after a crash at ${at}: before it, ${missingWords}`);
  }
  return lines.join('\n');
}

export function faultText({ code, file, block, offset }: AccessFault): string {
  const where = file === null ? '' : `, in ${file} at byte ${offset}`;
  return `First broken place: block ${block}${where}: ${faultWords[code]}.`;
}

const shownFields = 4;

export function fieldWords(fields: readonly string[]): string {
  const more = fields.length - shownFields;
  const shown = fields.slice(0, shownFields).join(', ');
  if (shown === '') return '-';
  return more > 0 ? `${shown} and ${more} more` : shown;
}
