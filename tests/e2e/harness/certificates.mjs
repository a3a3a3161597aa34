// Certificates for tests, made by openssl: each its own authority.
import {execFileSync} from 'node:child_process';
import {readFileSync} from 'node:fs';
import {join} from 'node:path';

// Writes <name>.crt and <name>.key into the directory and returns the certificate.
export function makeCertificate(directory, {name = 'tls', subject = 'localhost', days = 30} = {}) {
  const certificate = join(directory, `${name}.crt`);
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', String(days),
                           '-keyout', join(directory, `${name}.key`), '-out', certificate, '-subj', `/CN=${subject}`,
                           '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'], {stdio: 'ignore'});
  return readFileSync(certificate);
}
