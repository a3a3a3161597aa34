// Linear's webhooks, end to end; Linear's own SDK is the other side's verifier.
import {LinearWebhookClient} from '@linear/sdk/webhooks';
import assert from 'node:assert/strict';
import {writeFileSync} from 'node:fs';
import http from 'node:http';
import {join} from 'node:path';

import {Gateway} from './harness/gateway.mjs';
import {request} from './harness/http_client.mjs';
import {after, before, test} from './harness/test.mjs';
import {linearHeaders, newSecret, sample} from './harness/trackers.mjs';

const rules = `rules:
  - name: linear-issues
    events: [linear]
    send: [{to: reviewer, kind: event, data: {type: '\${event.type}', delivery: '\${event.delivery}'}}]
`;
const dayMs = 86_400_000;
const secret = newSecret();
let gateway;

before(async () => {
  process.env.LINEAR_WEBHOOK_SECRET = secret;
  gateway = await Gateway.start({rules, config: {sources: {
    linear: {connector: 'linear', secrets: [{env: 'LINEAR_WEBHOOK_SECRET'}], teams: ['ENG', 'OPS']},
  }}});
});
after(() => gateway.destroy());

const post = (body, options = {}) => request(`${gateway.hooks}/hooks/linear`, {
  method: 'POST', body, headers: {...linearHeaders(body, options.secret ?? secret, options), ...options.headers}});

test('an issue is accepted with exactly 200, and its message is in the mailbox', async () => {
  const body = sample('linear', 'issue.update', (issue) => { issue.data.description = 'Part of OPS-9, see UTF-8.'; });
  const answer = await post(body, {id: 'first'});
  assert.equal(answer.status, 200, answer.text);
  const {data} = JSON.parse(body);
  assert.equal(answer.json.work, `linear:${data.identifier}`);
  const [message] = await gateway.drainMailbox();
  assert.deepEqual(message.data, {type: 'linear.issue.update', delivery: 'first'});
  assert.equal(message.actorkind, 'human');
  const event = (await gateway.call('GET', `/v1/events/${answer.json.event}`, {as: 'operator'})).json;
  assert.deepEqual(event.references, [{target: 'linear:OPS-9', relation: 'mentions', seen: 'description', trust: 'member'}]);
  assert.ok(event.work.aliases.includes(`linear:${data.id}`));
});

test('a delivery that comes again is a duplicate, under its id and under another with a fresh time', async () => {
  const body = sample('linear', 'comment.create');
  const first = (await post(body, {id: 'again'})).json;
  assert.equal(first.status, 'accepted');
  assert.equal((await post(body, {id: 'again'})).json.status, 'duplicate');
  const retried = JSON.stringify({...JSON.parse(body), webhookTimestamp: Date.now() + 1000});
  const late = await post(retried, {id: 'another'});
  assert.equal(late.status, 200);
  assert.equal(late.json.status, 'duplicate');
  assert.equal(late.json.event, first.event);
  assert.equal((await gateway.drainMailbox()).length, 1);
});

test('a change that the team\'s and the workspace\'s webhook both deliver is one event', async () => {
  const body = JSON.parse(sample('linear', 'issue.update'));
  const first = (await post(JSON.stringify({...body, webhookId: 'team'}), {id: 'by-team'})).json;
  assert.equal(first.status, 'accepted');
  const second = (await post(JSON.stringify({...body, webhookId: 'workspace', webhookTimestamp: Date.now() + 7}), {id: 'by-workspace'})).json;
  assert.equal(second.status, 'duplicate');
  assert.equal(second.event, first.event);
  assert.equal((await gateway.drainMailbox()).length, 1);
});

test('a forgery, a stale time and a time of the future get one and the same 401', async () => {
  const at = (ms) => sample('linear', 'issue.update', (body) => { body.webhookTimestamp = Date.now() + ms; });
  const answers = [
    await post(at(0), {secret: newSecret()}),
    await post(at(0), {headers: {'linear-signature': ''}}),
    await post(at(-4 * dayMs)),
    // The header is not signed: a fresh one makes nothing fresh.
    await post(at(-4 * dayMs), {headers: {'linear-timestamp': String(Date.now())}}),
    await post(at(600_000)),
  ];
  for (const answer of answers) assert.equal(answer.status, 401, answer.text);
  assert.equal(new Set(answers.map(({text}) => text)).size, 1);
  assert.deepEqual(await gateway.drainMailbox(), []);
});

test('a retry after hours is taken, since Linear tries again after six', async () => {
  const body = sample('linear', 'issue.create', (issue) => { issue.webhookTimestamp = Date.now() - 7 * 3_600_000; });
  assert.equal((await post(body)).json.status, 'accepted');
  await gateway.drainMailbox();
});

test('what the gateway accepts, Linear\'s SDK verifies, and what it refuses, the SDK refuses', async () => {
  const client = new LinearWebhookClient(secret);
  const accepts = (body, headers) => {
    try {
      return client.verify(Buffer.from(body), headers['linear-signature'], JSON.parse(body).webhookTimestamp);
    } catch {
      return false;
    }
  };
  const body = sample('linear', 'issue.update', (issue) => { issue.data.title = 'Zwölf Boxkämpfer ☃ 🚂'; });
  const good = linearHeaders(body, secret);
  const cases = [
    [body, good],
    [body, {...good, 'linear-signature': 'sha256=' + good['linear-signature']}],
    [body, {...good, 'linear-signature': good['linear-signature'].slice(0, -2)}],
    [body, linearHeaders(body, 'another secret')],
    [body + ' ', good],
  ];
  for (const [text, headers] of cases) {
    const {status} = await request(`${gateway.hooks}/hooks/linear`, {method: 'POST', body: text, headers});
    assert.equal(status === 200, accepts(text, headers), JSON.stringify(headers));
  }
  await gateway.drainMailbox();
});

test('what `signalbox sample --post` signs, the handler of Linear\'s SDK takes', async () => {
  const handler = new LinearWebhookClient(secret).createHandler();
  const [seen, said] = [[], []];
  const secretFile = join(gateway.directory, 'linear-secret');
  writeFileSync(secretFile, secret, {mode: 0o600});
  handler.on('*', (payload) => { seen.push(`${payload.type} ${payload.action}`); });
  const server = http.createServer((incoming, response) => handler(incoming, response));
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    for (const type of ['issue.update', 'comment.create', 'agent_session_event.prompted']) {
      const {out, err} = await gateway.cliAsync('sample', 'linear', type, '--post', 'linear', '--secret-file', secretFile,
                                                '--hooks-url', `http://127.0.0.1:${server.address().port}`);
      said.push(out + err);
    }
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
  assert.deepEqual(seen, ['Issue update', 'Comment create', 'AgentSessionEvent prompted'], said.join('\n'));
});
