/** The exact time beside a time that is pointed at. */
import { Tooltip } from '@mantine/core';
import { useFormats } from '../format/use-formats.ts';

export interface TipParts {
  readonly id: string;
  readonly time: string;
  readonly target: HTMLElement;
}

export function TimeTip({ id, time, target }: TipParts) {
  const formats = useFormats();
  return <Tooltip opened id={id} target={target} label={formats.exact(time)} />;
}
