// Messages that nobody could handle, and their way back; mailboxes that are full, and how visibly they refuse.
import assert from 'node:assert/strict';

import {Gateway} from './harness/gateway.mjs';
import {pullRequest} from './harness/github.mjs';
import {after, before, test} from './harness/test.mjs';

let gateway;
before(async () => { gateway = await Gateway.start({config: {mailboxes: {max_deliveries: 1, max_messages: 3}}}); });
after(() => gateway.destroy());

const deliver = (number) => gateway.deliver('pull_request', pullRequest(number), {id: `dead-${number}`});
const call = async (method, path, options) => (await gateway.call(method, path, options)).json;

// Receives everything and gives it back, until it is dead.
async function bury() {
  for (let turn = 0; turn < 2; ++turn) {
    const {messages} = await call('POST', '/v1/inbox/receive', {body: {max: 10}});
    if (messages.length > 0) await call('POST', '/v1/inbox/nack', {body: {receipts: messages.map(({receipt}) => receipt)}});
  }
}

test('dead letters are shown, moved back with their ids, and received again', async () => {
  for (const number of [1, 2, 3]) assert.equal((await deliver(number)).status, 200);
  await bury();
  const {agent, dead, messages} = await call('GET', '/v1/inbox/dead');
  assert.deepEqual([agent, dead, messages.length], ['reviewer', 3, 3]);
  assert.equal((await call('GET', '/v1/inbox')).dead, 3);
  const ids = messages.map(({message}) => message.id);

  const one = await call('POST', '/v1/inbox/redrive', {body: {messages: [ids[1], 'm_nobody']}});
  assert.deepEqual(one, {moved: [ids[1]], missing: ['m_nobody'], remaining: 2});
  const all = await call('POST', '/v1/inbox/redrive?agent=reviewer', {as: 'operator', body: {}});
  assert.deepEqual(all, {moved: [ids[0], ids[2]], missing: [], remaining: 0});
  const again = await call('POST', '/v1/inbox/receive', {body: {max: 10}});
  assert.deepEqual(again.messages.map(({message, deliveries}) => [message.id, deliveries]), [[ids[1], 1], [ids[0], 1], [ids[2], 1]]);
  assert.equal((await gateway.call('POST', '/v1/inbox/ack', {body: {receipts: again.messages.map(({receipt}) => receipt)}})).status, 200);
});

test('an agent sees and moves its own dead letters only', async () => {
  assert.equal((await gateway.call('GET', '/v1/inbox/dead?agent=reviewer', {as: 'coder'})).status, 403);
  assert.equal((await gateway.call('POST', '/v1/inbox/redrive?agent=reviewer', {as: 'coder', body: {}})).status, 403);
  assert.equal((await call('GET', '/v1/inbox/dead', {as: 'coder'})).dead, 0);
});

test('what makes no sense is refused', async () => {
  for (const body of [{messages: []}, {messages: 'm_1'}, {max: 0}, {ids: ['m_1']}]) {
    assert.equal((await gateway.call('POST', '/v1/inbox/redrive', {body})).json.reason, 'invalid_argument', JSON.stringify(body));
  }
});

test('a full mailbox refuses webhooks, sends and dead letters, and nothing is half done', async () => {
  for (const number of [11, 12]) await deliver(number);
  await bury();
  for (const number of [13, 14, 15]) assert.equal((await deliver(number)).status, 200);
  const refused = await deliver(16);
  assert.deepEqual([refused.status, refused.json.reason], [503, 'mailbox_full']);
  assert.ok(Number(refused.headers['retry-after']) > 0);
  // A topic's copies are stored together or not at all.
  const sent = await gateway.call('POST', '/v1/messages', {as: 'operator', body: {to: 'topic:all', kind: 'note', summary: 'x'}});
  assert.deepEqual([sent.status, sent.json.reason], [503, 'mailbox_full']);
  assert.equal((await call('GET', '/v1/inbox', {as: 'coder'})).ready, 0);
  const moved = await gateway.call('POST', '/v1/inbox/redrive', {body: {}});
  assert.deepEqual([moved.status, moved.json.reason, moved.json.moved, moved.json.remaining], [503, 'mailbox_full', [], 2]);
  const metrics = (await gateway.call('GET', '/metrics', {as: null})).text;
  assert.match(metrics, /signalbox_deliveries_refused_total\{source="github",reason="mailbox_full"\} 1\n/);

  await gateway.drainMailbox();
  assert.equal((await deliver(16)).json.status, 'accepted');
  assert.equal((await call('POST', '/v1/inbox/redrive', {body: {}})).moved.length, 2);
  assert.equal((await gateway.drainMailbox()).length, 3);
});

test('the command line shows dead letters and moves them', async () => {
  await deliver(21);
  await bury();
  const shown = gateway.cli('dead', '--agent', 'reviewer');
  assert.equal(shown.code, 0, shown.err);
  assert.match(shown.out, /reviewer: 1 dead/);
  assert.match(shown.out, /signalbox redrive --agent reviewer/);
  const {json} = gateway.cli('dead', '--agent', 'reviewer', '--json');
  const id = json.messages[0].message.id;
  assert.equal(gateway.cli('redrive', 'm_nobody', '--agent', 'reviewer').code, 1);
  const moved = gateway.cli('redrive', '--agent', 'reviewer');
  assert.equal(moved.code, 0, moved.err);
  assert.match(moved.out, new RegExp(`moved  ${id}`));
  assert.match(moved.out, /1 moved, 0 left/);
  assert.deepEqual((await gateway.drainMailbox()).map((message) => message.id), [id]);
});
