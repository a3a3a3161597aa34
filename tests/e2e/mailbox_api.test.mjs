// The private listener: agents read and write their mailboxes.
import assert from 'node:assert/strict';

import {until} from './harness/deadlines.mjs';
import {Gateway, patience} from './harness/gateway.mjs';
import {pullRequest} from './harness/github.mjs';
import {request} from './harness/http_client.mjs';
import {after, afterEach, before, test} from './harness/test.mjs';

const rules = `rules:
  - name: review-opened
    events: [github.pull_request.opened]
    match: {pull_request: {draft: [false]}, repository: {full_name: [{prefix: "acme/"}]}}
    send:
      - {to: reviewer, kind: assign, task: review, summary: 'Review \${body.pull_request.title}',
         data: {head: '\${body.pull_request.head.sha}', files: '\${body.pull_request.changed_files}'}}
`;

let gateway;
let number = 0;

before(async () => { gateway = await Gateway.start({rules}); });
after(() => gateway.destroy());
// Nothing of one test is left for the next, neither waiting nor leased.
afterEach(async () => {
  for (const {as, receipt} of held.splice(0)) await gateway.call('POST', '/v1/inbox/ack', {as, body: {receipts: [receipt]}});
  for (const as of ['reviewer', 'coder']) {
    await gateway.drainMailbox(as);
    const {ready, leased, waiting} = (await gateway.call('GET', '/v1/inbox', {as})).json;
    assert.deepEqual({ready, leased, waiting}, {ready: 0, leased: 0, waiting: 0});
  }
});

const deliver = async (count = 1) => {
  const answers = [];
  for (let i = 0; i < count; ++i) answers.push((await gateway.deliver('pull_request', pullRequest(++number))).json);
  return answers;
};
const held = [];  // what was received
const receive = async (body, as = 'reviewer') => {
  const {json} = await gateway.call('POST', '/v1/inbox/receive', {as, body});
  held.push(...json.messages.map(({receipt}) => ({as, receipt})));
  return json;
};
const send = (body, options = {}) => gateway.call('POST', '/v1/messages', {as: 'coder', body, ...options});

function assertProblem(answer, status, reason) {
  assert.equal(answer.status, status, answer.text);
  assert.equal(answer.headers['content-type'], 'application/problem+json');
  assert.equal(answer.json.reason, reason, answer.text);
  assert.equal(answer.json.status, status);
}

test('a webhook becomes the CloudEvent that its rule describes', async () => {
  const [{event, work}] = await deliver();
  assert.equal(work, `github:acme/api#${number}`);
  const {messages, remaining} = await receive({max: 10});
  assert.equal(remaining, 0);
  assert.equal(messages.length, 1);
  const [{receipt, deliveries, message}] = messages;
  assert.equal(deliveries, 1);
  assert.match(receipt, /^m_/);
  const {id, time, sequence, workid, ...rest} = message;
  assert.match(id, /^m_/);
  assert.match(workid, /^w_/);
  assert.ok(!Number.isNaN(Date.parse(time)));
  assert.match(sequence, /^\d+$/);
  assert.equal(typeof sequence, 'string');
  assert.deepEqual(rest, {
    specversion: '1.0', source: 'signalbox://e2e', type: 'dev.signalbox.assign', subject: work, datacontenttype: 'application/json',
    recipient: 'reviewer', sender: 'rule:review-opened', taskid: 'review', causationid: event, hop: 1, authortrust: 'member',
    actorkind: 'human',
    data: {summary: `Review Change ${number}`, head: JSON.parse(pullRequest(number)).pull_request.head.sha, files: 3},
  });
});

