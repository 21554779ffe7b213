/**
 * Shows where a server spends its time: `perf` during a separate load, after all measurements,
 * because profiling itself takes time. JavaScript functions appear by name.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { workFolder } from './folders.ts';
import { runLoad } from './load.ts';
import { warmUp } from './measure.ts';
import type { MeasuredServer } from './measured-server.ts';
import { runProgram } from './run-program.ts';

export interface ProfileOptions {
  readonly contacts: number;
  readonly seconds: number;
}

/** Makes node write the names of compiled functions to a file that `perf` reads. */
export const profiledNode = '--perf-basic-prof';

/**
 * @returns the path of the report, which has one line per function, sorted by its own share of the
 *   time
 */
export async function recordProfile(
  server: MeasuredServer,
  { contacts, seconds }: ProfileOptions,
): Promise<string> {
  const folder = join(workFolder, 'profiles');
  mkdirSync(folder, { recursive: true });
  const recording = join(folder, `${server.key}.perf`);
  const report = join(folder, `${server.key}.txt`);
  const started = await server.start();
  try {
    await warmUp(server, started, { contacts });
    const load = { contacts, connections: 64, seconds: seconds + 2, seed: 3 };
    const loading = runLoad({ ...load, port: started.port, request: server.request });
    await runProgram(
      perf([
        'record',
        '-q',
        '-F',
        '999',
        '-g',
        '-o',
        recording,
        '-p',
        started.pids.join(','),
        '--',
        'sleep',
        String(seconds),
      ]),
    );
    await loading;
  } finally {
    await server.stop();
  }
  const text = await runProgram(
    perf([
      'report',
      '-i',
      recording,
      '--stdio',
      '--no-children',
      '-g',
      'none',
      '--percent-limit',
      '0.3',
    ]),
  );
  // perf pads every line to the longest name.
  writeFileSync(report, text.replace(/[ .]{20,}$/gm, ''));
  return report;
}

function perf(parameters: readonly string[]) {
  return { name: 'perf', command: 'perf', parameters };
}
