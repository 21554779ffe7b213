/** The three ways to define something: over HTTP, at the command line, and in the catalog file. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { mustRunCommand, runCommand } from '../launch/run-command.ts';
import { type ApiCall, callApi } from './call-api.ts';
import { type RunningApi, startApi } from './start-api.ts';

type Json = Readonly<Record<string, unknown>>;

/** Definitions that use each other, beside the dataset `crm` of the API. */
const catalog = {
  version: 1,
  identity_types: { user_id: 'exact', spare: 'exact' },
  datasets: {
    press: { kind: 'list', identifiers: { email: 'Mail' } },
    shop: {
      source: { kind: 'push' },
      identifiers: { user_id: 'User' },
      fields: { city: { type: 'string' }, yen: { type: 'currency', currency: 'JPY' } },
    },
  },
  computed_fields: {
    tier: { rule: 'total_spend > 1000 ? "gold" : "basic"' },
    is_buyer: { rule: 'in_segment("Buyers")' },
  },
  segments: {
    Buyers: { id: 1, rule: 'total_spend > 100 && !in_list("press")' },
    VIPs: { id: 2, rule: 'in_segment("Buyers") && tier == "gold"' },
    Reached: { id: 3, rule: 'in_flow(142309)' },
  },
  flows: {
    Spring: {
      ...{ id: 142_309, segment: 'Buyers', status: 'live', unit: 'user_id', holdout: 10 },
      variants: [
        { name: 'A', weight: 50 },
        { name: 'B', weight: 50 },
      ],
    },
    Free: { id: 6, segment: 'VIPs' },
    Tiers: {
      ...{ id: 5, segment: 'VIPs', status: 'live', otherwise: 'rest' },
      branches: [{ rule: 'city == "Bern"', variant: 'local' }],
    },
  },
  exclusion_groups: { Mails: { flows: [{ flow: 'Spring', share: 40 }] } },
};

export type DefinitionKind =
  | 'segments'
  | 'computed_fields'
  | 'flows'
  | 'exclusion_groups'
  | 'global_holdout';

export interface Definition {
  readonly kind: DefinitionKind;
  readonly name: string;
  readonly settings: Json;
  /** Whether it is defined already. */
  readonly isEdit?: boolean;
}

/** What a door answered. */
export interface DoorAnswer {
  readonly isDone: boolean;
  readonly text: string;
}

export interface DefinitionDoors {
  readonly api: RunningApi;
  readonly token: string;
  /** As text, as `usher export` prints it. */
  exported(): Promise<string>;
  /** `path` below `/admin/v1`. */
  http(call: ApiCall): Promise<DoorAnswer>;
  cli(...args: string[]): Promise<DoorAnswer>;
  /** Applies a file with this text. */
  apply(text: string, ...args: string[]): Promise<DoorAnswer>;
  /** The answers of each door. */
  define(definition: Definition): Promise<ReadonlyMap<string, DoorAnswer>>;
}

export async function startDoors(t: TestContext): Promise<DefinitionDoors> {
  const api = await startApi(t, { isUnhurried: true });
  const file = join(api.dataFolder, 'usher.yaml');
  const scopes = ['admin:read', 'admin:write'] as const;
  const token = await api.token({ scopes });
  const cli = async (...args: string[]) => {
    const { code, stdout, stderr } = await runCommand(api.dataFolder, args);
    return { isDone: code === 0, text: `${stdout}${stderr}` };
  };
  const http = async (call: ApiCall) => {
    const path = `/admin/v1${call.path}`;
    const { status, body } = await callApi(api, { ...call, path, token });
    return { isDone: status < 300, text: `${status} ${body}` };
  };
  const apply = (text: string, ...args: string[]) => {
    writeFileSync(file, text);
    return cli('apply', '-f', file, ...args);
  };
  const define = async (definition: Definition) => {
    const { kind, name, settings } = definition;
    const section = kind === 'global_holdout' ? settings : { [name]: settings };
    return new Map([
      ['HTTP', await http(httpCall(definition))],
      ['command line', await cli(...commandOf(definition))],
      ['file', await apply(yamlOf({ version: 1, [kind]: section }))],
    ]);
  };
  const exported = () => mustRunCommand(api.dataFolder, ['export']);
  const made = await apply(yamlOf(catalog));
  assert.ok(made.isDone, made.text);
  return { api, token, exported, http, cli, apply, define };
}

/** JSON is YAML, and YAML can also write numbers that are none. */
export function yamlOf(document: unknown): string {
  const odd = new Map<string, string>();
  const text = JSON.stringify(document, (_, value) => {
    if (typeof value !== 'number' || Number.isFinite(value)) return value;
    const mark = `odd number ${odd.size}`;
    odd.set(`"${mark}"`, Number.isNaN(value) ? '.nan' : '.inf');
    return mark;
  });
  return [...odd].reduce((done, [mark, number]) => done.replace(mark, number), text);
}

const ids: ReadonlyMap<string, number> = new Map([
  ...Object.entries(catalog.segments).map(([name, { id }]) => [name, id] as const),
  ...Object.entries(catalog.flows).map(([name, { id }]) => [name, id] as const),
]);

function httpCall({ kind, name, settings, isEdit = false }: Definition): ApiCall {
  if (kind === 'global_holdout')
    return { method: 'PATCH', path: '/global-holdout', body: settings };
  const path = `/${kind.replace('_', '-')}`;
  const named = encodeURIComponent(ids.get(name) ?? name.toWellFormed());
  if (kind === 'exclusion_groups')
    return { method: 'PUT', path: `${path}/${named}`, body: settings };
  return isEdit
    ? { method: 'PATCH', path: `${path}/${named}`, body: settings }
    : { method: 'POST', path, body: { name, ...settings } };
}

function commandOf({ kind, name, settings, isEdit = false }: Definition): string[] {
  const flags = Object.entries(settings).flatMap(([member, value]) => flagsOf(member, value));
  if (kind === 'global_holdout') return ['flow', 'holdout', ...flags];
  const verb = kind === 'exclusion_groups' ? 'set' : isEdit ? 'edit' : 'create';
  // What begins with a hyphen would be a flag.
  return [kind.replace('_', '-').slice(0, -1), verb, ...flags, '--', name];
}

function flagsOf(member: string, value: unknown): string[] {
  if (!Array.isArray(value)) return [`--${member.replace('_', '-')}=${value ?? ''}`];
  return (value as Json[]).map((one) => {
    if (member === 'flows') return `--flow=${one['flow']}=${one['share']}`;
    return member === 'variants'
      ? `--variant=${one['name']}=${one['weight']}`
      : `--branch=${one['variant']}=${one['rule']}`;
  });
}
