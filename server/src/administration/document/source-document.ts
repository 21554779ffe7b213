/** Reads and writes the member `source` of a dataset's document. */
import { isAbsolute } from 'node:path';
import { isFieldName } from '../../domain/contact/field.ts';
import type { HttpPages, SourceDefinition } from '../../domain/dataset/dataset-definition.ts';
import {
  parseSecretReference,
  secretReferenceForm,
} from '../../domain/dataset/secret-reference.ts';
import { givenMembers } from '../../domain/given-members.ts';
import { maxQueryLength, maxSourcePaths } from '../../domain/limits.ts';
import { maxNameLength, maxPathLength, maxSourceHeaders } from '../limits.ts';
import type { DocumentReader } from './document-reader.ts';

type KindOf<Kind> = Extract<SourceDefinition, { kind: Kind }>;

type Readers = {
  readonly [Kind in SourceDefinition['kind']]: {
    readonly members: readonly string[];
    readonly read: (place: DocumentReader) => Omit<KindOf<Kind>, 'kind'>;
  };
};

const readers: Readers = {
  file: {
    members: ['paths', 'encoding'],
    read: (place) => ({
      paths: readPaths(place.member('paths')),
      ...readEncoding(place.member('encoding')),
    }),
  },
  query: {
    members: ['files', 'sql', 'encoding'],
    read: (place) => ({
      files: readTables(place),
      sql: readSql(place),
      ...readEncoding(place.member('encoding')),
    }),
  },
  postgres: {
    members: ['url', 'sql'],
    read: (place) => ({ url: readSecret(place.member('url')), sql: readSql(place) }),
  },
  mysql: {
    members: ['url', 'sql'],
    read: (place) => ({ url: readSecret(place.member('url')), sql: readSql(place) }),
  },
  sqlite: {
    members: ['path', 'sql'],
    read: (place) => ({ path: readPath(place.member('path')), sql: readSql(place) }),
  },
  http: { members: ['url', 'headers', 'format', 'pages', 'encoding'], read: readHttp },
  upload: { members: ['encoding'], read: (place) => readEncoding(place.member('encoding')) },
  push: { members: [], read: () => ({}) },
};

export const sourceKinds = Object.keys(readers) as SourceDefinition['kind'][];

/** @returns `null` if it is absent or its kind is wrong; faults are noted */
export function readSourceDocument(place: DocumentReader): SourceDefinition | null {
  if (place.isAbsent) return null;
  const kindPlace = place.member('kind');
  if (place.value instanceof Object && kindPlace.isAbsent) {
    place.fail(`Name the kind of the source: one of ${sourceKinds.join(', ')}.`);
    return null;
  }
  const kind = kindPlace.word(sourceKinds);
  if (kind === undefined) {
    if (!(place.value instanceof Object)) place.fail('Give an object with a kind.');
    return null;
  }
  const reader = readers[kind];
  place.takes(['kind', ...reader.members]);
  return { kind, ...reader.read(place) } as SourceDefinition;
}

/** Writes a source; its members always have the same order. */
export function viewSource(source: SourceDefinition): Readonly<Record<string, unknown>> {
  switch (source.kind) {
    case 'query': {
      const { kind, files, sql, encoding } = source;
      return givenMembers({ kind, files: viewTables(files), sql, encoding });
    }
    case 'http': {
      const { kind, url, headers, format, pages, encoding } = source;
      return {
        ...{ kind, url },
        ...(headers.length > 0 && { headers: Object.fromEntries(headers) }),
        ...(format !== null && { format }),
        ...(pages !== null && { pages: viewPages(pages) }),
        ...(encoding !== undefined && { encoding }),
      };
    }
    default:
      return { ...source };
  }
}

function viewTables(tables: KindOf<'query'>['files']): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    tables.map(([name, paths]) => [name, paths.length === 1 ? paths[0] : paths]),
  );
}

function viewPages({ items, next, parameter }: HttpPages): Readonly<Record<string, unknown>> {
  return { items, ...(next !== null && { next }), ...(parameter !== null && { parameter }) };
}

