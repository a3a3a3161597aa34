// What monitoring and a reader of the log get to see, and what they must never see.
import assert from 'node:assert/strict';
import {spawnSync} from 'node:child_process';
import {createHash} from 'node:crypto';
import {existsSync, readFileSync} from 'node:fs';
import http from 'node:http';
import {join} from 'node:path';

import {until} from './harness/deadlines.mjs';
import {Gateway, root} from './harness/gateway.mjs';
import {deliveryHeaders, pullRequest} from './harness/github.mjs';
import {RawConnection, request} from './harness/http_client.mjs';
import {parseExposition} from './harness/exposition.mjs';
import {after, before, test} from './harness/test.mjs';

const promtool = process.env.SIGNALBOX_PROMTOOL ?? join(root, 'build/tools/usr/bin/promtool');
let gateway;
let number = 0;

before(async () => { gateway = await Gateway.start({config: {log: {level: 'debug'}, hooks: {keep_refused: 3}}}); });
after(() => gateway.destroy());

const scrape = async () => parseExposition((await request(`${gateway.api}/metrics`)).text);
const fresh = () => pullRequest(++number);

test('/metrics passes promtool', async () => {
  await gateway.deliver('pull_request', fresh());
  const {status, headers, text} = await request(`${gateway.api}/metrics`);
  assert.equal(status, 200);
  assert.match(headers['content-type'], /^text\/plain; version=0\.0\.4/);
  assert.ok(existsSync(promtool), `no promtool at ${promtool}; tests/run fetches it`);
  const checked = spawnSync(promtool, ['check', 'metrics'], {input: text, encoding: 'utf8'});
  assert.equal(checked.status, 0, checked.stdout + checked.stderr);
});

test('docs/OPERATIONS.md lists the metrics and the reasons that there are', async () => {
  const {families, series} = await scrape();
  const operations = readFileSync(join(root, 'docs/OPERATIONS.md'), 'utf8');
  const documented = (pattern) => [...operations.matchAll(pattern)].map(([, name]) => name).sort();
  assert.deepEqual(documented(/^\| `((?:signalbox|process)_\w+)` \|/gm), [...families].sort());
  const reasons = [...series].flatMap((name) => /^signalbox_api_refused_total\{reason="(\w+)"\}$/.exec(name)?.[1] ?? []).sort();
  assert.deepEqual(documented(/^\| `([a-z_]+)` \| [^|]* \| \d{3} \|/gm), reasons);
});

test('deliveries are counted by source and outcome, refusals by reason', async () => {
  const before = await scrape();
  const body = fresh();
  await gateway.deliver('pull_request', body, {id: 'counted'});
  await gateway.deliver('pull_request', body, {id: 'counted'});
  await gateway.deliver('pull_request', body, {secret: 'wrong'});
  const after = await scrape();
  const grown = (name, labels) => after.value(name, labels) - before.value(name, labels);
  assert.equal(grown('signalbox_deliveries_total', {source: 'github', status: 'accepted'}), 1);
  assert.equal(grown('signalbox_deliveries_total', {source: 'github', status: 'duplicate'}), 1);
  assert.equal(grown('signalbox_deliveries_refused_total', {source: 'github', reason: 'signature_invalid'}), 1);
  assert.equal(grown('signalbox_deliveries_received_total', {source: 'github'}), 3);
  assert.equal(grown('signalbox_stage_duration_seconds_count', {stage: 'decide'}), 2, 'only verified deliveries are decided');
});

test('at debug level the log says which rules matched an event', async () => {
  const {json: {event}} = await gateway.deliver('pull_request', fresh());
  await until('the line is there', () => gateway.log.includes(`level=debug msg="rule matched" event=${event} rule=everything`));
});

