/**
 * Says that the server is away, counts down to the next try, and keeps the page as it is. Says also
 * that it is slow, so that nobody waits without knowing for what.
 */
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { problemWords } from '../api/problem-words.ts';
import { type Away, useAway } from '../api/server-away.ts';
import { useFormats } from '../format/use-formats.ts';
import { Dot } from '../parts/badge.tsx';
import styles from './stale-strip.module.css';

/** The seconds between two tries. */
const pauseSeconds = 5;

export function StaleStrip() {
  const away = useAway();
  const isSlow = useIsSlow();
  if (away !== undefined) return <Strip away={away} />;
  return isSlow ? <SlowStrip /> : null;
}

function SlowStrip() {
  return (
    <div className={styles.strip} role="status">
      <Dot tone="decide" />
      <span>The server answers slowly. The page waits, and keeps what you typed.</span>
    </div>
  );
}

function Strip({ away: { reason, asOfMs } }: { readonly away: Away }) {
  const client = useQueryClient();
  const formats = useFormats();
  const [left, setLeft] = useState(pauseSeconds);
  useEffect(() => {
    const timer = window.setInterval(() => setLeft((seconds) => seconds - 1), 1_000);
    return () => window.clearInterval(timer);
  }, []);
  useEffect(() => {
    if (left > 0) return;
    setLeft(pauseSeconds);
    void client.refetchQueries({ type: 'active' });
  }, [client, left]);
  return (
    <div className={styles.strip} role="status">
      <Dot tone="decide" />
      <span>
        {`${problemWords(reason).title}. `}
        <span aria-hidden>Trying again in {Math.max(0, left)} s. </span>
        {asOfMs === undefined
          ? 'The page keeps what you typed.'
          : `What the page shows is as of ${formats.clockSeconds(new Date(asOfMs).toISOString())}. It keeps what you typed.`}
      </span>
      <button className={styles.now} type="button" onClick={() => setLeft(0)}>
        Now
      </button>
    </div>
  );
}

/** An answer that takes longer is worth a word. */
const slowMs = 6_000;

/** Whether the page has waited long for the answer to a call. */
function useIsSlow(): boolean {
  const cache = useQueryClient().getQueryCache();
  const [isSlow, setSlow] = useState(false);
  useEffect(() => {
    const sinceMs = new Map<string, number>();
    const look = () => {
      const nowMs = performance.now();
      const waiting = cache
        .getAll()
        .filter((query) => query.isActive() && query.state.fetchStatus === 'fetching')
        .map(({ queryHash }) => queryHash);
      for (const hash of sinceMs.keys()) if (!waiting.includes(hash)) sinceMs.delete(hash);
      for (const hash of waiting) if (!sinceMs.has(hash)) sinceMs.set(hash, nowMs);
      setSlow([...sinceMs.values()].some((ms) => nowMs - ms > slowMs));
    };
    const timer = window.setInterval(look, 1_000);
    return () => window.clearInterval(timer);
  }, [cache]);
  return isSlow;
}
