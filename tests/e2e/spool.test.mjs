// The spool: while Redis is away webhooks are taken to the disk, and when it is back they are there once, whatever
// was killed meanwhile.
import assert from 'node:assert/strict';
import {readdirSync} from 'node:fs';
import {join} from 'node:path';

import {audit, runDisturbed} from './harness/audit.mjs';
import {until} from './harness/deadlines.mjs';
import {Gateway, patience} from './harness/gateway.mjs';
import {pullRequest} from './harness/github.mjs';
import {Load} from './harness/load.mjs';
import {RedisServer} from './harness/redis_server.mjs';
import {after, before, test} from './harness/test.mjs';

let redis;
let gateway;
const rules = `rules:
  - name: opened
    events: [github.pull_request]
    send: [{to: reviewer, kind: event, data: {delivery: '\${event.delivery}'}}]
`;
before(async () => {
  redis = await RedisServer.start();
  const github = {connector: 'github', secrets: [{env: 'GITHUB_WEBHOOK_SECRET'}], answer_deadline: '1s'};
  gateway = await Gateway.start({rules, config: {redis: {url: redis.url}, spool: {max_bytes: '1MiB'}, sources: {github}}});
});
after(async () => {
  await gateway?.destroy();
  await redis?.destroy();
});

const metric = async (name) => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec((await gateway.call('GET', '/metrics', {as: null})).text)[1]);
const emptied = () => until('the spool is empty', async () => (await metric('signalbox_spool_entries')) === 0, 30_000 * patience);
const deliver = (number, id = `spool-${number}`) => gateway.deliver('pull_request', pullRequest(number), {id});

test('what comes while Redis is away is deferred, and there once when it is back, kill -9 or not', {timeout: 120_000 * patience}, async () => {
  await redis.kill();
  const first = await deliver(1);
  assert.deepEqual([first.status, first.json.status, first.json.messages], [200, 'deferred', 1]);
  for (const number of [2, 3, 1]) assert.equal((await deliver(number)).json.status, 'deferred');
  const unmatched = await gateway.deliver('ping', '{"zen":"Keep it logically awesome.","hook_id":1,"hook":{"id":1,"type":"Repository"}}', {id: 'spool-ping'});
  assert.equal(unmatched.json.status, 'deferred');
  await until('it is ready without Redis', async () => {
    const {status, text} = await gateway.call('GET', '/readyz?verbose', {as: null});
    return status === 200 && /\[\+\] redis: .*webhooks go to the spool/.test(text);
  }, 10_000 * patience);

  await gateway.stop('SIGKILL');
  await gateway.launch();
  assert.equal(await metric('signalbox_spool_entries'), 5);
  assert.equal((await deliver(4)).json.status, 'deferred');

  await redis.restart();
  await emptied();
  // Each thread finds its own way back, some a moment later.
  await until('Redis is used again', async () => (await deliver(2)).json.status === 'duplicate', 10_000 * patience);
  const {events} = (await gateway.call('GET', '/v1/events', {as: 'operator'})).json;
  assert.deepEqual(events.map(({delivery}) => delivery).sort(), ['spool-1', 'spool-2', 'spool-3', 'spool-4', 'spool-ping']);
  const messages = await gateway.drainMailbox();
  assert.deepEqual(messages.map(({data}) => data.delivery), ['spool-1', 'spool-2', 'spool-3', 'spool-4']);
  for (const {id} of events) assert.ok((await gateway.call('GET', `/v1/events/${id}`, {as: 'operator'})).json.body, 'the body is there');
  await until('no file is left', () => readdirSync(join(gateway.directory, 'data', 'spool')).join() === 'lock', 10_000 * patience);
});

test('under load, with Redis and the gateway killed, the books balance', {timeout: 300_000 * patience}, async () => {
  const load = new Load(gateway, 400, {firstNumber: 1000});
  let turn = 0;
  await runDisturbed(gateway, load, [0.2, 0.5, 0.8], async () => {
    if (turn++ === 1) {
      await gateway.stop('SIGKILL');
      await gateway.launch();
    } else {
      await redis.restart();
    }
  });
  await emptied();
  await audit(gateway, load);
});

test('a hung Redis is given up for the spool before the sender gives up', {timeout: 60_000 * patience}, async () => {
  redis.signal('SIGSTOP');
  const answer = await deliver(5000);
  redis.signal('SIGCONT');
  assert.equal(answer.json.status, 'deferred');
  await emptied();
  // Redis had the command all the time.
  assert.equal((await gateway.drainMailbox()).length, 1);
});

test('a full spool refuses, and nothing of it is lost', {timeout: 120_000 * patience}, async () => {
  await redis.kill();
  const taken = [];
  let refused;
  for (let number = 6000; !refused; ++number) {
    const body = JSON.parse(pullRequest(number));
    body.noise = Buffer.from(Array.from({length: 60_000}, () => Math.floor(Math.random() * 256))).toString('base64');
    const answer = await gateway.deliver('pull_request', JSON.stringify(body), {id: `spool-${number}`});
    if (answer.status === 200) taken.push(`spool-${number}`);
    else refused = answer;
  }
  assert.deepEqual([refused.status, refused.json.reason], [503, 'store_unavailable']);
  assert.ok(taken.length > 5);
  assert.ok(await metric('signalbox_spool_refused_total') > 0);
  await redis.restart();
  await emptied();
  assert.deepEqual((await gateway.drainMailbox()).map(({data}) => data.delivery), taken);
});
