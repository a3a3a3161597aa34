// The private listener: operators look at events, at why they were routed as they were, and at the rules.
import assert from 'node:assert/strict';
import {writeFileSync} from 'node:fs';
import {join} from 'node:path';

import {until} from './harness/deadlines.mjs';
import {Gateway} from './harness/gateway.mjs';
import {pullRequest} from './harness/github.mjs';
import {after, before, test} from './harness/test.mjs';

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
  assert.deepEqual(first.failures.map(({rule}) => rule), ['broken-template']);
  const kept = (await gateway.call('GET', `/v1/events/${first.event}`, {as: 'operator'})).json;
  assert.equal(kept.outcome, first.status, 'one word in answer and archive');
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

const search = async (query, as = 'operator') => (await gateway.call('GET', `/v1/events?${query}`, {as})).json;
const searchAll = async (query) => {
  const found = [];
  let cursor = '';
  do {
    const page = await search(`${query}&max=3${cursor && `&cursor=${encodeURIComponent(cursor)}`}`);
    found.push(...page.events.map(({id}) => id));
    cursor = page.next;
  } while (cursor);
  return found;
};

test('events are found by source, type, status, rule, work and time, alone and together', async () => {
  const all = await searchAll('source=github');
  assert.ok(all.length > 5);
  assert.deepEqual(await searchAll('source=gith'), []);
  const of = async (test) => {
    const chosen = [];
    for (const id of all) {
      const event = (await gateway.call('GET', `/v1/events/${id}`, {as: 'operator'})).json;
      if (test(event)) chosen.push(id);
    }
    return chosen;
  };
  const opened = await of(({type}) => type === 'github.pull_request.opened');
  const last0 = (await gateway.call('GET', `/v1/events/${opened[0]}`, {as: 'operator'})).json;
  for (const type of ['github.pull_request.opened', 'github.pull_request.o*d', 'github.*.opened', '*.*_request.opened']) {
    assert.deepEqual(await searchAll(`type=${type}`), opened, type);
  }
  assert.deepEqual(await searchAll('type=github'), all);
  assert.deepEqual(await searchAll('type=github.pull'), []);
  assert.deepEqual(await searchAll('type=linear'), []);
  assert.deepEqual(await searchAll('status=dropped'), await of(({outcome}) => outcome === 'dropped'));
  assert.deepEqual(await searchAll(`delivery=${last0.delivery}`), [last0.id]);
  assert.deepEqual(await searchAll('status=no_match&type=github.pull_request'), await of(({outcome}) => outcome === 'no_match'));
  assert.deepEqual(await searchAll('rule=broken-template'), await of(({type}) => type === 'github.push'));
  const last = (await gateway.call('GET', `/v1/events/${opened[0]}`, {as: 'operator'})).json;
  for (const work of [last.work.id, last.work.canonical, last.work.readable, ...last.work.aliases]) {
    assert.deepEqual(await searchAll(`work=${encodeURIComponent(work)}`), await of((event) => event.work?.id === last.work.id), work);
  }
  assert.deepEqual(await searchAll(`work=${encodeURIComponent('github:acme/api#424242')}`), []);
  const received = Date.parse(last.received);
  const at = (ms) => encodeURIComponent(new Date(ms).toISOString());
  assert.deepEqual(await searchAll(`since=${at(received)}`), await of((event) => Date.parse(event.received) >= received));
  assert.deepEqual(await searchAll(`until=${at(received)}`), await of((event) => Date.parse(event.received) < received));
  assert.deepEqual(await searchAll(`since=${at(received + 86_400_000 * 3)}`), []);
  assert.deepEqual(await searchAll(`until=${at(received - 86_400_000 * 3)}`), []);
  assert.deepEqual(await searchAll(`type=github.pull_request&rule=review-opened&status=accepted&since=${at(received)}&until=${at(received + 1)}`),
                   await of((event) => event.rules.includes('review-opened') && Date.parse(event.received) === received));
});

test('a cursor goes on where it was while new events come', async () => {
  const before = await searchAll('type=github.pull_request.opened');
  const {events, next} = await search('type=github.pull_request.opened&max=2');
  assert.deepEqual(events.map(({id}) => id), before.slice(0, 2));
  await deliver(3);
  const rest = [];
  for (let cursor = next; cursor;) {
    const page = await search(`type=github.pull_request.opened&max=2&cursor=${encodeURIComponent(cursor)}`);
    rest.push(...page.events.map(({id}) => id));
    cursor = page.next;
  }
  assert.deepEqual(rest, before.slice(2));
});

test('a search for nonsense says what is wrong', async () => {
  for (const query of ['type=Github', 'type=no-such-provider', 'type=a..b', 'status=good', 'since=today', 'until=1', 'max=101', 'cursor=x', 'sort=id', 'type=github&type=linear']) {
    assertProblem(await gateway.call('GET', `/v1/events?${query}`, {as: 'operator'}), 400, 'invalid_argument');
  }
});

