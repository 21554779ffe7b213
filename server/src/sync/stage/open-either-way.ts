/** Opens a source the fast way, and the careful way if it is malformed. */
import { UsherError } from '../../domain/errors.ts';
import type { Source, SourceRejection, SourceRelation } from '../../sources/source.ts';
import { SourceMalformed } from '../../sources/source-failure.ts';
import type { Workbench } from '../../sources/workbench.ts';

export interface Opening {
  readonly workbench: Workbench;
  readonly source: Source;
  readonly onBytes?: (bytes: number) => void;
  /** Set if the source will be asked for its digest with this key. */
  readonly digestKey?: Uint8Array | undefined;
}

export interface OpenedSource {
  readonly relation: SourceRelation;
  /** Rows that opening rejected. */
  readonly rejections: readonly SourceRejection[];
  readonly isCareful: boolean;
}

/**
 * @throws UsherError `definition_invalid` if the source is malformed both ways;
 *   `source_unavailable` if it changed
 */
export async function openEitherWay<Result>(
  opening: Opening,
  work: (opened: OpenedSource) => Promise<Result>,
): Promise<Result> {
  const attempt = async (isCareful: boolean) => work(await openSource(opening, isCareful));
  return confirmed(opening.source, () =>
    firstWellFormed(opening.source, [() => attempt(false), () => attempt(true)]),
  );
}

export async function openSource(
  { workbench, source, onBytes = () => undefined, digestKey }: Opening,
  isCareful: boolean,
): Promise<OpenedSource> {
  const rejections: SourceRejection[] = [];
  const options = {
    workbench,
    onRejection: (rejection: SourceRejection) => rejections.push(rejection),
    onProgress: onBytes,
    digestKey,
  };
  const relation = await (isCareful ? source.openCarefully(options) : source.open(options));
  return { relation, rejections, isCareful };
}

/** @throws UsherError `definition_invalid` if every attempt finds the source malformed */
export async function firstWellFormed<Result>(
  { name, kind }: Pick<Source, 'name' | 'kind'>,
  attempts: readonly (() => Promise<Result>)[],
): Promise<Result> {
  let malformed: SourceMalformed | undefined;
  for (const attempt of attempts) {
    try {
      return await attempt();
    } catch (cause) {
      if (!(cause instanceof SourceMalformed)) throw cause;
      malformed = cause;
    }
  }
  throw new UsherError('definition_invalid', `${name} cannot be read as ${kind}.`, {
    cause: malformed,
  });
}

/** Checks at the end, even after an error, that the source did not change while it was read. */
export async function confirmed<Result>(
  source: Source,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work();
  } finally {
    await source.confirm?.();
  }
}

/** Reports, while `work` reads a source, how many of its bytes were read. */
export function watched<Result>(
  { workbench, source, onBytes }: Opening,
  work: Promise<Result>,
): Promise<Result> {
  const watch = setInterval(() => {
    const share = workbench.progress();
    if (share > 0) onBytes?.(Math.round(share * source.bytes));
  }, progressEveryMs);
  return work.finally(() => clearInterval(watch));
}

/** Often enough for a progress bar. */
const progressEveryMs = 250;