test('depth and age of mailboxes, connections, waiters and the process are measured', async () => {
  const {event} = (await gateway.deliver('pull_request', fresh())).json;
  const read = async (metric, labels) => (await scrape()).value(metric, labels);
  const counted = (state) => read('signalbox_mailbox_messages', {agent: 'reviewer', state}).catch(() => 0);
  await until('the mailbox is looked at', async () => await counted('ready') > 0, 30_000);
  const {messages: [first]} = (await gateway.call('POST', '/v1/inbox/receive', {body: {max: 1}})).json;
  await until('the lease is seen', async () => await counted('leased') === 1, 30_000);
  const age = await read('signalbox_mailbox_oldest_message_age_seconds', {agent: 'reviewer'});
  const true_age = (Date.now() - Date.parse(first.message.time)) / 1000;
  assert.ok(Math.abs(age - true_age) < 10, `${age} for ${true_age}, ${event}`);

  const [hooks, api] = await Promise.all(['hooks', 'api'].map((listener) => read('signalbox_open_connections', {listener})));
  const idle = await RawConnection.open(gateway.hooksPort);
  await until('it counts', async () => await read('signalbox_open_connections', {listener: 'hooks'}) === hooks + 1);
  assert.ok(await read('signalbox_open_connections', {listener: 'api'}) <= api + 1);
  idle.close();
  const poll = gateway.call('POST', '/v1/inbox/receive', {as: 'coder', body: {wait: '2s'}});
  await until('the long poll waits', async () => await read('signalbox_waiters') === 1);
  await poll;
  await until('it has ended', async () => await read('signalbox_waiters') === 0);

  const before = await scrape();
  assert.ok(before.value('process_open_fds') < before.value('process_max_fds'));
  assert.ok(before.value('process_resident_memory_bytes') > 1 << 20);
  assert.ok(Math.abs(before.value('process_start_time_seconds') - Date.now() / 1000) < 600);
  await until('it uses the processor', async () => await read('process_cpu_seconds_total') > before.value('process_cpu_seconds_total'));
});

test('a thousand event names, sources and paths add no time series', async () => {
  const before = await scrape();
  const agent = new http.Agent({keepAlive: true, maxSockets: 8});
  await Promise.all(Array.from({length: 8}, async (_, lane) => {
    for (let i = lane; i < 1000; i += 8) {
      const body = JSON.stringify({action: `action_${i}`, n: i});
      const answer = await gateway.deliver(`event_${i}`, body, {agent});
      assert.equal(answer.status, 200, answer.text);
      if (i % 10 === 0) {
        await request(`${gateway.hooks}/hooks/source_${i}`, {method: 'POST', body, agent});
        await request(`${gateway.api}/v1/path_${i}`, {headers: {authorization: `Bearer token-${i}-${'x'.repeat(16)}`}});
      }
    }
  }));
  agent.destroy();
  assert.deepEqual([...(await scrape()).series].sort(), [...before.series].sort());
});