test('peeking leases nothing and shows the state of each message', async () => {
  await deliver(2);
  for (const state of ['ready', 'ready']) {
    const peeked = (await gateway.call('GET', '/v1/inbox?max=10')).json;
    assert.equal(peeked.agent, 'reviewer');
    assert.equal(peeked.ready, 2);
    assert.equal(peeked.messages[0].state, state);
  }
  const {messages: [{receipt}]} = await receive({});
  const peeked = (await gateway.call('GET', '/v1/inbox')).json;
  assert.deepEqual({ready: peeked.ready, leased: peeked.leased}, {ready: 1, leased: 1});
  assert.equal((await gateway.call('POST', '/v1/inbox/nack', {body: {receipts: [receipt]}})).status, 200);
});

test('later messages of a work wait until the first is acknowledged', async () => {
  const work = 'github:acme/api#77777';
  for (const summary of ['first', 'second', 'third']) await send({to: 'reviewer', kind: 'note', work, data: {summary}});
  const given = [];
  for (let i = 0; i < 3; ++i) {
    const {messages} = await receive({max: 10});
    assert.equal(messages.length, 1, 'one message of a work at a time');
    given.push(messages[0].message.data.summary);
    assert.equal((await receive({max: 10})).messages.length, 0);
    await gateway.call('POST', '/v1/inbox/ack', {body: {receipts: [messages[0].receipt]}});
  }
  assert.deepEqual(given, ['first', 'second', 'third']);
});

test('a message that is given back comes again, and its old receipt is worth nothing', async () => {
  await deliver();
  const {messages: [first]} = await receive({});
  const given = await gateway.call('POST', '/v1/inbox/nack', {body: {receipts: [first.receipt]}});
  assert.deepEqual(given.json, {done: [first.receipt], expired: []});
  const {messages: [second]} = await receive({});
  assert.equal(second.message.id, first.message.id);
  assert.equal(second.deliveries, 2);
  assert.notEqual(second.receipt, first.receipt);
  const late = await gateway.call('POST', '/v1/inbox/ack', {body: {receipts: [first.receipt, second.receipt]}});
  assertProblem(late, 409, 'receipt_expired');
  assert.deepEqual(late.json.done, [second.receipt], 'what could be done is done');
  assert.deepEqual(late.json.expired, [first.receipt]);
});

test('a lease that runs out gives the message to the next reader', async () => {
  await deliver();
  const {messages: [first]} = await receive({visibility: '1s'});
  const {messages: [second]} = await receive({wait: '10s'});
  assert.equal(second.message.id, first.message.id);
  assertProblem(await gateway.call('POST', '/v1/inbox/ack', {body: {receipts: [first.receipt]}}), 409, 'receipt_expired');
});

test('a lease that is extended is kept', async () => {
  await deliver();
  const {messages: [{receipt}]} = await receive({visibility: '1s'});
  const extended = await gateway.call('POST', '/v1/inbox/extend', {body: {receipts: [receipt], visibility: '60s'}});
  assert.deepEqual(extended.json.done, [receipt]);
  assert.deepEqual((await receive({wait: '1500ms'})).messages, []);
  assert.equal((await gateway.call('POST', '/v1/inbox/ack', {body: {receipts: [receipt]}})).status, 200);
});

test('a long poll is woken by the message that it waits for', async () => {
  const began = performance.now();
  const waiting = receive({wait: '30s'});
  await until('the poll is there', async () => (await deliver()).length === 1);
  const {messages} = await waiting;
  assert.equal(messages.length, 1);
  assert.ok(performance.now() - began < 10_000 * patience, 'it was woken, not timed out');
});

test('of several polls one gets the message', async () => {
  const polls = Array.from({length: 5}, () => receive({wait: '2s'}));
  await deliver();
  const received = (await Promise.all(polls)).flatMap(({messages}) => messages);
  assert.equal(received.length, 1);
});

