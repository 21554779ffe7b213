/**
 * `npm run bench:lookup -- --compare COMMIT`: measures the look-ups of this checkout and of another
 * one.
 */
import { findCheckout, thisCheckout } from './checkout.ts';
import { installTools, lookupTools } from './install-peers.ts';
import { measureComparison } from './measure-comparison.ts';
import type { MeasuredServer } from './measured-server.ts';
import { usherServer } from './peers/usher.ts';
import type { LookupOptions } from './read-options.ts';
import { reportComparison, verdict } from './report-comparison.ts';
import { withServers } from './start-servers.ts';
import { prepareCheckoutData } from './usher-data.ts';

/**
 * @param named the other commit, or the folder of its checkout with its packages installed
 * @throws if `--servers` names Usher, which is measured anyway
 */
export async function compareCheckouts(options: LookupOptions, named: string): Promise<void> {
  const { contacts, seconds, servers: others } = options;
  if (others.some((key) => key.startsWith('usher'))) {
    throw new Error('--compare always measures Usher. With --servers, name only the other servers');
  }
  const checkouts = [thisCheckout(), findCheckout(named)];
  installTools(lookupTools(others, false));
  const ushers: MeasuredServer[] = [];
  for (const checkout of checkouts) {
    const data = await prepareCheckoutData(contacts, checkout);
    ushers.push(usherServer(data, { workers: 1, name: checkout.name }));
  }
  await withServers(others, contacts, async (peers) => {
    const servers = [...ushers, ...peers];
    const rounds = options.comparisonRounds;
    const outcome = await measureComparison(
      servers,
      { ...options, warmSeconds: 3, rounds },
      (found) => {
        console.error(verdict(found, servers));
      },
    );
    const isKept = options.record;
    const report = { name: 'compare', title: 'This checkout compared with another one' };
    reportComparison({ ...report, servers, contacts, seconds, rounds: outcome, isKept });
  });
}