function readPaths(place: DocumentReader): readonly string[] {
  const paths = place.elements('paths', maxSourcePaths).map((path) => readPath(path));
  if (paths.length === 0) place.fail('Name at least one path or glob.');
  return paths;
}

function readPath(place: DocumentReader): string {
  const path = required(place, maxPathLength);
  if (path === '' || isAbsolute(path)) return path;
  place.fail(
    'Give an absolute path. In a catalog file, it may be relative to the folder of the file.',
  );
  return path;
}

function readTables(place: DocumentReader): readonly (readonly [string, readonly string[]])[] {
  const tables = place.member('files').entries('names of tables, each with its path or paths');
  if (tables.length > maxSourcePaths) place.fail(`Name at most ${maxSourcePaths} tables.`);
  return tables.map(([name, paths]) => {
    if (!isFieldName(name)) {
      paths.fail(
        'The name of a table has 1 to 64 characters of a-z, 0-9 and _, and starts with a letter.',
      );
    }
    return [name, readPaths(paths)] as const;
  });
}

function readSql(place: DocumentReader): string {
  return required(place.member('sql'), maxQueryLength);
}

/** Does not repeat a secret that was written in place of a reference. */
function readSecret(place: DocumentReader): string {
  const text = required(place, maxPathLength);
  if (text !== '' && parseSecretReference(text) === undefined) {
    place.fail(`Give a reference to the secret: ${secretReferenceForm}.`);
  }
  return text;
}

function readHttp(place: DocumentReader): Omit<KindOf<'http'>, 'kind'> {
  const headers = place.member('headers').entries('names of headers, each with a secret reference');
  if (headers.length > maxSourceHeaders) {
    place.member('headers').fail(`Give at most ${maxSourceHeaders} headers.`);
  }
  return {
    url: readUrl(place.member('url')),
    headers: headers.map(([name, value]) => {
      if (!/^[A-Za-z0-9-]{1,100}$/.test(name)) {
        value.fail('The name of a header has only letters, digits and -.');
      }
      return [name, readSecret(value)] as const;
    }),
    format: place.member('format').text(maxNameLength) ?? null,
    pages: readHttpPages(place.member('pages')),
    ...readEncoding(place.member('encoding')),
  };
}

/** Stores the encoding's standard name, so that `SJIS` and `shift_jis` are the same definition. */
function readEncoding(place: DocumentReader): { readonly encoding?: string } {
  const label = place.text(maxNameLength);
  if (label === undefined) return {};
  try {
    return { encoding: new TextDecoder(label).encoding };
  } catch {
    place.fail(
      'Give the name of an encoding: utf-8, shift_jis, gb18030, big5, euc-kr, windows-1250, iso-8859-2 and others of the WHATWG.',
    );
    return {};
  }
}

function readUrl(place: DocumentReader): string {
  const text = required(place, maxPathLength);
  if (text === '') return text;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'https:' && url?.protocol !== 'http:') {
    place.fail('Give an http or https URL.');
  } else if (url.username !== '' || url.password !== '') {
    place.fail('A URL must not hold a password. Give a header with a secret reference.');
  }
  return text;
}

function readHttpPages(place: DocumentReader): HttpPages | null {
  if (place.isAbsent || !place.takes(['items', 'next', 'parameter'])) return null;
  const items = place.member('items');
  const next = place.member('next');
  return {
    items: items.value === '' ? '' : (readPointer(items) ?? ''),
    next: readPointer(next) ?? null,
    parameter: place.member('parameter').text(maxNameLength) ?? null,
  };
}

function readPointer(place: DocumentReader): string | undefined {
  const text = place.text(maxPathLength);
  if (text !== undefined && !text.startsWith('/')) {
    return place.fail('Give a JSON pointer, such as /data/items.');
  }
  return text;
}

function required(place: DocumentReader, max: number): string {
  if (place.isAbsent) place.fail('This member is missing.');
  return place.text(max) ?? '';
}
