// Both listeners through TLS: real handshakes, real certificates, and what comes through when somebody does it wrong.
import assert from 'node:assert/strict';
import {spawnSync} from 'node:child_process';
import {readFileSync, renameSync} from 'node:fs';
import https from 'node:https';
import net from 'node:net';
import {join} from 'node:path';
import tls from 'node:tls';

import {makeCertificate} from './harness/certificates.mjs';
import {until, within} from './harness/deadlines.mjs';
import {Gateway} from './harness/gateway.mjs';
import {pullRequest} from './harness/github.mjs';
import {RawConnection, keptConnections, request} from './harness/http_client.mjs';
import {Load} from './harness/load.mjs';
import {after, before, test} from './harness/test.mjs';

const files = {tls: {certificate: 'tls.crt', key: 'tls.key'}};
let gateway;

before(async () => {
  gateway = await Gateway.start({
    config: {hooks: {listen: '127.0.0.1:0', header_timeout: '1s', ...files}, api: {listen: '127.0.0.1:0', ...files}},
    prepare: (made) => { made.ca = makeCertificate(made.directory); },
  });
});
after(() => gateway.destroy());

// A handshake with the given options: {protocol, alpn, certificate} or the error that ended it.
function shakeHands(options) {
  return within('a handshake', new Promise((resolve, reject) => {
    const socket = tls.connect({host: '127.0.0.1', port: gateway.hooksPort, servername: 'localhost', ca: gateway.ca, ...options}, () => {
      const seen = {protocol: socket.getProtocol(), alpn: socket.alpnProtocol, certificate: socket.getPeerCertificate().raw, reused: socket.isSessionReused()};
      socket.destroy();
      resolve(seen);
    });
    socket.once('error', reject);
  }));
}

test('a delivery, its message and its acknowledgement travel through TLS', async () => {
  const answer = await gateway.deliver('pull_request', pullRequest(1));
  assert.equal(answer.status, 200, answer.text);
  assert.equal(answer.json.status, 'accepted');
  assert.equal((await gateway.drainMailbox()).length, 1);
});

test('bodies of many records and of several deliveries on one connection come through whole', async () => {
  const agent = keptConnections({ca: gateway.ca, maxSockets: 1});
  for (const size of [0, 1, 16_383, 16_384, 16_385, 70_000, 1_000_000]) {
    const body = JSON.stringify({...JSON.parse(pullRequest(100 + size)), padding: 'p'.repeat(size)});
    const answer = await gateway.deliver('pull_request', body, {agent});
    assert.equal(answer.status, 200, `${size}: ${answer.text}`);
    assert.equal(answer.json.status, 'accepted', String(size));
  }
  const [event] = (await gateway.call('GET', '/v1/events?max=1', {as: 'operator'})).json.events;
  const whole = await gateway.call('GET', `/v1/events/${event.id}`, {as: 'operator'});
  assert.equal(whole.json.body.padding.length, 1_000_000, 'an answer of many records');
  agent.destroy();
});

test('a load of deliveries on kept connections is taken', async () => {
  const load = new Load(gateway, 300, {firstNumber: 5000});
  await load.run();
  assert.equal(load.missing.length, 0);
});

