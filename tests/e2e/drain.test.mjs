// SIGTERM under load: what was accepted is answered, what was answered is stored, and the exit code is 0.
import assert from 'node:assert/strict';

import {until} from './harness/deadlines.mjs';
import {Gateway, isRunning, patience} from './harness/gateway.mjs';
import {deliveryHeaders, pullRequest} from './harness/github.mjs';
import {RawConnection} from './harness/http_client.mjs';
import {Load, allEvents} from './harness/load.mjs';
import {afterEach, beforeEach, test} from './harness/test.mjs';

const drainMs = 5_000 * patience;
let gateway;

beforeEach(async () => { gateway = await Gateway.start({config: {
  drain_timeout: `${drainMs}ms`, hooks: {listen: '127.0.0.1:0', header_timeout: `${drainMs / 5}ms`},
}}); });
afterEach(() => gateway.destroy());

async function stopTimed(signal) {
  const began = performance.now();
  const exit = await gateway.stop(signal);
  return {...exit, tookMs: performance.now() - began};
}

for (const signal of ['SIGTERM', 'SIGINT']) {
  test(`${signal} under load loses no acknowledged delivery and exits 0`, async () => {
    const load = new Load(gateway, 600);
    let stopped;
    await load.run((acknowledged) => {
      if (acknowledged >= 200) stopped ??= stopTimed(signal);
    });
    const {code, tookMs} = await stopped;
    assert.equal(code, 0, gateway.log);
    assert.ok(tookMs < drainMs, `${tookMs} ms`);
    assert.ok(load.missing.length > 0, 'it stopped in the middle');

    await gateway.launch();
    const stored = new Set((await allEvents(gateway)).map(({delivery}) => delivery));
    const lost = [...load.acknowledged.keys()].filter((delivery) => !stored.has(delivery));
    assert.deepEqual(lost, []);
    assert.equal((await gateway.drainMailbox()).length, stored.size);
  });
}

test('requests that are under way at SIGTERM are answered', async () => {
  const body = pullRequest(1);
  const headers = Object.entries(deliveryHeaders('pull_request', body, gateway.secret)).map(([name, value]) => `${name}: ${value}\r\n`);
  const bytes = `POST /hooks/github HTTP/1.1\r\nhost: localhost\r\ncontent-length: ${body.length}\r\n${headers.join('')}\r\n${body}`;
  const connection = await RawConnection.open(gateway.hooksPort);
  // Answered once, so that the gateway surely holds this connection when the signal comes.
  connection.write('GET /nowhere HTTP/1.1\r\nhost: localhost\r\n\r\n');
  assert.equal((await connection.answer()).status, 404);
  connection.write(bytes.slice(0, -10));
  const polling = gateway.call('POST', '/v1/inbox/receive', {body: {wait: '60s'}});
  await gateway.call('GET', '/v1/inbox');
  const stopped = stopTimed('SIGTERM');
  connection.write(bytes.slice(-10));
  const answer = await connection.answer();
  assert.equal(answer?.status, 200, answer?.text);
  assert.equal(answer.headers.connection, 'close');
  assert.ok([200, 503].includes((await polling).status), 'a long poll is answered, not cut');
  const {code, tookMs} = await stopped;
  assert.equal(code, 0);
  assert.ok(tookMs < drainMs, `${tookMs} ms`);
});

test('connections that idle or dawdle do not hold the end up', async () => {
  const idle = await RawConnection.open(gateway.hooksPort);
  const dawdling = await RawConnection.open(gateway.hooksPort);
  dawdling.write('POST /hooks/github HTTP/1.1\r\nhost: loc');
  await gateway.call('GET', '/v1/inbox');
  const {code, tookMs} = await stopTimed('SIGTERM');
  assert.equal(code, 0);
  assert.ok(tookMs < drainMs, `${tookMs} ms`);
  idle.close();
  dawdling.close();
});

test('halves of requests hold the end up for moments only: they are answered 503, and the end is clean', async () => {
  const body = await RawConnection.open(gateway.hooksPort);
  body.write('POST /hooks/github HTTP/1.1\r\nhost: localhost\r\ncontent-length: 100\r\n\r\n{');
  const head = await RawConnection.open(gateway.hooksPort);
  head.write('POST /hooks/github HTTP/1.1\r\nhost: loc');
  await gateway.call('GET', '/v1/inbox');
  const {code, tookMs} = await stopTimed('SIGTERM');
  assert.equal(code, 0, gateway.log);
  assert.ok(tookMs < 3_000 * patience, `${tookMs} ms`);
  for (const dawdling of [body, head]) {
    const answer = await dawdling.answer();
    assert.equal(answer.status, 503);
    assert.equal(answer.json.reason, 'draining');
    dawdling.close();
  }
});

test('a second signal ends it at once, whatever is under way', async () => {
  process.kill(gateway.redisPid(), 'SIGSTOP');
  const delivery = gateway.deliver('pull_request', pullRequest(1)).catch(() => undefined);
  await until('the delivery is under way', async () => (await gateway.scrape()).value('signalbox_deliveries_received_total', {source: 'github'}) > 0);
  gateway.child.kill('SIGTERM');
  await gateway.says(/msg=draining/);
  const {code, tookMs} = await stopTimed('SIGINT');
  assert.equal(code, 1, gateway.log);
  assert.ok(tookMs < 2_000 * patience, `${tookMs} ms`);
  await delivery;
});

test('with drain.delay a gateway goes on serving while /readyz says 503, so that balancers notice first', async () => {
  const delayMs = 1_000 * patience;
  const other = await Gateway.start({config: {drain_timeout: `${drainMs}ms`, drain: {delay: `${delayMs}ms`}}});
  try {
    other.child.kill('SIGTERM');
    await until('/readyz is 503', async () => (await other.readiness()).status === 503);
    assert.match((await other.readiness()).text, /\[-\] listener: draining/);
    assert.equal((await other.deliver('pull_request', pullRequest(2))).json.status, 'accepted');
    const began = performance.now();
    assert.equal((await other.exited).code, 0);
    assert.ok(performance.now() - began < drainMs);
    await other.launch();
    const at = performance.now();
    assert.equal((await other.stop('SIGINT')).code, 0);
    assert.ok(performance.now() - at < delayMs, 'nobody waits who pressed Ctrl-C');
  } finally {
    await other.destroy();
  }
});

test('no Redis is left behind', async () => {
  const pid = gateway.redisPid();
  assert.ok(pid, 'the gateway has a Redis of its own');
  assert.equal((await gateway.stop('SIGTERM')).code, 0);
  assert.ok(!isRunning(pid));
});