test('with a byte budget what must be acted on comes first, and the rest is summarised', async () => {
  const work = 'github:acme/api#88';
  await send({to: 'reviewer', kind: 'note', data: {text: 'x'.repeat(3000)}});
  for (const n of [1, 2]) await send({to: 'reviewer', kind: 'note', work, data: {text: 'y'.repeat(3000), n}});
  await deliver();
  const answer = await gateway.call('POST', '/v1/inbox/receive', {body: {max: 10, max_bytes: 2000}});
  const {messages, remaining, digest} = answer.json;
  held.push(...messages.map(({receipt}) => ({as: 'reviewer', receipt})));
  assert.deepEqual(messages.map(({message}) => message.type), ['dev.signalbox.assign']);
  assert.equal(messages[0].truncated, undefined);
  assert.equal(remaining, 3);
  assert.equal(digest.count, 3);
  assert.deepEqual(digest.by_kind, {note: 3});
  assert.equal(digest.reference, '/v1/inbox');
  assert.equal(digest.by_work.length, 1);
  assert.match(digest.by_work[0].work, /^w_/);
  assert.equal(digest.by_work[0].count, 2);
  assert.equal((await gateway.call('GET', '/v1/inbox')).json.leased, 1, 'what is summarised is not leased');
});

test('an oversized message that must be acted on comes truncated, and the whole is a reference away', async () => {
  const summary = `Decide "${'ü'.repeat(400)}"`;
  const sent = await gateway.call('POST', '/v1/messages',
                                  {as: 'operator', body: {to: 'reviewer', kind: 'decision', work: 'github:acme/api#89', task: 'review', summary, data: {text: 'x'.repeat(9000)}}});
  assert.equal(sent.status, 201, sent.text);
  const [{receipt, deliveries, truncated, reference, message}] = (await receive({max_bytes: 700})).messages;
  assert.equal(truncated, true);
  assert.equal(deliveries, 1);
  assert.equal(message.id, sent.json.messages[0].id);
  assert.equal(message.type, 'dev.signalbox.decision');
  assert.equal(message.taskid, 'review');
  assert.match(message.workid, /^w_/);
  assert.ok(message.data.summary.endsWith('…') && summary.startsWith(message.data.summary.slice(0, -1)), message.data.summary);
  assert.equal(message.data.text, undefined);
  assert.equal(reference, `/v1/messages/${message.id}`);
  const whole = await gateway.call('GET', reference);
  assert.equal(whole.json.data.text.length, 9000);
  assert.equal(whole.json.sequence, message.sequence);
  assert.equal((await gateway.call('GET', reference, {as: 'coder'})).status, 404, 'nobody else\'s');
  assert.equal((await gateway.call('GET', `${reference}?agent=reviewer`, {as: 'operator'})).status, 200);
  assert.equal((await gateway.call('POST', '/v1/inbox/ack', {body: {receipts: [receipt]}})).status, 200);
  assertProblem(await gateway.call('GET', reference), 404, 'not_found');
});

test('no answer is larger than its budget, nothing starves, and works keep their order', async () => {
  let state = 20261122;  // a linear congruential generator: the same run every time
  const random = (below) => { state = (state * 1103515245 + 12345) % 2 ** 31; return state % below; };
  const sent = [];
  for (let i = 0; i < 60; ++i) {
    const kind = ['note', 'decision', 'control', 'assign'][random(4)];
    const work = ['', 'github:acme/api#1', 'github:acme/a-rather-long-name-of-a-repository#222'][random(3)];
    const body = {to: 'reviewer', kind, summary: `${i} "${'é\n'.repeat(random(200))}`, data: {x: 'x'.repeat(random(6) ? random(300) : random(20_000))},
                  ...(work && {work}), ...(random(2) && {task: 't'.repeat(1 + random(64))})};
    const answer = await gateway.call('POST', '/v1/messages', {as: 'operator', body});
    assert.equal(answer.status, 201, answer.text);
    sent.push({id: answer.json.messages[0].id, work});
  }
  const given = [];
  for (let i = 0; given.length < sent.length; ++i) {
    assert.ok(i < 300, `${given.length} of ${sent.length} after ${i} calls`);
    const max_bytes = 512 + (random(3) ? random(600) : random(30_000));
    const answer = await gateway.call('POST', '/v1/inbox/receive', {body: {max: 1 + random(20), max_bytes}});
    assert.ok(Buffer.byteLength(answer.text) <= max_bytes, `${Buffer.byteLength(answer.text)} of ${max_bytes} bytes: ${answer.text}`);
    const {messages, remaining, digest} = answer.json;
    assert.equal(digest?.count ?? 0, remaining);
    for (const {receipt, message} of messages) {
      given.push(message.id);
      assert.equal((await gateway.call('POST', '/v1/inbox/ack', {body: {receipts: [receipt]}})).status, 200);
    }
  }
  for (const work of ['github:acme/api#1', 'github:acme/a-rather-long-name-of-a-repository#222']) {
    const of = new Set(sent.filter((message) => message.work === work).map(({id}) => id));
    assert.deepEqual(given.filter((id) => of.has(id)), [...of]);
  }
});

