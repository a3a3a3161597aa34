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

test('an excluded body is an event, and twice the same is two events when their ids differ', async () => {
  for (const id of ['empty-1', 'empty-2']) assert.equal((await post('', {id})).json.status, 'accepted');
  assert.deepEqual((await gateway.drainMailbox()).map(({data}) => data.type), ['jira.empty', 'jira.empty']);
});
