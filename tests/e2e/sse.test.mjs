// Mailboxes as streams of server-sent events, and thousands that wait.
import assert from 'node:assert/strict';
import http from 'node:http';
import net from 'node:net';

import {until, within} from './harness/deadlines.mjs';
import {Gateway, patience} from './harness/gateway.mjs';
import {EventStream} from './harness/sse.mjs';
import {after, afterEach, before, test} from './harness/test.mjs';

let gateway;
before(async () => { gateway = await Gateway.start({config: {api: {max_connections: 5000, max_connections_per_address: 5000}}}); });
after(() => gateway.destroy());

const streams = [];
const open = async (body = {}, options = {}) => {
  const stream = new EventStream(gateway, {body, ...options});
  streams.push(stream);
  return stream.answered;
};
const send = async (body, to = 'reviewer') => {
  const answer = await gateway.call('POST', '/v1/messages', {as: 'coder', body: {to, kind: 'note', ...body}});
  assert.equal(answer.status, 201, answer.text);
  return answer.json.messages[0].id;
};
const counts = async (as = 'reviewer') => (await gateway.call('GET', '/v1/inbox', {as})).json;
const ack = (...receipts) => gateway.call('POST', '/v1/inbox/ack', {body: {receipts}});
afterEach(async () => {
  for (const stream of streams.splice(0)) {
    stream.close();
    for (const {data: {receipt}} of stream.events) if (receipt) await ack(receipt);
  }
  await gateway.drainMailbox();
});

test('a stream brings what is there and what comes, each with its receipt', async () => {
  const early = await send({data: {summary: 'early'}});
  const stream = await open({max: 10});
  assert.equal(stream.status, 200);
  assert.equal(stream.headers['content-type'], 'text/event-stream');
  assert.equal(stream.headers['cache-control'], 'no-store');
  await stream.first(1);
  const late = await send({data: {summary: 'late\nwith a line'}});
  const [first, second] = await stream.first(2);
  assert.deepEqual([first.id, second.id], [early, late]);
  assert.equal(first.event, 'message');
  assert.equal(first.data.deliveries, 1);
  assert.equal(first.data.message.id, early);
  assert.equal(second.data.message.data.summary, 'late\nwith a line');
  assert.deepEqual((await ack(first.data.receipt, second.data.receipt)).json.expired, []);
});

test('no more messages are with a client than it takes at a time', async () => {
  for (let i = 0; i < 5; ++i) await send({data: {i}});
  const stream = await open({max: 2});
  const [first] = await stream.first(2);
  const {ready, leased} = await counts();
  assert.deepEqual({ready, leased}, {ready: 3, leased: 2});
  await ack(first.data.receipt);
  const [, , third] = await stream.first(3);
  assert.equal(third.data.message.data.i, 2);
  assert.equal((await counts()).leased, 2);
});

test('a stream whose window is full leaves messages to others', async () => {
  const full = await open({max: 1});
  await send({data: {n: 1}});
  await full.first(1);
  const other = await open({max: 1});
  await send({data: {n: 2}});
  const [{data}] = await other.first(1, 3_000 * patience);
  assert.equal(data.message.data.n, 2);
  assert.equal(full.events.length, 1);
});

test('later messages of a work come when the first is acknowledged', async () => {
  const work = 'github:acme/api#4711';
  for (const n of [1, 2]) await send({work, data: {n}});
  const stream = await open({max: 10});
  const [first] = await stream.first(1);
  assert.equal((await counts()).waiting, 1);
  assert.equal(stream.events.length, 1);
  await ack(first.data.receipt);
  assert.equal((await stream.first(2))[1].data.message.data.n, 2);
});

test('one message goes to one of several streams', async () => {
  const several = await Promise.all(Array.from({length: 8}, () => open({})));
  const id = await send({data: {}});
  await until('one stream has it', () => several.some(({events}) => events.length > 0));
  await send({data: {}}, 'coder');  // an answer that came after: all has been handed out
  assert.deepEqual(several.flatMap(({events}) => events.map((event) => event.id)), [id]);
  await gateway.drainMailbox('coder');
});

test('a client that goes away is no longer given anything', async () => {
  const stream = await open({});
  stream.close();
  await send({data: {summary: 'for the living'}});
  const {json} = await gateway.call('POST', '/v1/inbox/receive', {body: {wait: '10s', visibility: '60s'}});
  assert.equal(json.messages[0]?.message.data.summary, 'for the living');
  assert.equal(json.messages[0].deliveries, 1, 'nobody was given it before');
  await ack(json.messages[0].receipt);
});