test('messages between agents carry who sent them, and topics reach all their mailboxes', async () => {
  const sent = await send({to: 'topic:all', kind: 'note', data: {summary: 'hello'}});
  assert.equal(sent.status, 201, sent.text);
  assert.deepEqual(sent.json.messages.map(({mailbox}) => mailbox).sort(), ['coder', 'reviewer']);
  const {messages: [{message}]} = await receive({});
  assert.equal(message.sender, 'agent:coder');
  assert.equal(message.type, 'dev.signalbox.note');
  assert.deepEqual(message.data, {summary: 'hello'});
});

test('the same Idempotency-Key sends once', async () => {
  const body = {to: 'reviewer', kind: 'note', data: {summary: 'once'}};
  const headers = {'idempotency-key': `key-${Date.now()}`};
  const first = await send(body, {headers});
  const second = await send(body, {headers});
  assert.deepEqual([first.status, second.status], [201, 200]);
  assert.deepEqual(second.json, first.json);
  assertProblem(await send({...body, data: {summary: 'another'}}, {headers}), 422, 'idempotency_conflict');
  assert.equal((await gateway.drainMailbox()).length, 1);
});

// The coder's message about an event, and what follows from it.
test('a message follows from the one that it names as its cause', async () => {
  const [{event}] = await deliver();
  const [{receipt, message: assigned}] = (await receive({max: 1})).messages;
  const asReviewer = (body, headers = {}) => send(body, {as: 'reviewer', headers});
  const headers = {'idempotency-key': `because-${Date.now()}`};
  const question = {to: 'coder', kind: 'help', summary: 'Which endpoint?', cause: receipt};
  const sent = await asReviewer(question, headers);
  assert.equal(sent.status, 201, sent.text);
  const [{receipt: held1, message: asked}] = (await receive({max: 1}, 'coder')).messages;
  assert.deepEqual([asked.causationid, asked.hop, asked.authortrust], [assigned.id, 2, 'member']);
  assert.deepEqual([asked.workid, asked.subject, asked.taskid], [assigned.workid, assigned.subject, 'review']);

  const answered = await send({to: 'reviewer', kind: 'answer', work: 'github:acme/api#7', summary: 'v2', cause: held1.split('.')[0]});
  assert.equal(answered.status, 201, answered.text);
  const [{message: answer}] = (await receive({max: 1})).messages;
  assert.deepEqual([answer.causationid, answer.hop, answer.subject, answer.taskid], [asked.id, 3, 'github:acme/api#7', undefined]);

  const note = await asReviewer({to: 'coder', kind: 'note', summary: 'about the event', cause: event});
  assert.equal(note.status, 201, note.text);
  const decided = await gateway.call('POST', '/v1/messages', {as: 'operator', body: {to: 'coder', kind: 'decision', summary: 'yes', cause: event}});
  assert.equal(decided.status, 201, decided.text);

  // Who is asked again after the cause is acknowledged answers as before, and only under its key.
  assert.equal((await gateway.call('POST', '/v1/inbox/ack', {as: 'reviewer', body: {receipts: [receipt]}})).status, 200);
  const again = await asReviewer(question, headers);
  assert.deepEqual([again.status, again.json], [200, sent.json]);
  assertProblem(await asReviewer({...question, summary: 'Another?'}, headers), 422, 'idempotency_conflict');
  assertProblem(await asReviewer(question), 404, 'not_found');
});