test('a replay decides anew, sends messages of its own, once a key, and is seen with the event', async () => {
  const [{event}] = await deliver();
  const first = (await gateway.call('GET', `/v1/events/${event}`, {as: 'operator'})).json;
  await gateway.drainMailbox();
  const replay = (body, headers = {}) => gateway.call('POST', `/v1/events/${event}/replay`, {as: 'operator', body, headers});
  const dry = await replay({dry_run: true});
  assert.equal(dry.status, 200, dry.text);
  assert.equal(dry.json.messages[0].message.data.summary, `Review Change ${number}`);
  assert.deepEqual(await gateway.drainMailbox(), []);

  const headers = {'idempotency-key': 'once'};
  const sent = await replay({}, headers);
  assert.equal(sent.status, 201, sent.text);
  assert.deepEqual(sent.json.rules, ['review-opened']);
  assert.equal(sent.json.generation, 1);
  assert.notEqual(sent.json.messages[0].id, first.messages[0].id);
  const again = await replay({}, headers);
  assert.equal(again.status, 200);
  assert.deepEqual(again.json, sent.json);
  assertProblem(await replay({rules: ['never']}, headers), 422, 'idempotency_conflict');
  const messages = await gateway.drainMailbox();
  assert.deepEqual(messages.map(({id}) => id), [sent.json.messages[0].id]);
  assert.equal(messages[0].causationid, event);

  assert.equal((await replay({rules: ['never']})).json.status, 'no_match');
  const several = await Promise.all(Array.from({length: 4}, () => replay({})));
  assert.deepEqual(several.map(({json}) => json.generation).sort(), [2, 3, 4, 5]);
  assert.equal(new Set((await gateway.drainMailbox()).map(({id}) => id)).size, 4);

  const {replays, messages: own} = (await gateway.call('GET', `/v1/events/${event}`)).json;
  assert.deepEqual(own, first.messages);
  assert.equal(replays.length, 5);
  assert.equal(replays[0].by, 'operator:ops');
  assert.deepEqual(replays[0].messages.map(({id}) => id), [sent.json.messages[0].id]);

  assertProblem(await replay({rules: ['unheard-of']}), 404, 'not_found');
  assertProblem(await replay({rules: []}), 400, 'invalid_argument');
  assertProblem(await replay({dry_run: 'yes'}), 400, 'invalid_argument');
  assertProblem(await gateway.call('POST', `/v1/events/${event}/replay`, {body: {}}), 403, 'forbidden');
  assertProblem(await gateway.call('POST', '/v1/events/e_00000000000000000/replay', {as: 'operator', body: {}}), 404, 'not_found');
});

test('a mended rule is used by the provider\'s redelivery and by a replay, and who is sent a replay may read the event', async () => {
  const other = await Gateway.start({rules});
  try {
    const body = JSON.stringify({ref: 'refs/heads/main', before: '0'.repeat(40), after: '2'.repeat(40), repository: {full_name: 'acme/api', id: 1}});
    const failing = (await other.deliver('push', body, {id: 'mend-me'})).json;
    assert.equal(failing.status, 'dropped');
    const pull = (await other.deliver('pull_request', pullRequest(900))).json;
    assert.equal(pull.status, 'accepted');
    assert.equal((await other.call('GET', `/v1/events/${pull.event}`, {as: 'coder'})).status, 404);

    await other.stop();
    writeFileSync(join(other.directory, 'rules', 'rules.yaml'),
                  rules.replace('${body.no.such.thing}', 'pushed to ${body.ref}').replace('draft: [true]', 'draft: [false]'));
    await other.launch();
    const mended = (await other.deliver('push', body, {id: 'mend-me'})).json;
    assert.equal(mended.status, 'accepted');
    assert.equal(mended.event, failing.event);
    assert.deepEqual((await other.drainMailbox('coder')).map(({data}) => data.summary), ['pushed to refs/heads/main']);
    assert.equal((await other.deliver('push', body, {id: 'mend-me'})).json.status, 'duplicate');
    assert.equal((await other.deliver('pull_request', pullRequest(900))).json.status, 'duplicate', 'what was accepted stays as it was decided');

    const replayed = await other.call('POST', `/v1/events/${pull.event}/replay`, {as: 'operator', body: {rules: ['never']}});
    assert.equal(replayed.status, 201, replayed.text);
    assert.deepEqual(replayed.json.messages.map(({mailbox}) => mailbox), ['coder']);
    assert.equal((await other.call('GET', `/v1/events/${pull.event}`, {as: 'coder'})).status, 200);
  } finally {
    await other.destroy();
  }
});

test('rules are checked without being loaded, and tried on archived and invented events', async () => {
  const check = (body) => gateway.call('POST', '/v1/rules/check', {as: 'operator', headers: {'content-type': 'application/yaml'}, text: body});
  const good = (await check(rules)).json;
  assert.deepEqual(good, {good: true, rules: 3, diagnostics: []});
  const wrong = (await check(rules.replace('to: reviewer', 'to: reviwer'))).json;
  assert.equal(wrong.good, false);
  assert.match(wrong.diagnostics[0].message, /did you mean 'reviewer'/);
  assert.equal(wrong.diagnostics[0].line, 6);
  assert.equal((await check('{')).json.good, false);
  assertProblem(await check('#'.repeat(262_145)), 413, 'body_too_large');

  const simulate = (body) => gateway.call('POST', '/v1/rules/simulate', {as: 'operator', body});
  const [{event}] = await deliver();
  await gateway.drainMailbox();
  const archived = (await simulate({event})).json;
  assert.equal(archived.status, 'accepted');
  assert.equal(archived.messages[0].message.data.summary, `Review Change ${number}`);
  assert.equal(archived.explanation.find(({rule}) => rule === 'never').failed_path, 'pull_request.draft');
  const invented = (await simulate({type: 'github.pull_request.opened', body: JSON.parse(pullRequest(901))})).json;
  assert.deepEqual(invented.rules, ['review-opened']);
  assert.deepEqual(await gateway.drainMailbox(), [], 'nothing was sent');
  for (const body of [{}, {event, type: 'github.push'}, {type: 'github.push'}, {type: 'no-such-provider.push', body: {}}, {type: 'github.push', body: 'x'}, {other: 1}]) {
    assertProblem(await simulate(body), 400, 'invalid_argument');
  }
  assertProblem(await simulate({event: 'e_00000000000000000'}), 404, 'not_found');
});
