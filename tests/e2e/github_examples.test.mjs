// Every payload that GitHub is known to send goes the whole way: posted, stored, delivered, read, once.
import {sign as octokitSign} from '@octokit/webhooks-methods';
import assert from 'node:assert/strict';
import http from 'node:http';

import {deliveryHeaders, examples} from './harness/github.mjs';
import {Gateway} from './harness/gateway.mjs';
import {request} from './harness/http_client.mjs';
import {after, before, test} from './harness/test.mjs';

// Types whose bodies carry a time or number of their own: the same body again can only be a replay.
const unique = ['check_run.completed', 'check_suite.completed', 'commit_comment.created', 'deployment.created', 'discussion.created',
                'issue_comment.created', 'issues.opened', 'milestone.created', 'page_build', 'pull_request.closed',
                'pull_request.opened', 'pull_request.synchronize', 'pull_request_review.submitted', 'pull_request_review_comment.created',
                'push', 'release.published', 'status', 'workflow_job.completed', 'workflow_run.completed'];
// And such as do not: a branch is made, deleted and made again, an issue pinned and pinned again, with the same body.
const repeatable = ['create', 'delete', 'issues.pinned', 'ping', 'repository_dispatch.on_demand_test', 'watch.started', 'workflow_dispatch'];

let gateway;
const agent = new http.Agent({keepAlive: true, maxSockets: 8});
const deliveries = examples().map((example, index) => ({...example, id: `own-${index}`}));

before(async () => {
  gateway = await Gateway.start({config: {sources: {
    github: {connector: 'github', secrets: [{env: 'GITHUB_WEBHOOK_SECRET'}]},
    octokit: {connector: 'github', secrets: [{env: 'GITHUB_OLD_SECRET'}]},
  }}});
});
after(async () => {
  agent.destroy();
  await gateway.destroy();
});

// A client of GitHub chooses the action of a repository_dispatch freely; types are snake case.
const typeOf = ({event, action}) => ['github', event, ...(action === undefined ? [] : [action.replaceAll('-', '_')])].join('.');

async function deliverAll(list, post) {
  const answers = [];
  await Promise.all(Array.from({length: 8}, async (_, lane) => {
    for (let i = lane; i < list.length; i += 8) answers[i] = await post(list[i]);
  }));
  return answers;
}

const seenTypes = (messages) => messages.map(({data}) => `${data.delivery} ${data.type}`).sort();

test('there are 329 examples', () => assert.equal(deliveries.length, 329));

test('each example is accepted, delivered to the mailbox and read exactly once', async () => {
  const answers = await deliverAll(deliveries, ({event, body, id}) => gateway.deliver(event, body, {id, agent}));
  answers.forEach((answer, i) => {
    assert.equal(answer.status, 200, `${deliveries[i].event}: ${answer.text}`);
    assert.equal(answer.json.status, 'accepted', `${deliveries[i].event}: ${answer.text}`);
    assert.equal(answer.json.messages, 1);
    assert.deepEqual(answer.json.rules, ['everything']);
    assert.match(answer.json.event, /^e_/);
  });
  const messages = await gateway.drainMailbox();
  assert.deepEqual(seenTypes(messages), deliveries.map((d) => `${d.id} ${typeOf(d)}`).sort());
  assert.equal(new Set(messages.map(({id}) => id)).size, 329);
  assert.deepEqual(new Set(messages.map(({causationid}) => causationid)), new Set(answers.map((a) => a.json.event)));
});

test('a delivery that comes again is a duplicate that names the first event', async () => {
  const first = await deliverAll(deliveries, ({event, body, id}) => gateway.deliver(event, body, {id, agent}));
  first.forEach((answer, i) => {
    assert.equal(answer.status, 200);
    assert.equal(answer.json.status, 'duplicate', `${deliveries[i].event}: ${answer.text}`);
    assert.equal(answer.json.outcome, 'accepted');
  });
  assert.deepEqual(await gateway.drainMailbox(), []);
});

test('a replay under a fresh id is a duplicate, unless its type may repeat itself', async () => {
  const answers = await deliverAll(deliveries, ({event, body, id}) => gateway.deliver(event, body, {id: `again-${id}`, agent}));
  const taken = answers.flatMap((answer, i) => answer.json.status === 'duplicate' ? [] : [deliveries[i]]);
  const takenTypes = new Set(taken.map(typeOf));
  const known = new Set(deliveries.map(typeOf));
  for (const type of [...unique, ...repeatable]) assert.ok(known.has(`github.${type}`), `no example of ${type}`);
  assert.deepEqual(unique.filter((type) => takenTypes.has(`github.${type}`)), []);
  assert.deepEqual(repeatable.filter((type) => !takenTypes.has(`github.${type}`)), []);
  assert.equal((await gateway.drainMailbox()).length, taken.length);
});

test('what @octokit/webhooks-methods signs is accepted', async () => {
  const list = examples().map((example, index) => ({...example, id: `octokit-${index}`}));
  const answers = await deliverAll(list, async ({event, body, id}) => {
    const headers = deliveryHeaders(event, body, 'not the secret', {id});
    delete headers['x-hub-signature'];
    headers['x-hub-signature-256'] = await octokitSign(gateway.secrets.GITHUB_OLD_SECRET, body);
    return request(`${gateway.hooks}/hooks/octokit`, {method: 'POST', headers, body, agent});
  });
  answers.forEach((answer, i) => assert.equal(answer.json.status, 'accepted', `${list[i].event}: ${answer.text}`));
  assert.deepEqual(seenTypes(await gateway.drainMailbox()), list.map((d) => `${d.id} ${typeOf(d)}`).sort());
});

test('one source accepts nothing that the secret of another signed', async () => {
  const {event, body} = deliveries[0];
  const answer = await gateway.deliver(event, body, {source: 'octokit', id: 'crossed'});
  assert.equal(answer.status, 401);
});
