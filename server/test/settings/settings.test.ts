/** Settings: their sources and precedence, and that all problems are reported at once. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { exposureWarning } from '../../src/settings/exposure.ts';
import {
  readSettings,
  type SettingSources,
  SettingsError,
} from '../../src/settings/read-settings.ts';
import type { SettingName } from '../../src/settings/settings.ts';

const machine = { workingFolder: '/srv', cores: 6 };

test('by default the server listens locally and keeps data in the current folder', () => {
  const { settings, shown } = read({});
  assert.deepEqual(
    { ...settings },
    {
      ...{ dataFolder: '/srv/usher-data', host: '127.0.0.1', port: 8080, workers: 6 },
      ...{ store: 'embedded', catalog: 'sqlite', logLevel: 'info', maxConnections: 10_000 },
      rehearsal: 'on',
      ...{ tlsCertificate: null, tlsKey: null, trustProxy: [], metricsPort: null, limitLog: null },
      sourceAddresses: [],
      oidc: null,
      sessionHours: 12,
      sessionIdleMinutes: 30,
      accessLog: 'on',
      accessLogMegabytes: 1_024,
      accessLogDays: null,
      maxUploadMegabytes: 256,
    },
  );
  assert.ok(shown.every(({ source }) => source === 'default'));
  assert.throws(() => Object.assign(settings, { port: 1 }), TypeError, 'settings are frozen');
});

test('a flag wins over the environment, and the environment over the default', () => {
  const environment = { USHER_PORT: '9000', USHER_HOST: '0.0.0.0', PATH: '/bin', USHER_DATA: '' };
  const { settings, shown } = read(environment, [['port', '9001']]);
  assert.equal(settings.port, 9001);
  assert.equal(settings.host, '0.0.0.0');
  assert.equal(settings.dataFolder, '/srv/usher-data', 'empty is as if it were not there');
  const sources = new Map(shown.map(({ variable, source }) => [variable, source]));
  assert.equal(sources.get('USHER_PORT'), 'flag');
  assert.equal(sources.get('USHER_HOST'), 'environment');
  assert.equal(sources.get('USHER_WORKERS'), 'default');
});

test('all wrong and unknown settings are reported at once, with suggestions', () => {
  const environment = {
    ...{
      USHER_PORT: '80a',
      USHER_WORKERS: '65',
      USHER_STORE: 'redis://x',
      USHER_LOG_LEVEL: 'loud',
    },
    ...{ USHER_TRUST_PROXY: '10.0.0.0/8, nowhere', USHER_WORKRES: '2', USHER_ZZZZZZZZZZ: '1' },
    ...{ USHER_TLS_CERT: 'missing.pem', USHER_MAX_CONNECTIONS: '0', USHER_HOST: 'a b' },
  };
  const problems = problemsOf(environment);
  const expected = [
    /^USHER_WORKRES is not a setting\. Did you mean USHER_WORKERS\?$/,
    /^USHER_ZZZZZZZZZZ is not a setting\. See `usher settings`\.$/,
    /^USHER_HOST must be an address or a host name/,
    /^USHER_PORT must be a whole number from 0 to 65535\.$/,
    /^USHER_WORKERS must be a whole number from 1 to 64\.$/,
    /^USHER_STORE must be embedded\.$/,
    /^USHER_LOG_LEVEL must be one of fatal, error/,
    /^USHER_TRUST_PROXY must be a list .* not nowhere\.$/,
    /^USHER_MAX_CONNECTIONS must be/,
    /^USHER_TLS_CERT and USHER_TLS_KEY must be set together/,
    /^USHER_TLS_CERT names a file that does not exist\.$/,
  ];
  assert.equal(problems.length, expected.length, problems.join('\n'));
  for (const [index, pattern] of expected.entries()) assert.match(problems[index] ?? '', pattern);
});

test('the problem of a flag names the flag', () => {
  assert.deepEqual(problemsOf({}, [['port', 'x']]), [
    '--port must be a whole number from 0 to 65535.',
  ]);
});

test('networks are separated by commas or spaces and normalised', () => {
  const { settings } = read({ USHER_TRUST_PROXY: '10.0.0.1,  ::1 172.16.0.0/12' });
  assert.deepEqual(settings.trustProxy, ['10.0.0.1/32', '::1/128', '172.16.0.0/12']);
});

test('the API and the metrics need different ports', () => {
  assert.deepEqual(problemsOf({ USHER_PORT: '9', USHER_METRICS_PORT: '9' }), [
    'USHER_PORT and USHER_METRICS_PORT must differ.',
  ]);
});

test('relative paths start at the current folder', () => {
  const folder = mkdtempSync(join(tmpdir(), 'usher-settings-'));
  try {
    for (const name of ['cert.pem', 'key.pem']) writeFileSync(join(folder, name), '');
    const environment = { USHER_TLS_CERT: 'cert.pem', USHER_TLS_KEY: join(folder, 'key.pem') };
    const sources = {
      flags: new Map(),
      environment,
      machine: { ...machine, workingFolder: folder },
    };
    const { settings } = readSettings(sources);
    assert.equal(settings.tlsCertificate, join(folder, 'cert.pem'));
    assert.equal(settings.tlsKey, join(folder, 'key.pem'));
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('listening beyond loopback without TLS or a trusted proxy gives a warning', () => {
  const { settings } = read({});
  const at = (host: string) => exposureWarning({ ...settings, host });
  for (const host of ['127.0.0.1', '127.9.9.9', '::1', 'localhost'])
    assert.equal(at(host), undefined);
  for (const host of ['0.0.0.0', '::', '192.0.2.1', 'usher.example.com']) {
    assert.match(at(host) ?? '', /without TLS.*in the clear/);
  }
  const open = { ...settings, host: '0.0.0.0' };
  assert.equal(exposureWarning({ ...open, tlsCertificate: '/cert.pem' }), undefined);
  assert.equal(exposureWarning({ ...open, trustProxy: ['10.0.0.0/8'] }), undefined);
});

function read(
  environment: SettingSources['environment'],
  flags: readonly (readonly [SettingName, string])[] = [],
) {
  return readSettings({ flags: new Map(flags), environment, machine });
}

function problemsOf(...sources: Parameters<typeof read>): readonly string[] {
  try {
    read(...sources);
  } catch (error) {
    if (error instanceof SettingsError) return error.problems;
    throw error;
  }
  return [];
}
