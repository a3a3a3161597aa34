// Who may say what: scopes of secrets, and addresses that a source takes requests from.
import assert from 'node:assert/strict';

import {Gateway} from './harness/gateway.mjs';
import {pullRequest} from './harness/github.mjs';
import {request} from './harness/http_client.mjs';
import {after, before, test} from './harness/test.mjs';
import {jiraHeaders, linearHeaders, newSecret, sample} from './harness/trackers.mjs';

const rules = 'rules: [{name: all, events: [github, linear, jira], send: [{to: reviewer, kind: event, data: {type: "${event.type}"}}]}]\n';
const [team, site] = [newSecret(), newSecret()];
let gateway;
let number = 0;

before(async () => {
  Object.assign(process.env, {SCOPED_TEAM_SECRET: team, SCOPED_SITE_SECRET: site});
  gateway = await Gateway.start({rules, config: {
    hooks: {trusted_proxies: ['127.0.0.1', '10.0.0.0/8']},
    sources: {
      github: {connector: 'github', secrets: [{env: 'GITHUB_WEBHOOK_SECRET', scope: ['acme/*']}, {env: 'GITHUB_OLD_SECRET', scope: ['other/web-*']}]},
      linear: {connector: 'linear', secrets: [{env: 'SCOPED_TEAM_SECRET', scope: ['OPS']}]},
      jira: {connector: 'jira', secrets: [{env: 'SCOPED_SITE_SECRET', scope: ['acme.atlassian.net']}]},
      fenced: {connector: 'github', secrets: [{env: 'GITHUB_WEBHOOK_SECRET'}], allow_ips: ['192.30.252.0/22', '2a0a:a440::/29']},
    },
  }});
});
after(() => gateway.destroy());

const refusals = async (source, reason) => {
  const {text} = await request(`${gateway.api}/metrics`);
  const line = text.split('\n').find((each) => each.startsWith('signalbox_deliveries_refused_total') && each.includes(`"${source}"`) && each.includes(`"${reason}"`));
  return Number(line?.split(' ').at(-1) ?? 0);
};

test('a secret signs for its own repositories only, whatever the other secrets of the source cover', async () => {
  const old = gateway.secrets.GITHUB_OLD_SECRET;
  for (const [repository, secret, status] of [
    ['acme/api', undefined, 200], ['ACME/Web', undefined, 200], ['other/web-site', old, 200],
    ['acme-evil/api', undefined, 403], ['other/web-site', undefined, 403], ['acme/api', old, 403], ['other/api', old, 403],
  ]) {
    const answer = await gateway.deliver('pull_request', pullRequest(++number, repository), secret ? {secret} : {});
    assert.equal(answer.status, status, `${repository}: ${answer.text}`);
    if (status === 403) assert.equal(answer.json.reason, 'out_of_scope');
  }
  assert.equal(await refusals('github', 'out_of_scope'), 4);
  assert.equal((await gateway.drainMailbox()).length, 3);
});

test('an event that cannot be placed is out of scope, and headers place nothing', async () => {
  const body = JSON.stringify({zen: 'x', hook_id: 1});
  const answer = await gateway.deliver('ping', body, {headers: {'x-github-hook-installation-target-type': 'repository', 'x-github-repository': 'acme/api'}});
  assert.equal(answer.json.reason, 'out_of_scope');
});

test('a forgery is 401 before its scope is looked at', async () => {
  const answer = await gateway.deliver('pull_request', pullRequest(++number, 'evil/api'), {secret: newSecret()});
  assert.equal(answer.status, 401);
});

test('a secret of Linear is bound to a team, one of Jira to a site', async () => {
  const linear = (change) => {
    const body = sample('linear', 'issue.update', change);
    return request(`${gateway.hooks}/hooks/linear`, {method: 'POST', body, headers: linearHeaders(body, team)});
  };
  const ours = (body) => { body.data.team.key = 'OPS'; body.data.identifier = 'OPS-1'; };
  assert.equal((await linear(ours)).status, 200);
  assert.equal((await linear(() => {})).json.reason, 'out_of_scope');
  const jira = (host) => {
    const body = sample('jira', 'issue_updated').replaceAll('acme.atlassian.net', host);
    return request(`${gateway.hooks}/hooks/jira`, {method: 'POST', body, headers: jiraHeaders(body, site)});
  };
  assert.equal((await jira('acme.atlassian.net')).status, 200);
  assert.equal((await jira('apex.atlassian.net')).json.reason, 'out_of_scope');
  await gateway.drainMailbox();
});

test('a source takes requests from its addresses only, as trusted proxies pass them on', async () => {
  const from = (forwarded, options = {}) => gateway.deliver('pull_request', pullRequest(++number), {
    source: 'fenced', ...options, headers: forwarded === undefined ? {} : {'x-forwarded-for': forwarded}});
  for (const good of ['192.30.252.1', '203.0.113.9, 192.30.255.254', '192.30.252.1, 10.1.2.3', '2a0a:a440::1', '192.30.252.1:4711']) {
    assert.equal((await from(good)).status, 200, good);
  }
  const counted = await refusals('fenced', 'address_not_allowed');
  const bad = [undefined, '203.0.113.9', '192.30.252.1, 203.0.113.9', '192.30.252.1, unknown', '192.31.0.1', '10.1.2.3'];
  for (const each of bad) {
    const answer = await from(each);
    assert.equal(answer.status, 403, `${each}: ${answer.text}`);
    assert.equal(answer.json.reason, 'forbidden');
    assert.equal(answer.json.detail, undefined, 'the sender is not told what the list holds');
  }
  // Refused before its signature is looked at.
  assert.equal((await from('203.0.113.9', {secret: newSecret()})).json.reason, 'forbidden');
  assert.equal(await refusals('fenced', 'address_not_allowed'), counted + bad.length + 1);
  assert.equal((await gateway.drainMailbox()).length, 5);
});
