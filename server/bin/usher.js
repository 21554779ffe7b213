#!/usr/bin/env node
/**
 * Starts Usher. Plain JavaScript that old versions of node can read. If this node is too old, it
 * starts the one in the workspace; if there is none, it says what to install.
 */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import module from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const oldestMajor = 24;
const here = dirname(fileURLToPath(import.meta.url));

if (majorOf(process.versions.node) >= oldestMajor) {
  await run();
} else {
  const node = findNode(here);
  if (node === undefined) tellWhatToInstall();
  else startWith(node);
}

/**
 * Runs the build, if it is of these sources, because it starts sooner and needs less memory.
 * Otherwise runs the TypeScript sources.
 */
async function run() {
  if (process.send !== undefined) followLauncher();
  else followNpm();
  const { currentBuild } = await import('./current-build.js');
  const build = currentBuild(join(here, '..'));
  keepCompiledCode(build ?? join(here, '..', 'node_modules', '.cache'));
  const program = build === undefined ? join(here, '..', 'src', 'main.ts') : join(build, 'main.js');
  const { main } = await import(pathToFileURL(program).href);
  await main(process.argv.slice(2));
}

/**
 * Caches compiled code for the next start and for every thread: they start sooner, and a server
 * needs less memory. The cache is beside the code, because in the system's temporary folder another
 * account could place code for us.
 */
function keepCompiledCode(folder) {
  const { directory } = module.enableCompileCache(join(folder, 'compiled'));
  if (directory !== undefined) process.env.NODE_COMPILE_CACHE ??= directory;
}

/**
 * Stops cleanly when the process that started us is killed and can pass on no signal: the launcher,
 * or the server of a sync.
 */
function followLauncher() {
  const stop = () => process.kill(process.pid, 'SIGTERM');
  // It may have been killed before this line; then there is no event to come.
  if (process.connected) process.once('disconnect', stop);
  else stop();
  process.channel?.unref();
}

/**
 * Stops cleanly when npm, or the shell that it started us with, is killed. They pass on signals,
 * but not their own end, and a server would keep its port with nobody to stop it. Any other parent
 * may end before us.
 */
function followNpm() {
  if (process.env.npm_lifecycle_event === undefined) return;
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    process.kill(process.pid, 'SIGTERM');
  }, 500).unref();
}

/** The program of the `node` package, if it is new enough. */
function findNode(folder) {
  const manifest = join(folder, 'node_modules', 'node', 'package.json');
  const program = join(folder, 'node_modules', 'node', 'bin', 'node');
  if (
    existsSync(program) &&
    majorOf(JSON.parse(readFileSync(manifest, 'utf8')).version) >= oldestMajor
  ) {
    return program;
  }
  return dirname(folder) === folder ? undefined : findNode(dirname(folder));
}

function startWith(node) {
  followNpm();
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  });
  for (const signal of ['SIGTERM', 'SIGHUP', 'SIGINT', 'SIGUSR2']) {
    process.on(signal, () => {
      // A terminal interrupts both of us; twice would mean: do not wait.
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
    });
  }
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

function tellWhatToInstall() {
  console.error(
    `usher: needs Node.js ${oldestMajor} or newer, and this is ${process.versions.node}. ` +
      'Install a newer one (https://nodejs.org), or run `npm install` in the workspace, which brings its own.',
  );
  process.exitCode = 1;
}

function majorOf(version) {
  return Number(version.split('.')[0]);
}
