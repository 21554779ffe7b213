/** Checks the rules of which module may import which. `find-cycles.ts` searches for cycles. */
import {
  backendRooms,
  directions,
  domainTables,
  fileWriters,
  ownedNames,
  packageHomes,
  pureNodeNames,
  rawStatements,
  sharedBackendParts,
  typeDirections,
  writingNames,
} from './house-rules.ts';
import { type Edge, type Module, roomOf } from './read-house.ts';

/**
 * What is wrong with a module's imports, in words. What a thread begins with is a main of its own.
 */
export function checkImports(read: Module, isEntry: boolean): string[] {
  const module: Module = isEntry && directions.has(read.room) ? { ...read, room: 'main' } : read;
  return module.edges.flatMap((edge) => [
    ...checkTarget(edge),
    ...checkDirection(module, edge),
    ...checkBackend(module, edge),
    ...checkPackage(module, edge),
    ...checkOwned(module, edge),
    ...checkPurity(module, edge),
    ...checkWriting(module, edge),
  ]);
}

function checkTarget(edge: Edge): string[] {
  if (edge.isFile || !edge.specifier.startsWith('.')) return [];
  // A page or another file that is no module may be named too; a module that is not there may not.
  return /\.(?:tsx?|js)$/.test(edge.target) ? [`imports ${edge.target}, which does not exist`] : [];
}

function checkDirection(module: Module, edge: Edge): string[] {
  if (!edge.isFile || !/\.(?:tsx?|js)$/.test(edge.target)) return [];
  const from = module.room;
  const to = roomOf(edge.target);
  if (from === to || isFree(from)) return [];
  if (from === 'server/bin' && to === 'main') return [];
  if (from === 'server/scripts' && to === 'server/bin') return [];
  // Started as a process of its own, as a person would start it.
  if (from === 'runs' && to === 'server/bin') return [];
  const seesDomain = from === 'domain' || directions.get(from)?.includes('domain') === true;
  if (seesDomain && domainTables.has(edge.target)) return [];
  if (directions.get(from)?.includes(to) === true) return [];
  const asTypes = typeDirections.get(from)?.includes(to) === true;
  if (asTypes && edge.typeOnly) return [];
  const how = asTypes ? ' other than as types' : '';
  return [`is in ${from}, which may not import ${to}${how} (${edge.target})`];
}

/** Tests, measurements and tools of the workspace look at everything. */
function isFree(room: string): boolean {
  return ['server/test', 'bench', 'scripts', 'examples'].includes(room);
}

function checkBackend(module: Module, edge: Edge): string[] {
  const [, , room = '', folder = '', inside] = edge.target.split('/');
  if (!edge.isFile || !edge.target.startsWith('server/src/') || isFree(module.room)) return [];
  if (!backendRooms.includes(room)) return [];
  if (inside === undefined) {
    const opener = /^open-[a-z-]+\.ts$/.test(folder);
    const known = module.room === 'compose' || module.room === room;
    return opener && !known ? [`imports ${edge.target}, which only compose may`] : [];
  }
  const home = `server/src/${room}/`;
  const opener = module.path.startsWith(`${home}open-`);
  const within = module.path.startsWith(`${home}${folder}/`);
  // What backends of one room share is a folder beside them, for them alone.
  const isShared = sharedBackendParts.has(`${room}/${folder}`) && module.path.startsWith(home);
  return opener || within || isShared
    ? []
    : [`imports ${edge.target}, which only ${home}open-*.ts may`];
}

function checkPackage(module: Module, edge: Edge): string[] {
  const { folder, name } = rawStatements;
  const isRaw = edge.target === rawStatements.package && edge.names.includes(name);
  if (isRaw && module.path.startsWith(folder)) {
    return [`imports ${name} of ${edge.target}: raw statements belong to one database's folder`];
  }
  const homes = packageHomes.get(edge.target);
  if (homes === undefined || !module.path.startsWith('server/src/')) return [];
  if (homes.some((home) => module.path.startsWith(`${home}/`))) return [];
  return [`imports the package ${edge.target}, which is at home in ${homes.join(' and ')}`];
}

function checkOwned({ path }: Module, edge: Edge): string[] {
  if (!path.startsWith('server/src/')) return [];
  return ownedNames
    .filter(({ home, owners }) => edge.target === home && !owners.includes(path))
    .filter(({ name }) => edge.names.includes(name) || edge.names.includes('*'))
    .map(({ name, home }) => `imports ${name} of ${home}, which is for its owners alone`);
}

function checkPurity(module: Module, edge: Edge): string[] {
  if (module.room !== 'domain' || edge.isFile) return [];
  const pure = pureNodeNames.get(edge.target) ?? [];
  const others = edge.names.filter((name) => !pure.includes(name));
  return others.map((name) => `is in domain, which may not import ${name} of ${edge.target}`);
}

function checkWriting({ path }: Module, edge: Edge): string[] {
  if (!path.startsWith('server/src/') || !/^node:fs(?:\/promises)?$/.test(edge.target)) return [];
  if (fileWriters.some((writer) => path.startsWith(writer))) return [];
  return edge.names
    .filter((name) => writingNames.has(name))
    .map(
      (name) => `imports ${name}, by which a kill leaves half a file: use stores/durable-file.ts`,
    );
}
