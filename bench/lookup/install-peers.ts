/**
 * Installs the servers that are compared with Usher: missing Debian packages, and npm packages in
 * `bench/peers/`. It starts none of them.
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { peersFolder } from './folders.ts';

interface Tool {
  readonly binary: string;
  /** The Debian package. */
  readonly package: string;
}

const redis: readonly Tool[] = [
  { binary: 'redis-server', package: 'redis-server' },
  { binary: 'redis-cli', package: 'redis-tools' },
];
const postgres: readonly Tool[] = [{ binary: 'psql', package: 'postgresql' }];
const load: readonly Tool[] = [
  { binary: 'wrk', package: 'wrk' },
  { binary: 'taskset', package: 'util-linux' },
];
const perf: readonly Tool[] = [{ binary: 'perf', package: 'linux-perf' }];

const serverTools: ReadonlyMap<string, readonly Tool[]> = new Map([
  ['nginx', [{ binary: 'nginx', package: 'nginx-light' }]],
  ['webdis', [...redis, { binary: 'webdis', package: 'webdis' }]],
  ['fastify-redis', redis],
  ['fastify-postgres', postgres],
]);

/** Programs for the load and for a profile. */
export function lookupTools(servers: readonly string[], isProfiled: boolean): readonly Tool[] {
  const peers = servers.flatMap((server) => serverTools.get(server) ?? []);
  return [...load, ...peers, ...(isProfiled ? perf : [])];
}

/** A compiler, for the generator of the open loop. */
export const openTools: readonly Tool[] = [{ binary: 'cc', package: 'build-essential' }];

export const syncTools: readonly Tool[] = [...postgres, ...redis];

const peerPackages = { fastify: '5.12.8', ioredis: '6.0.0', pg: '8.23.1', 'csv-parse': '7.0.3' };

/** @throws if a program is missing and cannot be installed, or its installation fails */
export function installTools(tools: readonly Tool[]): void {
  const absent = tools.filter((tool) => !isInstalled(tool.binary)).map((tool) => tool.package);
  const missing = [...new Set(absent)];
  if (missing.length === 0) return;
  if (process.getuid?.() !== 0 || !isInstalled('apt-get')) {
    throw new Error(`Install these programs first: ${missing.join(', ')}`);
  }
  // Debian's packages start their servers at once. This file prevents that.
  const policy = '/usr/sbin/policy-rc.d';
  const isOurs = !existsSync(policy);
  if (isOurs) writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    run('apt-get', ['update', '-q'], env);
    run('apt-get', ['install', '-q', '-y', '--no-install-recommends', ...missing], env);
  } finally {
    if (isOurs) run('rm', ['-f', policy], process.env);
  }
}

/** The servers of `peer-servers/` are copied beside their packages, so that they find them. */
export function installPeerServers(): void {
  mkdirSync(peersFolder, { recursive: true });
  const sources = join(import.meta.dirname, 'peer-servers');
  for (const name of readdirSync(sources))
    copyFileSync(join(sources, name), join(peersFolder, name));
  const manifest = {
    name: 'bench-peers',
    private: true,
    type: 'module',
    dependencies: peerPackages,
  };
  writeFileSync(join(peersFolder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  const arePresent = Object.keys(peerPackages).every((name) =>
    existsSync(join(peersFolder, 'node_modules', name, 'package.json')),
  );
  if (arePresent) return;
  run('npm', ['install', '--no-audit', '--no-fund', '--prefix', peersFolder], process.env);
}

function isInstalled(binary: string): boolean {
  // Some of the programs are in folders that only root's PATH contains.
  const folders = [...(process.env['PATH'] ?? '').split(':'), '/usr/sbin', '/sbin'];
  return folders.some((folder) => existsSync(join(folder, binary)));
}

function run(command: string, parameters: readonly string[], env: NodeJS.ProcessEnv): void {
  const { status } = spawnSync(command, parameters, {
    stdio: ['ignore', 'inherit', 'inherit'],
    env,
  });
  if (status !== 0) throw new Error(`${command} ${parameters.join(' ')} failed`);
}
