/** Finds rings of modules that import each other, types included. */
import type { Module } from './read-house.ts';

/** Each ring once, as the paths on it, beginning with the first in order of names. */
export function findCycles(modules: ReadonlyMap<string, Module>): string[][] {
  const done = new Set<string>();
  const rings: string[][] = [];
  for (const path of modules.keys()) walk({ modules, done, rings, trail: [] }, path);
  return rings;
}

interface Walk {
  readonly modules: ReadonlyMap<string, Module>;
  readonly done: Set<string>;
  readonly rings: string[][];
  readonly trail: string[];
}

function walk(state: Walk, path: string): void {
  const { modules, done, rings, trail } = state;
  const place = trail.indexOf(path);
  if (place >= 0) {
    rings.push(trail.slice(place));
    return;
  }
  if (done.has(path)) return;
  trail.push(path);
  // A file that is loaded into another thread is no part of the loader.
  const imported = modules.get(path)?.edges.filter((edge) => edge.kind === 'import') ?? [];
  for (const edge of imported) if (edge.isFile) walk(state, edge.target);
  trail.pop();
  done.add(path);
}
