// The private listener: operators look at events, at why they were routed as they were, and at the rules.
import assert from 'node:assert/strict';
import {after, before, test} from 'node:test';

import {until} from './deadlines.mjs';
import {Gateway} from './gateway.mjs';
import {pullRequest} from './github.mjs';

const rules = `rules:
  - name: review-opened
    events: [github.pull_request.opened]
    match: {pull_request: {draft: [false]}, repository: {full_name: [{prefix: "acme/"}]}}
    send:
      - {to: reviewer, kind: assign, task: review, summary: 'Review \${body.pull_request.title}',
         data: {head: '\${body.pull_request.head.sha}', files: '\${body.pull_request.changed_files}'}}
  - name: never
    events: [github.pull_request.opened]
    match: {pull_request: {draft: [true]}}
    send: [{to: coder, kind: note, summary: 'a draft'}]
  - name: broken-template
    events: [github.push]
    send: [{to: coder, kind: note, summary: '\${body.no.such.thing}'}]
`;

let gateway;
let number = 0;

before(async () => { gateway = await Gateway.start({rules}); });
after(() => gateway.destroy());

const deliver = async (count = 1) => {
  const answers = [];
  for (let i = 0; i < count; ++i) answers.push((await gateway.deliver('pull_request', pullRequest(++number))).json);
  return answers;
};

function assertProblem(answer, status, reason) {
  assert.equal(answer.status, status, answer.text);
  assert.equal(answer.headers['content-type'], 'application/problem+json');
  assert.equal(answer.json.reason, reason, answer.text);
  assert.equal(answer.json.status, status);
}

test('events are listed newest first, page by page, each once', async () => {
  const sent = (await deliver(5)).map(({event}) => event).reverse();
  const listed = [];
  let cursor = '';
  do {
    const page = (await gateway.call('GET', `/v1/events?max=2${cursor && `&cursor=${encodeURIComponent(cursor)}`}`, {as: 'operator'})).json;
    assert.ok(page.events.length <= 2);
    listed.push(...page.events);
    cursor = page.next;
  } while (cursor && listed.length < 1000);
  assert.deepEqual(listed.slice(0, 5).map(({id}) => id), sent);
  assert.equal(new Set(listed.map(({id}) => id)).size, listed.length);
  const [newest] = listed;
  assert.equal(newest.source, 'github');
  assert.equal(newest.type, 'github.pull_request.opened');
  assert.equal(newest.outcome, 'accepted');
  assert.equal(newest.subject, `github:acme/api#${number}`);
  assert.deepEqual(newest.rules, ['review-opened']);
  assert.equal(newest.messages[0].mailbox, 'reviewer');
});

test('an event is readable by operators and by whoever holds a message that cites it', async () => {
  const [{event}] = await deliver();
  const whole = (await gateway.call('GET', `/v1/events/${event}`, {as: 'operator'})).json;
  assert.deepEqual(whole.body, JSON.parse(pullRequest(number)));
  assert.deepEqual(whole.actor, {id: '7', name: 'mona', kind: 'human'});
  assert.equal((await gateway.call('GET', `/v1/events/${event}`)).status, 200);
  const stranger = await gateway.call('GET', `/v1/events/${event}`, {as: 'coder'});
  assert.ok([403, 404].includes(stranger.status), `${stranger.status}`);
  assertProblem(await gateway.call('GET', '/v1/events/e_nothing', {as: 'operator'}), 404, 'not_found');
});

test('the body of an event that no rule matched is kept too', async () => {
  const body = pullRequest(++number).replace('"opened"', '"reopened"');
  const {event, status} = (await gateway.deliver('pull_request', body)).json;
  assert.equal(status, 'no_match');
  await until('the archive has the body', async () => {
    const {body: kept} = (await gateway.call('GET', `/v1/events/${event}`, {as: 'operator'})).json;
    return kept !== undefined && kept !== null && kept.action === 'reopened';
  });
});

test('explain says which rules matched and what stopped the others', async () => {
  const [{event}] = await deliver();
  const explained = (await gateway.call('GET', `/v1/events/${event}/explain`, {as: 'operator'})).json;
  assert.equal(explained.event, event);
  assert.equal(explained.outcome, 'accepted');
  assert.equal(explained.ruleset_then, explained.ruleset_now);
  assert.deepEqual(explained.rules.map(({rule, matched}) => ({rule, matched})).slice(0, 2),
                   [{rule: 'review-opened', matched: true}, {rule: 'never', matched: false}]);
  const never = explained.rules[1];
  assert.equal(never.failed_path, 'pull_request.draft');
  assert.equal(never.actual, 'false');
  const one = (await gateway.call('GET', `/v1/events/${event}/explain?rule=never`, {as: 'operator'})).json;
  assert.deepEqual(one.rules.map(({rule}) => rule), ['never']);
});

test('a template that fails is answered, recorded and decided anew when the delivery comes again', async () => {
  const body = JSON.stringify({ref: 'refs/heads/main', before: '0'.repeat(40), after: '1'.repeat(40), repository: {full_name: 'acme/api', id: 1}});
  const first = (await gateway.deliver('push', body, {id: 'failing'})).json;
  assert.equal(first.status, 'dropped');
  assert.equal(first.reason, 'template_failed');
  assert.deepEqual(first.rules, ['broken-template']);
  const second = (await gateway.deliver('push', body, {id: 'failing'})).json;
  assert.equal(second.status, 'dropped', 'not a duplicate: nothing was delivered yet');
});

test('rules are listed with their counters', async () => {
  await deliver();
  const {digest, rules: listed} = (await gateway.call('GET', '/v1/rules', {as: 'operator'})).json;
  assert.match(digest, /^\w+$/);
  const row = listed.find(({name}) => name === 'review-opened');
  assert.deepEqual(row.events, ['github.pull_request.opened']);
  assert.deepEqual(row.recipients, ['reviewer']);
  assert.equal(row.matched, number - 1, 'every pull request of this file but the reopened one');
  assert.equal(listed.find(({name}) => name === 'broken-template').failed, 2);
});