test('a cause must be within the reach of its caller', async () => {
  const [{event}] = await deliver();
  const [{receipt}] = (await receive({max: 1})).messages;
  assertProblem(await send({to: 'reviewer', kind: 'note', cause: receipt}), 404, 'not_found');  // another's mailbox
  assertProblem(await send({to: 'reviewer', kind: 'note', cause: event}), 404, 'not_found');  // of which it was told nothing
  for (const cause of ['m_nothing', 'e_nothing', 'nothing', '.']) {
    assertProblem(await send({to: 'reviewer', kind: 'note', cause}), 404, 'not_found');
  }
  assertProblem(await send({to: 'reviewer', kind: 'note', cause: 7}), 400, 'invalid_argument');
  const operator = await gateway.call('POST', '/v1/messages', {as: 'operator', body: {to: 'coder', kind: 'note', cause: receipt}});
  assertProblem(operator, 400, 'invalid_argument');
});

test('two agents that keep answering each other are stopped', async () => {
  await deliver();
  let as = 'reviewer';
  let {messages: [{receipt, message}]} = await receive({max: 1}, as);
  while (message.hop < 64) {
    const other = as === 'reviewer' ? 'coder' : 'reviewer';
    const sent = await send({to: other, kind: 'answer', summary: 'After you', cause: receipt}, {as});
    assert.equal(sent.status, 201, sent.text);
    await gateway.call('POST', '/v1/inbox/ack', {as, body: {receipts: [receipt]}});  // the work's next waits for it
    const {hop} = message;
    [{receipt, message}] = (await receive({max: 1}, other)).messages;
    assert.equal(message.hop, hop + 1);
    as = other;
  }
  assertProblem(await send({to: 'reviewer', kind: 'answer', summary: 'After you', cause: receipt}, {as}), 409, 'too_many_hops');
});

test('what cannot be sent is refused with its reason', async () => {
  assertProblem(await send({to: 'nobody', kind: 'note'}), 404, 'unknown_recipient');
  assertProblem(await send({to: 'topic:nothing', kind: 'note'}), 404, 'unknown_recipient');
  assertProblem(await send({to: 'reviewer', kind: 'evidence'}), 403, 'forbidden');
  assertProblem(await send({to: 'reviewer', kind: 'control'}), 403, 'forbidden');
  assertProblem(await send({to: 'reviewer', kind: 'shout'}), 400, 'invalid_argument');
  assertProblem(await send({kind: 'note'}), 400, 'invalid_argument');
  for (const wrong of [{task: 'No Task'}, {work: 'w_short'}, {data: 'text'}, {summary: 7}, {to: ''}, {extra: 1}, {data: {x: 'x'.repeat(65_536)}}]) {
    assertProblem(await send({to: 'reviewer', kind: 'note', ...wrong}), 400, 'invalid_argument');
  }
  assertProblem(await gateway.call('POST', '/v1/messages', {as: 'operator', body: {to: 'reviewer', kind: 'evidence'}}), 403, 'forbidden');
});

test('arguments out of their bounds are refused, not bent', async () => {
  for (const body of [{max: 0}, {max: 101}, {wait: '61s'}, {wait: 'soon'}, {visibility: '0s'}, {visibility: '13h'}, {max: '10'}, {limit: 3}, {max_bytes: 511}]) {
    assertProblem(await gateway.call('POST', '/v1/inbox/receive', {body}), 400, 'invalid_argument');
  }
  for (const query of ['max=0', 'max=101', 'max=x', 'limit=3', 'max=1&max=2', 'max=%zz']) assertProblem(await gateway.call('GET', `/v1/inbox?${query}`), 400, 'invalid_argument');
  const notJson = await request(`${gateway.api}/v1/inbox/receive`,
                                {method: 'POST', headers: {authorization: `Bearer ${gateway.tokens.reviewer}`, 'content-type': 'application/json'}, body: '{"max":'});
  assert.equal(notJson.status, 400);
});

