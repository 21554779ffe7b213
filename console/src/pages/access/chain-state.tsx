/** Whether the access log is whole, and how long it keeps its entries. */
import { Tooltip } from '@mantine/core';
import { useFormats } from '../../format/use-formats.ts';
import { Badge } from '../../parts/badge.tsx';
import { reachable } from '../../parts/reachable.ts';
import { useAccessState } from './use-access.ts';

/** The newest part, which the server checks. The operator proves the rest with a command. */
export function ChainBadge() {
  const formats = useFormats();
  const check = useAccessState().data?.check;
  if (check == null) return null;
  const { at, is_whole: isWhole, first_block: first, last_block: last } = check;
  const blocks = `Blocks ${formats.count(first)} to ${formats.count(last)}, ${formats.exact(at)}.`;
  const words = isWhole
    ? `Chain verified ${formats.clock(at)}`
    : 'Chain broken: run usher access verify';
  return (
    <Tooltip label={`${blocks} The command usher access verify proves the whole log.`}>
      <span {...reachable}>
        <Badge tone={isWhole ? 'good' : 'bad'}>{words}</Badge>
      </span>
    </Tooltip>
  );
}

/** "Kept 90 days, 1,284,113 entries, 46 MB of 1,000 MB" */
export function Kept() {
  const formats = useFormats();
  const { data } = useAccessState();
  if (data === undefined) return null;
  const { kept_days: days, max_bytes: most, bytes, entries } = data;
  const parts = [
    days === null ? 'Kept until the log is full' : `Kept ${formats.count(days)} days`,
    ...(entries === null ? [] : [`${formats.count(entries)} entries`]),
    bytes === null
      ? `at most ${formats.megabytes(most)}`
      : `${formats.megabytes(bytes)} of ${formats.megabytes(most)}`,
  ];
  return <>{parts.join(', ')}</>;
}