test('TLS 1.3 and 1.2 are spoken, older ones are not, and HTTP/1.1 is agreed on', async () => {
  assert.equal((await shakeHands({ALPNProtocols: ['h2', 'http/1.1']})).alpn, 'http/1.1');
  assert.equal((await shakeHands({})).protocol, 'TLSv1.3');
  assert.equal((await shakeHands({maxVersion: 'TLSv1.2'})).protocol, 'TLSv1.2');
  await assert.rejects(shakeHands({minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT:@SECLEVEL=0'}));
  await assert.rejects(shakeHands({ALPNProtocols: ['h2']}));
});

test('plain HTTP on a TLS port is told so', async () => {
  const answer = await request(`http://127.0.0.1:${gateway.hooksPort}/hooks/github`, {method: 'POST', body: '{}'});
  assert.equal(answer.status, 400);
  assert.match(answer.json.detail, /https/);
});

test('who never finishes a handshake is cut off, and nonsense too', async () => {
  const silent = net.connect(gateway.hooksPort, '127.0.0.1');
  const closed = new Promise((resolve) => silent.once('close', resolve));
  silent.on('error', () => {}).resume();
  const nonsense = await RawConnection.open(gateway.hooksPort);
  nonsense.write('\x16\x03\x01\x00\x05hello');
  await nonsense.closed();
  await within('the silent one is cut off', closed, 10_000);
  const failed = (await gateway.scrape()).value('signalbox_tls_handshakes_total', {result: 'failed'});
  assert.ok(failed >= 2, String(failed));
});

test('a half request through TLS is answered 408', async () => {
  const socket = tls.connect({host: '127.0.0.1', port: gateway.hooksPort, servername: 'localhost', ca: gateway.ca});
  let text = '';
  socket.on('data', (data) => { text += data; }).on('error', () => {});
  socket.write('POST /hooks/github HTTP/1.1\r\nHost: loc');
  await within('the answer', new Promise((resolve) => socket.once('close', resolve)));
  assert.match(text, /^HTTP\/1\.1 408 /);
});

test('curl reaches both listeners', () => {
  const certificate = join(gateway.directory, 'tls.crt');
  const {stdout, status, stderr} = spawnSync('curl', ['-sS', '--cacert', certificate, `${gateway.api}/readyz`], {encoding: 'utf8'});
  assert.equal(status, 0, stderr);
  assert.equal(stdout, 'ok\n');
});

test('the command line trusts the certificate of its own configuration, and elsewhere what it is told to trust', () => {
  const posted = gateway.cli('sample', 'github', 'pull_request.opened', '--post', 'github', '--json');
  assert.equal(posted.code, 0, posted.err);
  const inbox = gateway.cli('inbox', '--agent', 'reviewer', '--json');
  assert.equal(inbox.code, 0, inbox.err);
  assert.ok(inbox.json.ready > 0);

  const env = {SIGNALBOX_URL: `https://localhost:${gateway.apiPort}`, SIGNALBOX_TOKEN: gateway.tokens.reviewer};
  const stranger = gateway.cli('inbox', {env});
  assert.equal(stranger.code, 3);
  assert.match(stranger.err, /cannot agree on TLS with https:\/\/localhost:\d+: self.signed certificate/);
  const certificate = join(gateway.directory, 'tls.crt');
  assert.equal(gateway.cli('inbox', '--ca-file', certificate, {env}).code, 0);
  assert.equal(gateway.cli('inbox', {env: {...env, SIGNALBOX_CA_FILE: certificate}}).code, 0);
  const other = gateway.cli('inbox', '--ca-file', gateway.configFile, {env});
  assert.equal(other.code, 2, 'a file without certificates');
});

test('a new certificate is used by new connections, and open ones go on', async () => {
  const agent = new https.Agent({keepAlive: true, ca: gateway.ca, maxSockets: 1});
  assert.equal((await gateway.deliver('pull_request', pullRequest(7001), {agent})).status, 200);
  const before = gateway.ca;
  const fresh = makeCertificate(gateway.directory, {name: 'new', subject: 'renewed'});
  for (const ending of ['key', 'crt']) renameSync(join(gateway.directory, `new.${ending}`), join(gateway.directory, `tls.${ending}`));
  await until('new connections get the new certificate', async () => {
    const {certificate} = await shakeHands({rejectUnauthorized: false});
    return certificate.equals(derOf(fresh));
  }, 20_000);
  assert.equal((await gateway.deliver('pull_request', pullRequest(7002), {agent})).status, 200, 'the old connection');
  agent.destroy();
  gateway.ca = fresh;
  assert.notDeepEqual(before, fresh);
  assert.equal((await gateway.deliver('pull_request', pullRequest(7003))).status, 200);
});

test('a key that does not belong to the certificate changes nothing, and is said', async () => {
  makeCertificate(gateway.directory, {name: 'other'});
  const good = readFileSync(join(gateway.directory, 'tls.key'));
  renameSync(join(gateway.directory, 'other.key'), join(gateway.directory, 'tls.key'));
  await until('it is said', async () => /reload failed.*tls\.key/.test((await gateway.readiness()).text), 20_000);
  assert.equal((await gateway.deliver('pull_request', pullRequest(7004))).status, 200);
  assert.ok(!gateway.log.includes(good.toString().split('\n')[1]), 'no key in the log');
});

function derOf(pem) {
  return Buffer.from(pem.toString().replace(/-----[^-]+-----|\s/g, ''), 'base64');
}
