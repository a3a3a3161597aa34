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

// An authority of clients: its certificate, and what it issues.
export class Authority {
  constructor(directory, name) {
    this.directory = directory;
    this.name = name;
    this.certificate = makeCertificate(directory, {name, subject: name});
    this.file = `${name}.crt`;
  }

  // A client's certificate and its key, {cert, key, certFile, keyFile}; `names` as openssl takes subjectAltName.
  issue(name, {subject = name, names, days = 30} = {}) {
    const path = (ending) => join(this.directory, `${name}.${ending}`);
    const openssl = (...args) => execFileSync('openssl', args, {stdio: 'ignore'});
    openssl('req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', path('key'), '-out', path('csr'),
            '-subj', `/CN=${subject}`, ...(names ? ['-addext', `subjectAltName=${names}`] : []));
    openssl('x509', '-req', '-in', path('csr'), '-CA', join(this.directory, this.file), '-CAkey', join(this.directory, `${this.name}.key`),
            '-CAcreateserial', '-days', String(days), '-copy_extensions', 'copyall', '-out', path('crt'));
    return {cert: readFileSync(path('crt')), key: readFileSync(path('key')), certFile: path('crt'), keyFile: path('key')};
  }
}
