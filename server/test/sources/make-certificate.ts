/** A self-signed certificate, as PEM files that are removed when the test ends. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

/** @param host in the form of a certificate: `DNS:files.example`, `IP:127.0.0.1` */
export function makeCertificate(
  t: TestContext,
  host: string,
): { key: string; certificate: string } {
  const folder = mkdtempSync(join(tmpdir(), 'usher-tls-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')];
  const newKey = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  const subject = ['-days', '2', '-subj', '/CN=test', '-addext', `subjectAltName=${host}`];
  execFileSync('openssl', [...newKey, ...subject, '-keyout', key, '-out', certificate], {
    stdio: 'ignore',
  });
  return { key, certificate };
}
