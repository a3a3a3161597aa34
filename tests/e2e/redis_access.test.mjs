// The ways to a Redis of one's own: TLS, users, databases, sockets, namespaces; and what is said where one is wrong.
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {mkdtempSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';

import {until} from './harness/deadlines.mjs';
import {Gateway, patience} from './harness/gateway.mjs';
import {pullRequest} from './harness/github.mjs';
import {freePorts} from './harness/ports.mjs';
import {RedisServer} from './harness/redis_server.mjs';
import {after, before, test} from './harness/test.mjs';

const catchAll = `rules:
  - name: everything
    events: [github]
    send: [{to: reviewer, kind: event, data: {delivery: '\${event.delivery}'}}]
`;

let redis;
let port;
let tlsPort;
const password = 'hunter2-hunter2';
before(async () => {
  redis = await RedisServer.start();
  certify(redis.directory);
  [port, tlsPort] = await freePorts(2);
  const file = (name) => join(redis.directory, name);
  await redis.command('CONFIG', 'SET', 'tls-cert-file', file('redis.crt'), 'tls-key-file', file('redis.key'), 'tls-ca-cert-file', file('ca.crt'),
                      'tls-auth-clients', 'yes', 'tls-port', String(tlsPort), 'port', String(port));
  await redis.command('ACL', 'SETUSER', 'gateway', 'on', `>${password}`, '~sb9:*', '&sb9:*', '-@all', '+@read', '+@write', '+@scripting', '+@pubsub',
                      '+@connection', '+time', '+info', '+config|get');
});
after(() => redis.destroy());

async function withGateway(config, use) {
  const gateway = new Gateway(mkdtempSync(join(tmpdir(), 'signalbox-e2e-')));
  gateway.secrets.REDIS_PASSWORD = password;
  gateway.writeConfig(config, catchAll);
  try {
    return await use(gateway);
  } finally {
    await gateway.destroy();
  }
}

async function delivers(gateway) {
  await gateway.launch();
  const waiting = gateway.call('POST', '/v1/inbox/receive', {body: {max: 1, wait: '20s'}});
  await until('somebody waits', async () => /signalbox_api_requests_total [2-9]/.test((await gateway.call('GET', '/metrics', {as: null})).text));
  assert.equal((await gateway.deliver('pull_request', pullRequest(1), {id: 'first'})).json.status, 'accepted');
  assert.equal((await waiting).json.messages[0].message.data.delivery, 'first');
}

test('by TLS with a client certificate, a user with few rights, and a database', async () => {
  const file = (name) => join(redis.directory, name);
  const tls = {ca: file('ca.crt'), certificate: file('redis.crt'), key: file('redis.key'), server_name: 'redis.internal'};
  const url = `rediss://gateway@127.0.0.1:${tlsPort}/5`;
  await withGateway({redis: {url, password: {env: 'REDIS_PASSWORD'}, prefix: 'sb9', tls}}, async (gateway) => {
    await delivers(gateway);
    await gateway.says(new RegExp(`rediss://127.0.0.1:${tlsPort}`));
    assert.ok(!gateway.log.includes(password));
    assert.match(await redis.command('INFO', 'keyspace'), /db5:keys=/);
  });
});

test('by TCP and by unix socket', async () => {
  await withGateway({redis: {url: `redis://127.0.0.1:${port}/6`}}, delivers);
  await withGateway({redis: {url: `unix://${redis.socket}?db=7`}}, delivers);
});

// An operator on the command line, in the namespace of the source `github`.
function followsNamespace(gateway) {
  const cli = (...words) => {
    const {code, out, err} = gateway.cli(...words);
    assert.equal(code, 0, err);
    return JSON.parse(out);
  };
  const [found] = cli('events', '--namespace', 'blue', '--json').events;
  assert.equal(found.delivery, 'first');
  assert.equal(cli('event', found.id, '--namespace', 'blue', '--json').delivery, 'first');
  assert.equal(cli('explain', found.id, '--namespace', 'blue', '--json').rules.length, 1);
  assert.equal(cli('replay', found.id, '--namespace', 'blue', '--dry-run', '--json').messages.length, 1);
  assert.equal(cli('send', '--to', 'reviewer', '--summary', 'hi', '--namespace', 'blue', '--json').messages.length, 1);
  assert.equal(gateway.cli('event', found.id).code, 1);
  assert.match(gateway.cli('events', '--namespace', 'blue').out, /explain e_\S+ --namespace blue/);
  const unknown = gateway.cli('events', '--namespace', 'red');
  assert.equal(unknown.code, 1);
  assert.match(unknown.err, /namespace/);
  assert.equal(gateway.cli('send', '--to', 'reviewer', '--agent', 'reviewer', '--namespace', 'blue').code, 2);
}

test('a source decides for the agents of its namespace only, and the rest is a failed rule', async () => {
  const config = {
    redis: {url: `unix://${redis.socket}?db=8`},
    sources: {github: {connector: 'github', secrets: [{env: 'GITHUB_WEBHOOK_SECRET'}], namespace: 'blue'},
              mirror: {connector: 'github', secrets: [{env: 'GITHUB_OLD_SECRET'}]}},
    agents: {reviewer: {tokens: [{env: 'REVIEWER_TOKEN'}], topics: ['all'], namespace: 'blue'}, coder: {tokens: [{env: 'CODER_TOKEN'}], topics: ['all']}},
  };
  await withGateway(config, async (gateway) => {
    await delivers(gateway);
    const elsewhere = await gateway.deliver('pull_request', pullRequest(2), {id: 'second', source: 'mirror', secret: gateway.secrets.GITHUB_OLD_SECRET});
    assert.equal(elsewhere.json.status, 'dropped');
    assert.match(elsewhere.json.detail, /'reviewer' is in namespace 'blue', the source in 'main'/);
    assert.match((await gateway.call('GET', '/metrics', {as: null})).text, /signalbox_rules_failed_total 1\n/);
    const replayed = await until('its body is archived', async () => {
      const answer = await gateway.call('POST', `/v1/events/${elsewhere.json.event}/replay`, {as: 'operator', body: {}});
      return answer.status === 404 ? undefined : answer.json;
    });
    assert.equal(replayed.status, 'dropped', 'nor does a replay');
    assert.deepEqual(replayed.messages, []);
    assert.match(replayed.failures[0].detail, /'reviewer' is in namespace 'blue'/);
    const events = async (query) => (await gateway.call('GET', `/v1/events${query}`, {as: 'operator'})).json.events.map(({delivery}) => delivery);
    assert.deepEqual(await events(''), ['second']);
    assert.deepEqual(await events('?namespace=blue'), ['first']);
    assert.equal((await gateway.call('GET', '/v1/events?namespace=red', {as: 'operator'})).status, 404);
    assert.equal((await gateway.call('GET', '/v1/inbox?agent=reviewer', {as: 'operator'})).json.leased, 1);
    const send = (as, to) => gateway.call('POST', '/v1/messages', {as, body: {to, kind: 'note', summary: 'hello'}});
    assert.equal((await send('coder', 'reviewer')).status, 404);
    assert.equal((await send('operator', 'reviewer')).status, 201);
    assert.deepEqual((await send('coder', 'topic:all')).json.messages.map(({mailbox}) => mailbox), ['coder']);
    followsNamespace(gateway);
  });
});

for (const [what, redisConfig, said] of [
  ['nobody listens', () => ({url: 'redis://127.0.0.1:1'}), /127\.0\.0\.1:1: Connection refused/],
  ['a name that nobody has', () => ({url: 'redis://redis.invalid'}), /redis\.invalid:6379: (Host not found|.*again)/],
  ['another authority', () => ({url: `rediss://127.0.0.1:${tlsPort}`}), /TLS: the certificate was refused: /],
  ['another host', () => ({url: `rediss://127.0.0.1:${tlsPort}`, tls: {ca: join(redis.directory, 'ca.crt'), server_name: 'other.internal'}}),
   /the certificate was refused: hostname mismatch/i],
  ['no client certificate', () => ({url: `rediss://127.0.0.1:${tlsPort}`, tls: {ca: join(redis.directory, 'ca.crt'), server_name: 'redis.internal'}}), /rediss:.*(certificate required|reset|truncated|pipe)/i],
  ['a wrong password', () => ({url: `redis://nobody@127.0.0.1:${port}`, password: {env: 'REDIS_PASSWORD'}}), /WRONGPASS/],
]) {
  test(`what keeps the gateway from Redis is named: ${what}`, () => withGateway({redis: redisConfig()}, async (gateway) => {
    await assert.rejects(() => Promise.race([gateway.launch(), until('it is named', async () => {
      const answer = gateway.api && await gateway.call('GET', '/readyz?verbose', {as: null}).catch(() => undefined);
      if (answer?.status === 503 && said.test(answer.text)) throw new Error('named');
    }, 30_000 * patience)]), /named/);
    await gateway.says(said);
    assert.ok(!gateway.log.includes(password));
  }));
}

test('a configuration with a password in the URL is refused, and the password not shown', () => withGateway({redis: {url: `redis://u:${password}@127.0.0.1`}}, (gateway) => {
  const checked = gateway.cli('check');
  assert.equal(checked.code, 2);
  assert.match(checked.out + checked.err, /must hold no password/);
  assert.ok(!(checked.out + checked.err).includes(password));
}));

// An authority, and a certificate of it for redis.internal.
function certify(directory) {
  const openssl = (...words) => execFileSync('openssl', words, {cwd: directory, stdio: 'ignore'});
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  writeFileSync(join(directory, 'names'), 'subjectAltName=DNS:redis.internal');
  openssl('req', '-x509', ...key, '-days', '2', '-subj', '/CN=authority', '-keyout', 'ca.key', '-out', 'ca.crt');
  openssl('req', ...key, '-subj', '/CN=redis', '-keyout', 'redis.key', '-out', 'redis.csr');
  openssl('x509', '-req', '-in', 'redis.csr', '-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2', '-extfile', 'names', '-out', 'redis.crt');
}