test('there is one log line for a delivery, with its outcome, and none of it can be forged', async () => {
  const {event} = (await gateway.deliver('pull_request', fresh(), {id: 'logged-1'})).json;
  await gateway.deliver('pull_request', fresh(), {id: 'logged-2', secret: 'wrong'});
  const digest = createHash('sha256').update('logged-2').digest('hex').slice(0, 12);
  const raw = await RawConnection.open(gateway.hooksPort);
  raw.write('POST /hooks/git\x1b[2Jhub HTTP/1.1\r\nhost: localhost\r\ncontent-length: 0\r\nx-github-delivery: a" level=error msg="forged\r\n\r\n');
  await raw.answer();
  raw.close();
  const whole = () => gateway.log.split('\n').slice(0, -1);
  const linesOf = () => whole().filter((line) => line.includes(event) && !line.includes(' level=debug '));
  await until('the lines are written', () => linesOf().length > 0 && whole().some((line) => line.includes(digest)));
  const lines = linesOf();
  assert.equal(lines.length, 1);
  assert.match(lines[0], /accepted/);
  assert.ok(!/[\x00-\x08\x0b-\x1f\x7f]/.test(gateway.log), 'a control character reached the log');
  assert.match(gateway.log, new RegExp(`source=github delivery_digest=${digest} status=refused reason=signature_invalid .*bytes=\\d+ .*peer=127`));
  for (const unsigned of ['logged-2', '2Jhub', 'forged']) assert.ok(!gateway.log.includes(unsigned), `the log holds the unsigned ${unsigned}`);
  assert.ok(!gateway.log.split('\n').some((line) => /^level=error|" level=error msg="forged/.test(line) && !/\\"/.test(line)));
});

test('a trace goes through: from the webhook to its messages, the event and the log; a malformed one does not', async () => {
  const trace = '0af7651916cd43dd8448eb211c80319c';
  const traceparent = `00-${trace}-b7ad6b7169203331-01`;
  await gateway.drainMailbox();
  const body = fresh();
  const {event} = (await gateway.deliver('pull_request', body, {headers: {traceparent}})).json;
  await gateway.deliver('pull_request', fresh(), {headers: {traceparent: `${traceparent}-more`}});
  await gateway.deliver('pull_request', fresh());
  const [traced, ...others] = await gateway.drainMailbox();
  assert.match(traced.traceparent, new RegExp(`^00-${trace}-[0-9a-f]{16}-01$`));
  assert.notEqual(traced.traceparent, traceparent, 'a span of its own');
  assert.deepEqual(others.map((message) => message.traceparent), [undefined, undefined]);
  const stored = (await gateway.call('GET', `/v1/events/${event}`, {as: 'operator'})).json;
  assert.equal(stored.traceparent, traceparent);
  await until('it is logged', () => gateway.log.split('\n').some((line) => line.includes(event) && line.includes(`trace_id=${trace}`)));
});

test('a trace goes through a send, with a span for each copy', async () => {
  const trace = '4bf92f3577b34da6a3ce929d0e0e4736';
  const headers = {traceparent: `00-${trace}-00f067aa0ba902b7-00`, 'idempotency-key': 'traced'};
  const send = () => gateway.call('POST', '/v1/messages', {as: 'operator', headers, body: {to: 'topic:all', kind: 'note', data: {}}});
  assert.equal((await send()).status, 201);
  assert.equal((await send()).status, 200);
  const spans = [];
  for (const as of ['reviewer', 'coder']) {
    const [message] = (await gateway.drainMailbox(as)).filter(({traceparent = ''}) => traceparent.includes(trace));
    spans.push(/^00-[0-9a-f]{32}-([0-9a-f]{16})-00$/.exec(message.traceparent)[1]);
  }
  assert.equal(new Set([...spans, '00f067aa0ba902b7']).size, 3);
});

test('operators learn why a kept delivery was refused, and nobody else does', async () => {
  const about = (id, as = 'operator') => gateway.call('GET', `/v1/refused?delivery=${id}`, {as});
  await gateway.deliver('pull_request', fresh(), {id: 'kept-1', secret: `${gateway.secrets.GITHUB_OLD_SECRET}\n`});
  await gateway.deliver('pull_request', fresh(), {id: 'kept-2', secret: 'nobody knows'});
  await gateway.deliver('pull_request', fresh(), {id: 'taken'});
  const [first] = (await about('kept-1')).json.refused;
  assert.equal(first.reason, 'signature_invalid');
  assert.equal(first.source, 'github');
  assert.deepEqual({...first.diagnosis, text: ''}, {cause: 'secret_mistake', text: '', secret: 1, origin: 'env GITHUB_OLD_SECRET'});
  const shown = await gateway.cliAsync('explain', '--delivery', 'kept-1');
  assert.equal(shown.code, 0, shown.err);
  assert.match(shown.out, /signature_invalid[^]*env GITHUB_OLD_SECRET[^]*a line feed behind it/);
  assert.equal((await gateway.cliAsync('explain', '--delivery', 'never-seen')).code, 1);
  assert.equal((await about('kept-2')).json.refused[0].diagnosis.cause, 'no_match');
  assert.deepEqual((await about('taken')).json, {keep: 3, refused: []});
  assert.equal((await about('kept-1', 'reviewer')).status, 403);
  for (let i = 0; i < 3; ++i) await gateway.deliver('pull_request', fresh(), {id: `later-${i}`, secret: 'nobody'});
  assert.deepEqual((await about('kept-1')).json.refused, [], 'pushed out');
  const all = await gateway.call('GET', '/v1/refused', {as: 'operator'});
  assert.deepEqual(all.json.refused.map(({delivery}) => delivery), ['later-2', 'later-1', 'later-0']);
  for (const secret of Object.values(gateway.secrets)) assert.ok(!all.text.includes(secret));
});

test('no secret, token, signature or body is ever logged', async () => {
  const body = fresh().replace('Change', 'canary-in-the-body');
  const headers = deliveryHeaders('pull_request', body, gateway.secret);
  await gateway.deliver('pull_request', body);
  await gateway.deliver('pull_request', body, {secret: 'another'});
  await request(`${gateway.hooks}/hooks/github?token=canary-in-the-query`, {method: 'POST', headers: {...headers, 'content-type': 'text/plain'}, body});
  for (const as of ['reviewer', 'coder', 'operator']) await gateway.call('GET', '/v1/inbox?agent=reviewer', {as});
  await gateway.call('GET', '/v1/inbox', {as: null, headers: {authorization: 'Bearer canary-in-a-wrong-token'}});
  const last = (await gateway.deliver('pull_request', fresh())).json.event;
  await until('the log is written', () => gateway.log.includes(last));
  const metrics = (await request(`${gateway.api}/metrics`)).text;
  const forbidden = [...Object.values(gateway.secrets), headers['x-hub-signature-256'].slice(7), 'canary-in-the-body', 'canary-in-the-query',
                     'canary-in-a-wrong-token'];
  for (const text of forbidden) {
    assert.ok(!gateway.log.includes(text), `the log holds ${text}`);
    assert.ok(!metrics.includes(text), `the metrics hold ${text}`);
  }
});

test('/livez and /readyz say what they mean', async () => {
  assert.deepEqual(await request(`${gateway.api}/livez`).then(({status, text}) => [status, text.trim()]), [200, 'ok']);
  assert.deepEqual(await request(`${gateway.api}/readyz`).then(({status, text}) => [status, text.trim()]), [200, 'ok']);
  const verbose = await request(`${gateway.api}/readyz?verbose`);
  assert.equal(verbose.status, 200);
  assert.match(verbose.text, /redis/);
});

test('while Redis hangs the gateway is alive, not ready, and answers 503 within the provider\'s patience', async () => {
  const pid = gateway.redisPid();
  process.kill(pid, 'SIGSTOP');
  try {
    const body = fresh();
    const began = performance.now();
    const refused = await gateway.deliver('pull_request', body, {id: 'while-away'});
    assert.equal(refused.status, 503, refused.text);
    assert.equal(refused.json.reason, 'store_unavailable');
    assert.ok(Number(refused.headers['retry-after']) >= 1);
    assert.ok(performance.now() - began < 10_000, 'GitHub gives up after 10 seconds');
    assert.equal((await request(`${gateway.api}/livez`)).status, 200);
    await until('not ready', async () => (await request(`${gateway.api}/readyz`)).status === 503);
    process.kill(pid, 'SIGCONT');
    await until('ready again', async () => (await request(`${gateway.api}/readyz`)).status === 200);
    // Whether the write went through while nobody was told is unknown to the sender; to send it again is safe.
    const again = await gateway.deliver('pull_request', body, {id: 'while-away'});
    assert.ok(['accepted', 'duplicate'].includes(again.json.status), again.text);
    assert.equal((await gateway.deliver('pull_request', body, {id: 'while-away'})).json.status, 'duplicate');
  } finally {
    process.kill(pid, 'SIGCONT');
  }
});
