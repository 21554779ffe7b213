/**
 * The names of the files and folders in the data folder. All other code imports the names from
 * here; a test fails if a name is written elsewhere.
 */

export const dataFiles = {
  /** Definitions, tokens, runs and the audit log. */
  catalog: 'catalog.sqlite',
  /** The contact store. LMDB keeps its lock file beside it. */
  contacts: 'contacts.mdb',
  contactsLock: 'contacts.mdb-lock',
  /** Exists while a first load is not yet flushed. Names the boot of the system. */
  loading: 'contacts.loading',
  /** Held by the process that runs a server. */
  serverLock: 'server.lock',
  /** When the last server ended; there is none while a server runs. */
  serverEnd: 'server.end',
  /** Held by the one process that writes the contact store. */
  writerLock: 'writer.lock',
  /** Shared by every process that has the contact store open. */
  readersLock: 'readers.lock',
  /** Where the writer listens for commands. */
  writerSocket: 'writer.sock',
  /** The key of the digests in baselines. */
  secretKey: 'secret.key',
  /** Baselines: digests of the rows that the last applied run of each dataset read. */
  baselines: 'snapshots',
  /** The rows of reference datasets. */
  references: 'lookups',
  /** The files that runs report: a folder for each run. */
  runs: 'runs',
  /** The rejected rows of a run, in its folder below `runs`. */
  rejections: 'rejections.csv',
  /** The claims of a run's rows that have no effect, beside its rejected rows. */
  refusedClaims: 'refused-claims.csv',
  /** Suppression lists, each beside its key. */
  suppression: 'suppression',
  /** The access log: numbered files, and what proves them. */
  access: 'access',
  /** How far the access log goes, in its folder. */
  accessMark: 'head.mark',
  /** What the last trim of the access log removed, in its folder. */
  accessCheckpoint: 'checkpoint.json',
  /** Erasures that the access log has still to carry out, in its folder. */
  accessErasures: 'erasures',
  /** Work files of commands that read sources. */
  work: 'tmp',
  /** Files that callers uploaded: a folder for each, below that of the organization. */
  uploads: 'uploads',
  /** A compaction's copy of the contact store. */
  compaction: 'compacting',
  /** The work folder of a restore. While it exists, the data folder is refused. */
  restore: 'restore.unfinished',
} as const;

/** The folder of a dataset, relative to the data folder, such as `snapshots/1/7`. */
export function datasetFolder(
  parent: typeof dataFiles.baselines | typeof dataFiles.references,
  organizationId: number,
  datasetId: number,
): string {
  return `${parent}/${organizationId}/${datasetId}`;
}

/** The list of the rows that a run rejected, relative to the data folder. */
export function rejectionsFile(runId: string): string {
  return `${dataFiles.runs}/${runId}/${dataFiles.rejections}`;
}

/** The list of claims of a run that have no effect, relative to the data folder. */
export function refusedClaimsFile(runId: string): string {
  return `${dataFiles.runs}/${runId}/${dataFiles.refusedClaims}`;
}

/** The folder of an uploaded file, relative to the data folder. */
export function uploadFolder(organizationId: number, uploadId: string): string {
  return `${dataFiles.uploads}/${organizationId}/${uploadId}`;
}

/** A suppression list and its key, relative to the data folder. */
export function suppressionFiles(keyId: string): [list: string, key: string] {
  const path = `${dataFiles.suppression}/${keyId}`;
  return [`${path}.list`, `${path}.key`];
}
