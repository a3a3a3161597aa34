// The public listener meets HTTP as it comes: odd but legal, illegal, slow, too large, forged.
import assert from 'node:assert/strict';
import http from 'node:http';

import {until} from './harness/deadlines.mjs';
import {Gateway, patience} from './harness/gateway.mjs';
import {deliveryHeaders, pullRequest, signature} from './harness/github.mjs';
import {RawConnection, request} from './harness/http_client.mjs';
import {after, before, test} from './harness/test.mjs';

const maxBody = 64 * 1024;
let gateway;
let number = 1000;

before(async () => {
  gateway = await Gateway.start({config: {hooks: {
    listen: '127.0.0.1:0', max_body: '64KiB', max_header: '8KiB', max_connections: 64,
    header_timeout: `${500 * patience}ms`, request_timeout: `${1000 * patience}ms`, idle_timeout: '20s',
  }}});
});
after(() => gateway.destroy());

const fresh = () => pullRequest(++number);
const post = (path, body, headers) => request(gateway.hooks + path, {method: 'POST', headers, body});

// The bytes of a delivery, for raw connections. `extra` is inserted as header lines; `length` null leaves its line out.
function rawDelivery(body, {target = '/hooks/github', extra = '', length = Buffer.byteLength(body)} = {}) {
  const headers = Object.entries(deliveryHeaders('pull_request', body, gateway.secret)).map(([name, value]) => `${name}: ${value}\r\n`);
  const size = length === null ? '' : `content-length: ${length}\r\n`;
  return `POST ${target} HTTP/1.1\r\nhost: localhost\r\n${size}${headers.join('')}${extra}\r\n${body}`;
}

function assertProblem(answer, status, reason) {
  assert.equal(answer.status, status, answer.text);
  assert.equal(answer.headers['content-type'], 'application/problem+json');
  assert.equal(answer.json.status, status);
  assert.equal(answer.json.reason, reason);
  assert.equal(typeof answer.json.title, 'string');
  assert.equal(answer.json.type, 'about:blank');
}

test('forged, unsigned and weakly signed deliveries get one and the same 401', async () => {
  const body = fresh();
  const good = deliveryHeaders('pull_request', body, gateway.secret);
  const right = good['x-hub-signature-256'];
  const flipped = right.slice(0, -1) + (right.endsWith('0') ? '1' : '0');
  const variants = {
    'another secret': {...good, 'x-hub-signature-256': signature(body, 'another secret')},
    'one digit changed': {...good, 'x-hub-signature-256': flipped},
    'one digit less': {...good, 'x-hub-signature-256': right.slice(0, -1)},
    'one digit more': {...good, 'x-hub-signature-256': right + '0'},
    'no prefix': {...good, 'x-hub-signature-256': right.slice('sha256='.length)},
    'an empty value': {...good, 'x-hub-signature-256': ''},
    'of another body': {...good, 'x-hub-signature-256': signature(body + ' ', gateway.secret)},
    'sha1 alone': {...good, 'x-hub-signature-256': undefined},
    'none at all': {...good, 'x-hub-signature-256': undefined, 'x-hub-signature': undefined},
    'sha1 in the place of sha256': {...good, 'x-hub-signature-256': good['x-hub-signature']},
  };
  const answers = new Set();
  for (const [name, headers] of Object.entries(variants)) {
    const sent = Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== undefined));
    const answer = await post('/hooks/github', body, sent);
    assert.equal(answer.status, 401, name);
    answers.add(answer.text);
  }
  assert.equal(answers.size, 1, `a sender can tell which check failed: ${[...answers]}`);
  assertProblem(await post('/hooks/github', body, {'content-type': 'application/json'}), 401, 'unauthorized');
  const accepted = await post('/hooks/github', body, good);
  assert.equal(accepted.json.status, 'accepted', 'none of the forgeries burnt the id or the digest of the real one');
});

test('each of the two secrets of a source is good', async () => {
  const answer = await gateway.deliver('pull_request', fresh(), {secret: gateway.secrets.GITHUB_OLD_SECRET});
  assert.equal(answer.json.status, 'accepted');
});

