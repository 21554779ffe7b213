/**
 * Shows what is in an uploaded file. The command `usher dataset infer` reads it, as a process of
 * its own with low priority: a damaged file or a bomb cannot harm the server.
 */
import { spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { type Administration, openOrganization } from '../administration/administration.ts';
import { noteLook } from '../administration/contact/note-look.ts';
import { type SeesValue, valueSightOf } from '../administration/contact/value-sight.ts';
import { viewDatasetDocument } from '../administration/dataset/dataset-view.ts';
import type { NewTypeView } from '../administration/dataset/draft-definition.ts';
import { hasWholeSight, requireSeenDataset, sightOf } from '../administration/token/actor-sight.ts';
import { datasetOfUpload, isOwnUpload } from '../administration/uploads.ts';
import type { OrganizationState } from '../domain/catalog-state.ts';
import type { Field } from '../domain/contact/field.ts';
import { readAs } from '../domain/contact/guess-identity.ts';
import { identityDigest } from '../domain/contact/identity.ts';
import { type ProblemCode, UsherError } from '../domain/errors.ts';
import { seesField } from '../domain/token/token-sight.ts';
import { endWork } from '../sources/end-work.ts';
import type { Upload } from '../sync/upload/upload-files.ts';
import { letLookupsGoFirst } from './let-lookups-go-first.ts';
import {
  maxSampleMs,
  maxSampleOutputBytes,
  maxSamples,
  previewStopMs,
  syncKillMs,
} from './limits.ts';
import type { RunCaller } from './run-caller.ts';

export interface SampleRequest {
  readonly dataFolder: string;
  readonly path: string;
  readonly upload: Upload;
  /** Asked for, unless the file is for a dataset already. */
  readonly dataset: string | undefined;
  /** Chosen by the caller; `undefined`: that of the dataset, or detected. */
  readonly encoding: string | undefined;
  readonly rows: number;
  readonly choices: SampleChoices;
  readonly organization: OrganizationState;
  /** Aborted when nobody waits for the result any more. */
  readonly stop: AbortSignal;
}

/**
 * What the caller chose instead of what is inferred. Columns have their place in the file, from 1:
 * their names may be values, if the file has no header.
 */
interface SampleChoices {
  /** `3:date,5:currency:EUR` */
  readonly types?: string;
  /** `1:user_id,2:mobile:phone` */
  readonly identifiers?: string;
  /** `4,6` */
  readonly skip?: string;
}

/** What the command prints. */
interface Inferred {
  readonly dataset: string;
  readonly is_new: boolean;
  readonly rows_read: number | null;
  readonly rejections: Readonly<Record<string, number>>;
  readonly identifiers: readonly { readonly identity_type: string; readonly column: string }[];
  readonly candidates: readonly string[];
  readonly columns: readonly InferredColumn[];
  readonly missing_columns: readonly string[];
  readonly notes: readonly string[];
  readonly definition: object;
  readonly new_identity_types: readonly NewTypeView[];
  readonly rows: readonly (readonly (string | null)[])[];
}

interface InferredColumn {
  readonly column: string;
  readonly field: string | null;
  readonly type: string | null;
  readonly currency: string | null;
  readonly new: boolean;
  readonly note: string | null;
}

/**
 * @throws UsherError `definition_invalid` for a file that cannot be read, `overloaded`,
 *   `resource_not_found` for a dataset that the caller may not see, `role_missing`
 */
export async function sampleUpload(caller: RunCaller, request: SampleRequest) {
  const { administration, organizationId } = caller;
  const { catalog, actor } = administration;
  const organization = await catalog.read((view) =>
    openOrganization(view, actor, organizationId, 'admin:read'),
  );
  await requireSight(administration, request.upload);
  const inferred = await infer(organization.name, request);
  const fields = await catalog.read(async (view) => {
    await requireSeenDataset(view, actor, organizationId, inferred.dataset);
    return view.listFields(organizationId);
  });
  const isOwn = isOwnUpload(administration, request.upload);
  const sees = inferred.is_new && isOwn ? () => true : sightOfColumns(caller, request);
  const isOthers = administration.actor.kind === 'user' && !isOwn;
  const shown = isOthers ? withoutUnknown(inferred, request, fields) : inferred;
  const sample = viewSample(shown, fields, sees);
  noteSample(caller, request, sample);
  return sample;
}

/** The fields of the dataset that a file is for decide who sees its values. */
function datasetOf({ upload, organization }: SampleRequest) {
  const datasetId = datasetOfUpload(upload);
  return [...organization.datasets.values()].find(({ id }) => id === datasetId);
}

/** Whose rows were shown: the identities that rows name, whether or not they are contacts yet. */
function noteSample(
  { administration }: RunCaller,
  { organization }: SampleRequest,
  { identifiers, columns }: ReturnType<typeof viewSample>,
): void {
  const values = new Map(columns.map((column) => [column.column, column.values]));
  const fields = columns.filter(({ masked }) => !masked).map(({ field }) => field ?? '');
  for (const { identity_type: name, column } of identifiers) {
    const type = organization.identityTypes.get(name);
    if (type === undefined) continue;
    for (const text of values.get(column) ?? []) {
      const parsed = text === null ? undefined : readAs(type, text);
      if (parsed === undefined) continue;
      const digest = identityDigest(type.normalisation, parsed.value);
      const subject = { typeId: type.id, digest };
      noteLook({ administration, organization }, { subject, way: 'upload_sample', fields });
    }
  }
}

/**
 * Until a run has read a file, nobody knows what is in it: the names of its columns may be the
 * values of its first row. So among users only the sender sees it. A run that failed may not have
 * read it; one that waits has, and who decides about it may look.
 */
async function requireSight(administration: Administration, upload: Upload): Promise<void> {
  const { actor, catalog } = administration;
  const { organizationId, readBy } = upload;
  if (actor.kind !== 'user' || isOwnUpload(administration, upload)) return;
  const run =
    readBy === null
      ? undefined
      : await catalog.read((view) => view.findRun(organizationId, readBy));
  if (run?.state === 'waiting') return;
  throw new UsherError(
    'role_missing',
    'Only who sent this file sees what is in it, until a run that has read it waits for approval.',
    { members: { role: actor.user.role, permission: 'datasets:write' } },
  );
}

/**
 * The columns that somebody has named in the definition, whose names are no values, and nothing
 * that tells the names of others.
 */
function withoutUnknown(
  inferred: Inferred,
  request: SampleRequest,
  fields: readonly Field[],
): Inferred {
  const { id, definition = null } = datasetOf(request) ?? {};
  const named = [...(definition?.columns ?? []), ...(definition?.identifiers ?? [])];
  const defined = new Set(named.map(({ column }) => column));
  const places = inferred.columns.flatMap(({ column }, place) =>
    defined.has(column) ? [place] : [],
  );
  const own = fields.filter(({ datasetId }) => datasetId === id);
  return {
    ...inferred,
    columns: inferred.columns.filter((_, place) => places.includes(place)),
    rows: inferred.rows.map((row) => places.map((place) => row[place] ?? null)),
    identifiers: inferred.identifiers.filter(({ column }) => defined.has(column)),
    candidates: inferred.candidates.filter((column) => defined.has(column)),
    definition: definition === null ? {} : viewDatasetDocument(definition, own),
    notes: [],
  };
}

/**
 * Which columns' values the caller may see: those of the fields that they fill. What no field is
 * filled with may be anything, so only the sender sees it.
 */
function sightOfColumns(
  { administration: { actor } }: RunCaller,
  { organization }: SampleRequest,
): SeesValue {
  const sees = valueSightOf(actor, organization);
  const lists = sightOf(actor);
  const datasets = new Map([...organization.datasets.values()].map(({ id, name }) => [id, name]));
  return (field) => {
    if (field === undefined) return actor.kind !== 'user' && hasWholeSight(actor) && sees(field);
    return seesField(lists, field.name, datasets.get(field.datasetId) ?? null) && sees(field);
  };
}

function viewSample(inferred: Inferred, fields: readonly Field[], sees: SeesValue) {
  const { columns, rows, identifiers, new_identity_types: added, ...others } = inferred;
  const byName = new Map(fields.map((field) => [field.name, field]));
  const newNames = new Set(added.map((type) => (typeof type === 'string' ? type : type.name)));
  return {
    ...others,
    identifiers: identifiers.map((one) => {
      return { ...one, is_new: newNames.has(one.identity_type) };
    }),
    columns: columns.map(({ new: isNew, note, ...column }, place) => {
      const known = isNew ? undefined : byName.get(column.field ?? '');
      const masked = !sees(known);
      return {
        ...column,
        is_new: isNew,
        note: note === null ? null : withoutFlags(note),
        masked,
        values: masked ? [] : rows.map((row) => row[place] ?? null),
      };
    }),
    new_identity_types: added,
  };
}

/** Notes end with the flag of the command line that changes what they say. */
function withoutFlags(note: string): string {
  return note.split('; to change: ', 1)[0] ?? '';
}

const program = fileURLToPath(new URL('../../bin/usher.js', import.meta.url));

let running = 0;

async function infer(organization: string, request: SampleRequest): Promise<Inferred> {
  if (running >= maxSamples) {
    throw new UsherError('overloaded', 'The server reads no more files now. Try again later.');
  }
  running += 1;
  try {
    return await readSample(organization, request);
  } finally {
    running -= 1;
  }
}

async function readSample(organization: string, request: SampleRequest): Promise<Inferred> {
  const { dataFolder, path, upload, encoding, rows } = request;
  const dataset = datasetOf(request)?.name ?? request.dataset;
  const flags = ['--organization', organization, '--data', dataFolder, '--json', '--quiet'];
  if (dataset !== undefined) flags.push('--dataset', dataset);
  if (encoding !== undefined) flags.push(`--encoding=${encoding}`);
  const command = ['dataset', 'infer', `--name=${upload.name}`, `--rows=${rows}`, ...flags];
  const args = [...command, ...choiceFlags(request.choices), path];
  const child = spawn(process.execPath, [program, ...args], {
    // The channel ends the process if this one is killed.
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  letLookupsGoFirst(child);
  const ended = new Promise<number | null>((resolve) => {
    child.once('error', () => resolve(null));
    child.once('close', resolve);
  });
  const end = () =>
    void endWork(ended, [
      { cancel: () => void child.kill('SIGTERM'), boundMs: previewStopMs, isOnce: true },
      { cancel: () => void child.kill('SIGKILL'), boundMs: syncKillMs },
    ]);
  const stop = AbortSignal.any([request.stop, AbortSignal.timeout(maxSampleMs)]);
  stop.addEventListener('abort', end);
  if (stop.aborted) end();
  try {
    const printed = [child.stdout, child.stderr] as [Readable, Readable];
    const [output = '', failure = ''] = await Promise.all(printed.map((stream) => text(stream)));
    await ended;
    if (stop.aborted)
      throw new UsherError('overloaded', 'Reading the file was stopped. Try again.');
    return parsed(output) ?? fail(failure);
  } finally {
    stop.removeEventListener('abort', end);
  }
}

function choiceFlags({ types = '', identifiers = '', skip = '' }: SampleChoices): string[] {
  const entries = (text: string) => (text === '' ? [] : text.split(','));
  const placed = (text: string) =>
    entries(text).map((entry) => {
      const colon = entry.indexOf(':');
      return [entry.slice(0, colon), entry.slice(colon + 1)] as const;
    });
  return [
    '--by-place',
    ...placed(types).map(([place, type]) => `--type=${place}=${type}`),
    ...placed(identifiers).map(([place, type]) => `--identifier=${type}=${place}`),
    ...entries(skip).map((place) => `--skip=${place}`),
  ];
}

function parsed(output: string): Inferred | undefined {
  if (output === '' || output.length > maxSampleOutputBytes) return undefined;
  try {
    return JSON.parse(output) as Inferred;
  } catch {
    return undefined;
  }
}

const passedCodes: ReadonlySet<unknown> = new Set([
  ...[
    'definition_invalid',
    'parameter_invalid',
    'source_unavailable',
    'storage_full',
    'store_unavailable',
  ],
]);

/** The error of the process. Later lines of its words are commands, which callers cannot run. */
function fail(output: string): never {
  const { code, detail } = errorOf(output);
  if (!passedCodes.has(code)) {
    throw new UsherError('store_unavailable', 'The file could not be read. Try again later.');
  }
  const [words = ''] = String(detail).split('\n', 1);
  throw new UsherError(code as ProblemCode, words.replace(/^--(?:skip or --rename|[a-z]+): /, ''));
}

function errorOf(output: string): { readonly code?: unknown; readonly detail?: unknown } {
  try {
    return (JSON.parse(output.trim().split('\n').at(-1) ?? '') ?? {}) as object;
  } catch {
    return {};
  }
}
