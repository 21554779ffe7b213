/** Shows the exact time and its zone when it is pointed at or has the focus. */
import { Tooltip } from '@mantine/core';
import type { ReactNode } from 'react';
import { useFormats } from '../format/use-formats.ts';
import { reachable } from './reachable.ts';

export function ExactTime({
  time,
  children,
}: {
  readonly time: string;
  readonly children: ReactNode;
}) {
  const formats = useFormats();
  return (
    <Tooltip label={formats.exact(time)}>
      <time dateTime={time} {...reachable}>
        {children}
      </time>
    </Tooltip>
  );
}
