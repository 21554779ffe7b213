/** Reads and writes receipts of erasures. */
import type { Receipt } from '../../administration/privacy/receipt.ts';
import type { WholePrivacyRequestView } from '../../administration/privacy/request-view.ts';
import { terminalName } from '../../domain/terminal-text.ts';
import type { CommandSession } from '../command-frame.ts';
import { UsageError } from '../exit-code.ts';
import { writeOut } from '../write-out.ts';
import { readText } from './read-identity-file.ts';

/** @throws UsageError if the file is not a receipt */
export async function readReceipt(path: string): Promise<Receipt> {
  const text = await readText(path);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  if (isReceipt(value)) return value;
  throw new UsageError(
    `${terminalName(path)} is not a receipt of an erasure. To write the receipt of a request: usher privacy show ID --receipt FILE`,
  );
}

export async function writeReceipt(
  session: CommandSession,
  { state, kind, receipt }: WholePrivacyRequestView,
  path: string,
): Promise<void> {
  if (receipt === null) {
    throw new UsageError(
      `This request has no receipt: ${kind === 'erase' ? `its state is ${state}` : `its kind is ${kind}`}. Only an erasure that is done has one. To list them: usher privacy list --kind erase --state done`,
    );
  }
  await writeOut(path, `${JSON.stringify(receipt, null, 2)}\n`);
  session.output.message(`Wrote the receipt to ${terminalName(path)}.`);
}

function isReceipt(value: unknown): value is Receipt {
  if (typeof value !== 'object' || value === null) return false;
  const { version, request_id, key_id, mac, subjects, counts } = value as Partial<Receipt>;
  const texts = [request_id, key_id, mac];
  return (
    version === 1 &&
    texts.every((text) => typeof text === 'string') &&
    typeof counts === 'object' &&
    Array.isArray(subjects) &&
    subjects.every((subject) => /^[0-9a-f]{32}$/.test(String(subject)))
  );
}
