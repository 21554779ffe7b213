/** Shows the exact time and its zone when it is pointed at or has the focus. */
import {
  type ComponentType,
  type KeyboardEvent,
  lazy,
  type ReactNode,
  Suspense,
  type SyntheticEvent,
  useId,
  useState,
} from 'react';
import { reachable } from './reachable.ts';
import type { TipParts } from './time-tip.tsx';

/** Loaded when the first time is pointed at: long tables have many times, and few are asked for. */
const TimeTip = lazy(async (): Promise<{ default: ComponentType<TipParts> }> => {
  const tip = await import('./time-tip.tsx').catch(() => undefined);
  // The server is away. The page goes on without tips.
  return { default: tip?.TimeTip ?? (() => null) };
});

export function ExactTime({
  time,
  children,
}: {
  readonly time: string;
  readonly children: ReactNode;
}) {
  const id = useId();
  const [target, setTarget] = useState<HTMLElement>();
  const show = (event: SyntheticEvent<HTMLElement>) => setTarget(event.currentTarget);
  const hide = () => setTarget(undefined);
  return (
    <>
      <time
        dateTime={time}
        aria-describedby={target === undefined ? undefined : id}
        onPointerEnter={show}
        onPointerLeave={hide}
        onFocus={show}
        onBlur={hide}
        onKeyDown={(event: KeyboardEvent) => {
          if (event.key === 'Escape') hide();
        }}
        {...reachable}
      >
        {children}
      </time>
      {target !== undefined && (
        <Suspense>
          <TimeTip id={id} time={time} target={target} />
        </Suspense>
      )}
    </>
  );
}