test('without a token, with a wrong one or with another agent\'s there is nothing to see', async () => {
  assertProblem(await gateway.call('GET', '/v1/inbox', {as: null}), 401, 'unauthorized');
  for (const value of ['Bearer wrong', 'Bearer ', `Basic ${gateway.tokens.reviewer}`, gateway.tokens.reviewer, `Bearer ${gateway.tokens.reviewer}x`]) {
    assertProblem(await gateway.call('GET', '/v1/inbox', {as: null, headers: {authorization: value}}), 401, 'unauthorized');
  }
  await deliver();
  assert.deepEqual((await receive({max: 10}, 'coder')).messages, [], 'a mailbox of another agent');
  assert.equal((await gateway.call('GET', '/v1/inbox?agent=reviewer', {as: 'coder'})).status, 403);
  assert.equal((await gateway.call('GET', '/v1/inbox?agent=reviewer', {as: 'operator'})).json.ready, 1);
  assert.equal((await gateway.call('GET', '/v1/events')).status, 403);
  assert.equal((await gateway.call('GET', '/v1/rules')).status, 403);
});

test('an agent\'s receipts open no other agent\'s mailbox', async () => {
  await deliver();
  const {messages: [{receipt}]} = await receive({});
  assertProblem(await gateway.call('POST', '/v1/inbox/ack', {as: 'coder', body: {receipts: [receipt]}}), 409, 'receipt_expired');
  assert.equal((await gateway.call('POST', '/v1/inbox/ack', {body: {receipts: [receipt]}})).status, 200);
});

test('paths and methods that do not exist are 404 and 405', async () => {
  assertProblem(await gateway.call('GET', '/v1/nothing'), 404, 'not_found');
  assertProblem(await gateway.call('DELETE', '/v1/inbox'), 405, 'method_not_allowed');
  const wrong = await gateway.call('GET', '/v1/inbox/receive');
  assertProblem(wrong, 405, 'method_not_allowed');
  assert.equal(wrong.headers.allow, 'POST, OPTIONS');
  assertProblem(await gateway.call('POST', '/livez', {as: null}), 401, 'unauthorized');
  assert.equal((await gateway.call('POST', '/livez')).headers.allow, 'GET, HEAD, OPTIONS');
});

test('the private listener answers under no name that a page could have, and says how to allow it', async () => {
  const named = (host) => request(`${gateway.api}/metrics`, {headers: {host}});
  for (const host of ['localhost', `127.0.0.1:${gateway.apiPort}`, '10.1.2.3:8081', 'signalbox', '[::1]']) {
    const answer = await named(host);
    assert.equal(answer.status, 200, host);
    assert.equal(answer.headers['cache-control'], 'no-store');
    assert.equal(answer.headers['x-content-type-options'], 'nosniff');
  }
  const refused = await named('evil.example');
  assert.equal(refused.status, 421);
  assert.equal(refused.json.reason, 'host_not_allowed');
  assert.match(refused.json.detail, /api\.hosts/);
});

test('HEAD is GET without a body, OPTIONS says what a path takes', async () => {
  const head = await gateway.call('HEAD', '/v1/inbox');
  assert.equal(head.status, 200);
  assert.equal(head.text, '');
  assert.equal(Number(head.headers['content-length']), (await gateway.call('GET', '/v1/inbox')).text.length);
  const options = await gateway.call('OPTIONS', '/v1/inbox', {as: null});
  assert.equal(options.status, 204);
  assert.equal(options.headers.allow, 'GET, HEAD, OPTIONS');
  assertProblem(await gateway.call('OPTIONS', '/v1/nothing'), 404, 'not_found');
});