test('a form-encoded delivery is verified over its form bytes and read as JSON', async () => {
  const body = 'payload=' + encodeURIComponent(fresh()).replaceAll('%20', '+');
  const headers = deliveryHeaders('pull_request', body, gateway.secret, {contentType: 'application/x-www-form-urlencoded'});
  const answer = await post('/hooks/github', body, headers);
  assert.equal(answer.status, 200, answer.text);
  assert.equal(answer.json.status, 'accepted');
  assert.match(answer.json.work, /^github:acme\/api#\d+$/);
});

test('a chunked delivery is the same as one with a length', async () => {
  const body = fresh();
  const headers = deliveryHeaders('pull_request', body, gateway.secret);
  const chunks = body.match(/[\s\S]{1,37}/g);
  assert.equal((await post('/hooks/github', chunks, headers)).json.status, 'accepted');
  assert.equal((await post('/hooks/github', body, headers)).json.status, 'duplicate');
});

test('text of every script and a body split anywhere are verified byte by byte', async () => {
  const body = fresh().replace('Change', '\u{1F680} größer 変更 \\u0041');
  const bytes = Buffer.from(rawDelivery(body));
  const connection = await RawConnection.open(gateway.hooksPort);
  for (let at = 0; at < bytes.length; at += 101) connection.write(bytes.subarray(at, at + 101));
  const answer = await connection.answer();
  assert.equal(answer.json.status, 'accepted', answer.text);
  connection.close();
});

test('one connection serves many requests', async () => {
  const connection = await RawConnection.open(gateway.hooksPort);
  for (let i = 0; i < 20; ++i) {
    connection.write(rawDelivery(fresh()));
    assert.equal((await connection.answer()).json.status, 'accepted');
  }
  connection.close();
});

test('pipelined requests are answered in their order', async () => {
  const connection = await RawConnection.open(gateway.hooksPort);
  const first = fresh();
  connection.write(rawDelivery(first) + 'GET /nowhere HTTP/1.1\r\nhost: localhost\r\n\r\n' + rawDelivery(first) + rawDelivery(fresh()));
  const answers = [];
  for (let i = 0; i < 4; ++i) answers.push(await connection.answer());
  assert.deepEqual(answers.map(({status}) => status), [200, 404, 200, 200]);
  assert.deepEqual([0, 2, 3].map((i) => answers[i].json.status), ['accepted', 'duplicate', 'accepted']);
  connection.close();
});

test('Expect: 100-continue is answered before the body is sent', async () => {
  const body = fresh();
  const connection = await RawConnection.open(gateway.hooksPort);
  const whole = rawDelivery(body, {extra: 'expect: 100-continue\r\n'});
  connection.write(whole.slice(0, -body.length));
  assert.equal((await connection.answer()).status, 100);
  connection.write(body);
  assert.equal((await connection.answer()).json.status, 'accepted');
  connection.close();
});

test('a body that is announced too large is refused before it is sent', async () => {
  const connection = await RawConnection.open(gateway.hooksPort);
  connection.write(rawDelivery('', {length: maxBody + 1, extra: 'expect: 100-continue\r\n'}));
  assertProblem(await connection.answer(), 413, 'body_too_large');
  await connection.closed();
});

test('a chunked body is refused as soon as it is too large, though it never ends', async () => {
  const connection = await RawConnection.open(gateway.hooksPort);
  connection.write(rawDelivery('', {length: null, extra: 'transfer-encoding: chunked\r\n'}));
  const chunk = 'x'.repeat(16 * 1024);
  for (let sent = 0; sent <= maxBody; sent += chunk.length) connection.write(`${chunk.length.toString(16)}\r\n${chunk}\r\n`);
  assertProblem(await connection.answer(), 413, 'body_too_large');
  await connection.closed();
});

test('a body of exactly the limit is taken', async () => {
  const body = fresh().padEnd(maxBody, ' ');
  assert.equal(Buffer.byteLength(body), maxBody);
  assert.equal((await gateway.deliver('pull_request', body)).json.status, 'accepted');
});

test('slashes in the path are normalised, not redirected', async () => {
  const body = fresh();
  const headers = deliveryHeaders('pull_request', body, gateway.secret);
  for (const path of ['//hooks//github', '/hooks/github/', '///hooks/github//']) {
    const answer = await post(path, body, headers);
    assert.equal(answer.status, 200, `${path}: ${answer.text}`);
  }
});

test('what is no delivery is refused with its own reason', async () => {
  const body = fresh();
  const headers = deliveryHeaders('pull_request', body, gateway.secret);
  const text = deliveryHeaders('pull_request', body, gateway.secret, {contentType: 'text/plain'});
  const broken = '{"action":';
  assertProblem(await request(`${gateway.hooks}/hooks/github`), 405, 'method_not_allowed');
  assert.match((await request(`${gateway.hooks}/hooks/github`)).headers.allow, /\bPOST\b/);
  assertProblem(await post('/hooks/gitlab', body, headers), 404, 'unknown_source');
  assertProblem(await post('/hooks', body, headers), 404, 'not_found');
  assertProblem(await post('/hooks/github', body, text), 415, 'unsupported_media_type');
  assertProblem(await post('/hooks/github', broken, deliveryHeaders('push', broken, gateway.secret)), 400, 'malformed_body');
  const {['x-github-event']: _, ...nameless} = headers;
  assertProblem(await post('/hooks/github', body, nameless), 400, 'malformed_request');
});

test('the public listener serves nothing of the private one', async () => {
  for (const path of ['/v1/inbox', '/metrics', '/livez', '/readyz', '/v1/events']) {
    assert.equal((await request(gateway.hooks + path, {headers: {authorization: `Bearer ${gateway.tokens.operator}`}})).status, 404, path);
  }
});

test('requests that proxies and servers read differently are refused', async () => {
  const body = fresh();
  const doubled = {
    'two lengths': rawDelivery(body, {extra: `content-length: ${body.length + 1}\r\n`}),
    'a length and chunks': rawDelivery(body, {extra: 'transfer-encoding: chunked\r\n'}),
    'a signed length': rawDelivery(body, {length: `+${body.length}`}),
    'a space before the colon': rawDelivery(body, {extra: 'x-note : 1\r\n'}),
    'two signatures': rawDelivery(body, {extra: `x-hub-signature-256: ${signature(body, 'x')}\r\n`}),
    'no HTTP at all': 'hello, gateway\r\n\r\n',
  };
  for (const [name, bytes] of Object.entries(doubled)) {
    const connection = await RawConnection.open(gateway.hooksPort);
    connection.write(bytes);
    assert.equal((await connection.answer())?.status, 400, name);
    connection.close();
  }
});

test('a header section over the limit is 431', async () => {
  const connection = await RawConnection.open(gateway.hooksPort);
  connection.write(rawDelivery(fresh(), {extra: `x-padding: ${'x'.repeat(9000)}\r\n`}));
  assertProblem(await connection.answer(), 431, 'header_too_large');
  await connection.closed();
});

test('a header that does not come to its end is answered 408', async () => {
  const connection = await RawConnection.open(gateway.hooksPort);
  connection.write('POST /hooks/github HTTP/1.1\r\nhost: localhost\r\n');
  assertProblem(await connection.answer(), 408, 'request_timeout');
  await connection.closed();
});

test('a header that trickles in byte by byte gains no time', async () => {
  const connection = await RawConnection.open(gateway.hooksPort);
  const trickle = setInterval(() => connection.write('x'), 50);
  connection.write('POST /hooks/github HTTP/1.1\r\nx-slow: ');
  assertProblem(await connection.answer(5_000 * patience), 408, 'request_timeout');
  clearInterval(trickle);
  connection.close();
});

test('a body that stops half-way is answered 408', async () => {
  const body = fresh();
  const connection = await RawConnection.open(gateway.hooksPort);
  connection.write(rawDelivery(body).slice(0, -body.length / 2));
  assertProblem(await connection.answer(), 408, 'request_timeout');
  await connection.closed();
});

test('a client that leaves half-way disturbs nobody', async () => {
  for (let i = 0; i < 50; ++i) {
    const connection = await RawConnection.open(gateway.hooksPort);
    connection.write(rawDelivery(fresh()).slice(0, 40 * i));
    connection.close();
  }
  assert.equal((await gateway.deliver('pull_request', fresh())).json.status, 'accepted');
});

test('HTTP/1.0 is answered and the connection closed', async () => {
  const connection = await RawConnection.open(gateway.hooksPort);
  connection.write(rawDelivery(fresh()).replace('HTTP/1.1', 'HTTP/1.0'));
  assert.equal((await connection.answer()).json.status, 'accepted');
  await connection.closed();
});

test('at the limit of connections one that does nothing gives way to a new one', async () => {
  const crowd = [];
  for (let i = 0; i < 64; ++i) crowd.push(await RawConnection.open(gateway.hooksPort));
  const late = await RawConnection.open(gateway.hooksPort);
  late.write(rawDelivery(fresh()));
  assert.equal((await late.answer()).status, 200);
  late.close();
  await until('one of the crowd was ended', async () => (await gateway.scrape()).value('signalbox_connections_crowded_out_total') > 0);
  for (const connection of crowd) connection.close();
});

test('an agent of node:http with sixteen sockets is served on all of them', async () => {
  const agent = new http.Agent({keepAlive: true, maxSockets: 16});
  const answers = await Promise.all(Array.from({length: 200}, () => gateway.deliver('pull_request', fresh(), {agent})));
  assert.deepEqual([...new Set(answers.map(({json}) => json.status))], ['accepted']);
  agent.destroy();
});