test('what a client does not read is given back', async () => {
  // It says that it takes a hundred, and reads nothing: the gateway writes until the socket is full, then gives up.
  const text = 'x'.repeat(60_000);
  for (let i = 0; i < 300; ++i) await send({data: {text, i}});
  const body = '{"max":100,"visibility":"12h"}';
  const socket = net.connect({port: gateway.apiPort, host: '127.0.0.1'});
  socket.pause();
  await within('a connection', new Promise((resolve) => socket.once('connect', resolve)));
  socket.write(`POST /v1/inbox/receive HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${gateway.tokens.reviewer}\r\nAccept: text/event-stream\r\n` +
               `Content-Length: ${body.length}\r\n\r\n${body}`);
  let seen = {leased: 0, since: performance.now()};
  const stuck = await until('for a second no more are leased', async () => {
    const {leased} = await counts();
    if (leased !== seen.leased) seen = {leased, since: performance.now()};
    return leased > 0 && performance.now() - seen.since > 1_000 * patience ? leased : undefined;
  }, 30_000 * patience);
  assert.ok(stuck < 100, `${stuck} of 100 messages fit into the sockets: the test shows nothing`);
  socket.resetAndDestroy();
  await until('what was leased and could not be sent is given back', async () => (await counts()).leased < stuck);
});

test('a stream ends cleanly at the longest life of its connection', async () => {
  const brief = await Gateway.start({config: {api: {connection_timeout: '1s'}}});
  try {
    const stream = await new EventStream(brief).answered;
    await until('the stream ends', () => stream.ended, 10_000 * patience);
    assert.ok(!stream.broken);
  } finally {
    await brief.destroy();
  }
});

test('a stream ends cleanly when the gateway drains, and the gateway does not wait for it', async () => {
  const other = await Gateway.start();
  try {
    const idle = await new EventStream(other).answered;
    const full = await new EventStream(other, {as: 'coder'}).answered;
    for (let i = 0; i < 2; ++i) await other.call('POST', '/v1/messages', {body: {to: 'coder', kind: 'note', data: {i}}});
    await full.first(1);
    const {code} = await other.stop();
    assert.equal(code, 0);
    await until('both have ended', () => idle.ended && full.ended);
    assert.equal(full.events.length, 1);
  } finally {
    await other.destroy();
  }
});

test('what makes no stream is a problem, not a stream', async () => {
  const headers = {accept: 'text/event-stream'};
  for (const body of [{max: 0}, {max: 101}, {wait: '1s'}, {max_bytes: 1000}, {visibility: 'x'}]) {
    const answer = await gateway.call('POST', '/v1/inbox/receive', {body, headers});
    assert.equal(answer.status, 400, JSON.stringify(body));
    assert.equal(answer.headers['content-type'], 'application/problem+json');
  }
  const answer = await gateway.call('POST', '/v1/inbox/receive', {as: null, body: {}, headers});
  assert.equal(answer.status, 401);
});

test('two thousand wait on two threads; a message wakes one of them, and nobody holds a buffer', async () => {
  const waiting = 2000;
  const metric = async (name) => {
    const {text} = await gateway.call('GET', '/metrics', {as: null});
    return Number(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)$`, 'm').exec(text)[1]);
  };
  const before = await metric('signalbox_api_requests_total');
  const answers = [];
  const polls = [];
  for (let i = 0; i < waiting; ++i) {
    const body = '{"wait":"60s"}';
    const poll = http.request(`${gateway.api}/v1/inbox/receive`, {
      method: 'POST', agent: false,
      headers: {authorization: `Bearer ${gateway.tokens.reviewer}`, 'content-length': body.length}});
    poll.on('error', () => {});
    poll.on('response', (response) => {
      let text = '';
      response.on('data', (part) => { text += part; });
      response.on('end', () => answers.push(JSON.parse(text)));
    });
    poll.end(body);
    polls.push(poll);
  }
  try {
    await until('all wait', async () => await metric('signalbox_api_requests_total') >= before + waiting, 60_000 * patience);
    await until('no buffers are held but for this question', async () => await metric('signalbox_buffered_bytes') <= 2 * 64 * 1024, 30_000 * patience);
    for (let i = 1; i <= 3; ++i) {
      const asked = await metric('signalbox_redis_round_trip_seconds_count');
      const began = performance.now();
      const id = await send({data: {i}});
      await until('one has it', () => answers.length === i, 10_000 * patience);
      assert.equal(answers[i - 1].messages[0].message.id, id);
      const trips = await metric('signalbox_redis_round_trip_seconds_count') - asked;
      // The send, one look by each thread's waiter, and the slow polls of the time that it took.
      assert.ok(trips <= 10 + (performance.now() - began) / 1000, `${trips} calls to Redis for one message`);
      await ack(answers[i - 1].messages[0].receipt);
    }
  } finally {
    for (const poll of polls) poll.destroy();
  }
});
