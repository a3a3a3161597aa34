// What TLS is worth here: forward secrecy only, nothing resumed, and what testssl.sh finds, as far as a rating of A asks for it.
import assert from 'node:assert/strict';
import {spawn, spawnSync} from 'node:child_process';
import {execFileSync} from 'node:child_process';
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import tls from 'node:tls';

import {makeCertificate} from './harness/certificates.mjs';
import {within} from './harness/deadlines.mjs';
import {Gateway, patience} from './harness/gateway.mjs';
import {after, before, test} from './harness/test.mjs';

let gateway;

// The public listener has a key of RSA, the private one of an elliptic curve: each has ciphers of its own.
before(async () => {
  gateway = await Gateway.start({
    config: {hooks: {tls: {certificate: 'rsa.crt', key: 'rsa.key'}}, api: {tls: {certificate: 'tls.crt', key: 'tls.key'}}},
    prepare: (made) => {
      made.ca = makeCertificate(made.directory);
      execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '30', '-keyout', join(made.directory, 'rsa.key'),
                               '-out', join(made.directory, 'rsa.crt'), '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'],
                   {stdio: 'ignore'});
    },
  });
});
after(() => gateway.destroy());

// What was agreed on: {cipher, protocol, session}.
function shakeHands(port, options) {
  return within('a handshake', new Promise((resolve, reject) => {
    const sessions = [];
    const socket = tls.connect({host: '127.0.0.1', port, servername: 'localhost', rejectUnauthorized: false, ...options}, () => {
      // Tickets of TLS 1.3 come behind the handshake: an answer comes behind those.
      socket.write('GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
    });
    socket.on('session', (session) => sessions.push(session));
    socket.on('data', () => {}).once('error', reject);
    socket.once('end', () => resolve({cipher: socket.getCipher()?.name, ticket: socket.getTLSTicket(), reused: socket.isSessionReused(),
                                      session: socket.getSession(), sessions}));
  }));
}

const good = ['AES128-GCM-SHA256', 'AES256-GCM-SHA384', 'CHACHA20-POLY1305'];

test('TLS 1.2 takes ephemeral keys with authenticated encryption', async () => {
  for (const [port, kind] of [[gateway.hooksPort, 'RSA'], [gateway.apiPort, 'ECDSA']]) {
    for (const cipher of good.map((end) => `ECDHE-${kind}-${end}`)) {
      assert.equal((await shakeHands(port, {maxVersion: 'TLSv1.2', ciphers: cipher})).cipher, cipher);
    }
  }
});

test('TLS 1.2 takes no other: no key exchange of RSA or DHE, no CBC, nothing without a certificate or a cipher', async () => {
  const all = spawnSync('openssl', ['ciphers', '-tls1_2', 'ALL:eNULL:@SECLEVEL=0'], {encoding: 'utf8'}).stdout.trim().split(':');
  const others = all.filter((name) => !/^TLS_/.test(name) && !/^(PSK|RSA-PSK|DHE-PSK|ECDHE-PSK|SRP)/.test(name) &&
                                      !good.some((end) => new RegExp(`^ECDHE-(RSA|ECDSA)-${end}$`).test(name)));
  assert.ok(others.includes('AES256-SHA256') && others.includes('ECDHE-RSA-AES128-SHA') && others.includes('ECDHE-RSA-AES256-SHA384'));
  for (const port of [gateway.hooksPort, gateway.apiPort]) {
    await assert.rejects(shakeHands(port, {maxVersion: 'TLSv1.2', ciphers: `${others.join(':')}:@SECLEVEL=0`}));
    await assert.rejects(shakeHands(port, {maxVersion: 'TLSv1.2', ciphers: 'AES256-SHA256'}));
  }
});

test('nothing is resumed: no tickets, no cache, in either version', async () => {
  for (const version of ['TLSv1.2', 'TLSv1.3']) {
    const first = await shakeHands(gateway.apiPort, {minVersion: version, maxVersion: version});
    assert.equal(first.ticket, undefined, version);
    if (version === 'TLSv1.3') assert.equal(first.sessions.length, 0, version);
    const again = await shakeHands(gateway.apiPort, {minVersion: version, maxVersion: version, session: first.session});
    assert.equal(again.reused, false, version);
  }
});

test('curves are the strong ones', async () => {
  for (const curve of ['X25519', 'P-256', 'P-384']) await shakeHands(gateway.apiPort, {ecdhCurve: curve});
  await assert.rejects(shakeHands(gateway.apiPort, {ecdhCurve: 'P-521'}));
});

const tool = ['testssl', 'testssl.sh'].find((name) => spawnSync('which', [name]).status === 0);
const limit = 240_000 * patience;

test('testssl.sh finds nothing that keeps it from an A', {skip: tool ? false : 'testssl.sh is not installed', timeout: limit}, async () => {
  const file = join(gateway.directory, 'testssl.json');
  const child = spawn(tool, ['--quiet', '--color', '0', '--warnings', 'off', '--nodns', 'none', '--ip', '127.0.0.1', '-p', '-s', '-f', '-R', '-C', '-L',
                             '--jsonfile', file, `https://localhost:${gateway.hooksPort}`], {stdio: ['ignore', 'pipe', 'pipe']});
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => { said += text; });
  await within('testssl.sh', new Promise((resolve) => child.once('close', resolve)), limit);
  const found = JSON.parse(readFileSync(file, 'utf8'));
  const bad = found.filter(({severity}) => ['LOW', 'MEDIUM', 'HIGH', 'CRITICAL', 'FATAL'].includes(severity));
  assert.deepEqual(bad, [], said);
  const finding = (id) => found.find((each) => each.id === id)?.finding ?? `no ${id}:\n${said}`;
  for (const id of ['SSLv2', 'SSLv3', 'TLS1', 'TLS1_1']) assert.match(finding(id), /not offered/, id);
  for (const id of ['TLS1_2', 'TLS1_3']) assert.match(finding(id), /^offered/, id);
  const grade = found.find(({id}) => id === 'overall_grade');  // where its version has one
  if (grade) assert.match(grade.finding, /^A/);
});
