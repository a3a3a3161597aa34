// Jira's webhooks, end to end.
import assert from 'node:assert/strict';

import {Gateway} from './harness/gateway.mjs';
import {request} from './harness/http_client.mjs';
import {after, before, test} from './harness/test.mjs';
import {jiraHeaders, newSecret, sample} from './harness/trackers.mjs';

const rules = `rules:
  - name: jira-events
    events: [jira]
    send: [{to: reviewer, kind: event, data: {type: '\${event.type}'}}]
`;
const dayMs = 86_400_000;
const secret = newSecret();
let gateway;

before(async () => {
  process.env.JIRA_WEBHOOK_SECRET = secret;
  gateway = await Gateway.start({rules, config: {sources: {
    jira: {connector: 'jira', secrets: [{env: 'JIRA_WEBHOOK_SECRET'}], projects: ['PROJ', 'WEB']},
    bare: {connector: 'jira', secrets: [{env: 'JIRA_WEBHOOK_SECRET'}], exclude_body: true},
  }}});
});
after(() => gateway.destroy());

const post = (body, options = {}) => request(`${gateway.hooks}/hooks/jira`, {
  method: 'POST', body, headers: {...jiraHeaders(body, options.secret ?? secret, options), ...options.headers}});

test('an issue is accepted and names its links and its parent', async () => {
  const body = sample('jira', 'issue_updated', ({issue}) => {
    issue.fields.parent = {id: '1', key: 'PROJ-1'};
    issue.fields.description = 'Relates to WEB-4';
  });
  const answer = await post(body);
  assert.equal(answer.json.status, 'accepted', answer.text);
  assert.equal(answer.json.work, `jira:${JSON.parse(body).issue.key}`);
  const [message] = await gateway.drainMailbox();
  assert.equal(message.data.type, 'jira.issue_updated');
  const event = (await gateway.call('GET', `/v1/events/${answer.json.event}`, {as: 'operator'})).json;
  assert.deepEqual(event.references, [{target: 'jira:WEB-4', relation: 'mentions', seen: 'description', trust: 'member'},
                                      {target: 'jira:PROJ-1', relation: 'child', seen: 'parent', trust: 'member'}]);
});

test('a retry is a duplicate, and so is the body under another id; another site may use the same id', async () => {
  const body = sample('jira', 'comment_created');
  const first = (await post(body, {id: 'webhook-1'})).json;
  assert.equal(first.status, 'accepted');
  assert.equal((await post(body, {id: 'webhook-1', retry: '2'})).json.status, 'duplicate');
  assert.equal((await post(body, {id: 'webhook-2'})).json.event, first.event);
  const elsewhere = await post(body.replaceAll('acme.atlassian.net', 'apex.atlassian.net'), {id: 'webhook-1'});
  assert.equal(elsewhere.json.status, 'accepted');
  assert.equal((await gateway.drainMailbox()).length, 2);
});

test('a forgery, another method and a stale time get 401', async () => {
  const body = sample('jira', 'issue_created');
  const good = jiraHeaders(body, secret)['x-hub-signature'];
  const stale = sample('jira', 'issue_created', (event) => { event.timestamp = Date.now() - 4 * dayMs; });
  for (const answer of [
    await post(body, {secret: newSecret()}),
    await post(body, {headers: {'x-hub-signature': good.replace('sha256', 'sha1')}}),
    await post(body, {headers: {'x-hub-signature': good.slice('sha256='.length)}}),
    await post(body, {headers: {'x-hub-signature': '', 'x-hub-signature-256': good}}),
    await post(stale),
  ]) assert.equal(answer.status, 401, answer.text);
  assert.deepEqual(await gateway.drainMailbox(), []);
});

test('an empty body is refused unless its source has a webhook that excludes bodies; then its like within seconds are one', async () => {
  const refused = await post('', {id: 'empty-0'});
  assert.equal(refused.status, 400);
  assert.match(refused.json.detail, /exclude_body: true/);
  const excluded = (id) => request(`${gateway.hooks}/hooks/bare`, {method: 'POST', body: '', headers: jiraHeaders('', secret, {id})});
  assert.equal((await excluded('empty-1')).json.status, 'accepted');
  for (const id of ['empty-2', 'empty-3']) assert.equal((await excluded(id)).json.status, 'duplicate');
  assert.deepEqual((await gateway.drainMailbox()).map(({data}) => data.type), ['jira.empty']);
});

test('a time of the future is a wrong clock and is asked for again', async () => {
  const answer = await post(sample('jira', 'issue_created', (event) => { event.timestamp = Date.now() + 600_000; }));
  assert.equal(answer.status, 503, answer.text);
  assert.equal(answer.json.reason, 'timestamp_in_future');
});

test('a time that is no number is none, since Jira sends nothing again that is refused', async () => {
  const answer = await post(sample('jira', 'issue_created', (event) => { event.timestamp = '2026-11-26T10:00:00.000+0000'; }));
  assert.equal(answer.json.status, 'accepted', answer.text);
  await gateway.drainMailbox();
});
