// The command line against a running gateway: for people and, with --json, for programs.
import {verify as octokitVerify} from '@octokit/webhooks-methods';
import assert from 'node:assert/strict';
import {writeFileSync} from 'node:fs';
import http from 'node:http';
import {join} from 'node:path';

import {Gateway} from '../harness/gateway.mjs';
import {pullRequest} from '../harness/github.mjs';
import {after, before, beforeEach, test} from '../harness/test.mjs';

const rules = `rules:
  - name: review-opened
    events: [github.pull_request.opened]
    send: [{to: reviewer, kind: assign, task: review, summary: 'Review \${body.pull_request.title}'}]
  - name: never
    events: [github.pull_request.opened]
    match: {action: [closed]}
    send: [{to: coder, kind: note, summary: 'closed'}]
`;

let gateway;
let number = 0;

before(async () => { gateway = await Gateway.start({rules}); });
after(() => gateway.destroy());
beforeEach(async () => {
  await gateway.drainMailbox('reviewer');
  await gateway.drainMailbox('coder');
});

const deliver = async () => (await gateway.deliver('pull_request', pullRequest(++number))).json;

function good(result) {
  assert.equal(result.code, 0, result.err + result.out);
  return result;
}

test('the newcomer\'s path: sample, inbox, receive, ack, explain', () => {
  const posted = good(gateway.cli('sample', 'github', 'pull_request.opened', '--post', 'github'));
  assert.match(posted.out, /accepted/);
  const [event] = /e_\w+/.exec(posted.out);
  const inbox = good(gateway.cli('inbox', '--agent', 'reviewer'));
  assert.match(inbox.out, /1 ready/);
  assert.match(inbox.out, /assign/);
  const received = good(gateway.cli('receive', '--agent', 'reviewer'));
  const [receipt] = /m_\w+\.\w+/.exec(received.out);
  assert.match(received.out, new RegExp(event));
  good(gateway.cli('ack', receipt, '--agent', 'reviewer'));
  assert.match(good(gateway.cli('inbox', '--agent', 'reviewer')).out, /0 ready, 0 leased/);
  const explained = good(gateway.cli('explain', event)).out;
  assert.match(explained, /matched\s+review-opened/);
  assert.match(explained, /never/);
  assert.match(explained, /opened/);
});

test('each sample that is posted is another delivery', () => {
  const events = Array.from({length: 3}, () => good(gateway.cli('sample', 'github', 'pull_request.opened', '--post', 'github', '--json')).json);
  assert.deepEqual(events.map(({status}) => status), ['accepted', 'accepted', 'accepted']);
  assert.equal(new Set(events.map(({event}) => event)).size, 3);
});

test('with --json every command prints what the API answers', async () => {
  const {event} = await deliver();
  assert.equal(good(gateway.cli('inbox', '--agent', 'reviewer', '--json')).json.ready, 1);
  const {messages: [{receipt, message}]} = good(gateway.cli('receive', '--agent', 'reviewer', '--json')).json;
  assert.equal(message.causationid, event);
  assert.deepEqual(good(gateway.cli('extend', receipt, '--visibility', '10m', '--agent', 'reviewer', '--json')).json.done, [receipt]);
  assert.deepEqual(good(gateway.cli('nack', receipt, '--agent', 'reviewer', '--json')).json, {done: [receipt], expired: []});
  assert.equal(good(gateway.cli('events', '--json')).json.events[0].id, event);
  assert.equal(good(gateway.cli('explain', event, '--json')).json.rules[0].rule, 'review-opened');
  assert.match(good(gateway.cli('version', '--json')).json.version, /^\d+\.\d+\.\d+$/);
});

test('an agent and an operator can send', () => {
  const sent = good(gateway.cli('send', '--agent', 'coder', '--to', 'reviewer', '--kind', 'help', '--summary', 'stuck', '--json')).json;
  assert.equal(sent.messages[0].mailbox, 'reviewer');
  good(gateway.cli('send', '--to', 'reviewer', '--kind', 'control', '--data', '-', {input: '{"pause": true}'}));
  const {messages} = good(gateway.cli('receive', '--agent', 'reviewer', '--max', '10', '--json')).json;
  assert.deepEqual(messages.map(({message}) => [message.sender, message.type, message.data]),
                   [['operator:ops', 'dev.signalbox.control', {pause: true}], ['agent:coder', 'dev.signalbox.help', {summary: 'stuck'}]]);
  const [, {receipt, message: {id}}] = messages;
  good(gateway.cli('send', '--agent', 'reviewer', '--to', 'coder', '--kind', 'answer', '--summary', 'pull', '--cause', receipt));
  const [{message: answer}] = good(gateway.cli('receive', '--agent', 'coder', '--json')).json.messages;
  assert.deepEqual([answer.causationid, answer.hop], [id, 1]);
});

test('exit codes tell refusal, usage, an absent server and a lost lease apart', () => {
  assert.equal(gateway.cli('ack', 'm_nothing.1', '--agent', 'reviewer').code, 4);
  assert.equal(gateway.cli('explain', 'e_nothing').code, 1);
  assert.equal(gateway.cli('send', '--to', 'nobody', '--summary', 'x').code, 1);
  assert.equal(gateway.cli('nonsense').code, 2);
  assert.equal(gateway.cli('inbox', '--agent', 'nobody').code, 2);
  assert.equal(gateway.cli('inbox', '--config', 'nowhere.yaml').code, 2);
  const away = gateway.cli('inbox', '--agent', 'reviewer', {env: {SIGNALBOX__API__LISTEN: '127.0.0.1:1'}});
  assert.equal(away.code, 3);
  assert.equal(away.out, '');
  assert.notEqual(away.err, '');
});

test('a token from the environment is used as it is', async () => {
  await deliver();
  const remote = (token) => ({
    env: {HOME: '/nonexistent', SIGNALBOX_CONFIG: undefined, SIGNALBOX_ENV_FILE: undefined, SIGNALBOX__API__LISTEN: undefined,
          SIGNALBOX__HOOKS__LISTEN: undefined, SIGNALBOX_URL: gateway.api, SIGNALBOX_TOKEN: token},
    cwd: '/',
  });
  assert.equal(good(gateway.cli('inbox', '--json', remote(gateway.tokens.reviewer))).json.ready, 1);
  assert.equal(gateway.cli('inbox', remote('a-token-that-nobody-has')).code, 1);
});

test('text of a payload cannot steer the terminal', async () => {
  const body = JSON.stringify({...JSON.parse(pullRequest(++number)), pull_request: {...JSON.parse(pullRequest(number)).pull_request,
                               title: 'a\u001b[2J\u001b]0;owned\u0007\r\u202eb\u009b31m'}});
  assert.equal((await gateway.deliver('pull_request', body)).json.status, 'accepted');
  for (const command of ['inbox', 'receive']) {
    const {out} = good(gateway.cli(command, '--agent', 'reviewer'));
    assert.ok(!/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/.test(out), JSON.stringify(out));
    assert.match(out, /Review a/);
  }
});

test('check and test judge the rules without a server', () => {
  good(gateway.cli('check'));
  const bad = join(gateway.directory, 'bad.yaml');
  writeFileSync(bad, 'rules:\n  - name: a\n    events: [github.push]\n    mach: {}\n    send: [{to: reviewer, kind: note}]\n');
  const checked = gateway.cli('check', bad);
  assert.equal(checked.code, 1);
  assert.match(checked.out + checked.err, /bad\.yaml:4:5: .*mach.*did you mean 'match'/);
});

test('explain decides a file as the gateway would', () => {
  const file = join(gateway.directory, 'body.json');
  writeFileSync(file, pullRequest(1));
  const {outcome, rules: explained} = good(gateway.cli('explain', file, '--type', 'github.pull_request.opened', '--json')).json;
  assert.equal(outcome, 'accepted');
  assert.equal(explained.find(({rule}) => rule === 'never').failed_path, 'action');
});

test('a posted sample carries a signature that @octokit/webhooks-methods verifies', async () => {
  let seen;
  const server = http.createServer((request, response) => {
    const parts = [];
    request.on('data', (part) => parts.push(part));
    request.on('end', () => {
      seen = {headers: request.headers, body: Buffer.concat(parts).toString()};
      response.writeHead(401, {'content-type': 'application/problem+json'});
      response.end('{"type":"about:blank","title":"no","status":401,"reason":"unauthorized"}');
    });
  });
  await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  const url = `http://127.0.0.1:${server.address().port}`;
  const posted = await gateway.cliAsync('sample', 'github', 'issues.opened', '--post', 'github', '--hooks-url', url);
  server.close();
  assert.equal(posted.code, 1, 'a refusal is not a success');
  assert.equal(seen.headers['x-github-event'], 'issues');
  assert.ok(await octokitVerify(gateway.secret, seen.body, seen.headers['x-hub-signature-256']));
});

test('eval answers each line of standard input, and those that are no case too', () => {
  const row = (pattern, event) => JSON.stringify({pattern, event});
  const input = [row('{"a":[{"prefix":"x"}]}', '{"a":"xy"}'), row('{"a":[1]}', '{"a":2}'), row('{"a":[{"prefx":1}]}', '{}'), row('{"a":[1]}', '[]'),
                 '{"expr":"1 + 1","bindings":{}}', 'no JSON', row('{"a":[1]}', '{"a":1}')].join('\n');
  const {code, out} = gateway.cli('eval', '--jsonl', {input});
  const answers = out.trim().split('\n').map((line) => JSON.parse(line));
  assert.deepEqual(answers.map(({result}) => result), [true, false, 'invalid-pattern', 'invalid-event', undefined, undefined, true]);
  assert.match(answers[4].error, /CEL/);
  assert.ok(answers[5].error);
  assert.equal(code, 1);
});

test('numbers keep their spelling, from --data to --json', () => {
  const number = '123456789012345678901234567890.10';
  good(gateway.cli('send', '--to', 'reviewer', '--data', `{"n": ${number}, "huge": 1e400}`));
  assert.match(good(gateway.cli('receive', '--agent', 'reviewer', '--json')).out, new RegExp(`"data":{"n":${number},"huge":1e400}`));
});

test('a message is shown whole by its id, and explained by its event', async () => {
  const {event} = await deliver();
  const {messages: [{receipt, message: {id}}]} = good(gateway.cli('receive', '--agent', 'reviewer', '--json')).json;
  for (const name of [id, receipt]) assert.equal(good(gateway.cli('message', name, '--json')).json.causationid, event);
  assert.match(good(gateway.cli('message', id, '--agent', 'reviewer')).out, /task review {2}\d+s ago, to reviewer\n[^]*Review/);
  assert.equal(gateway.cli('message', id, '--agent', 'coder').code, 1);
  assert.match(good(gateway.cli('explain', id)).out, /matched\s+review-opened/);
  const typed = gateway.cli('ack', id, '--agent', 'reviewer');
  assert.equal(typed.code, 2);
  assert.match(typed.err, /is a message's id, and ack takes a receipt/);
});

test('an operator names a mailbox with --agent, and names that nobody knows are told the known ones', () => {
  const as = (...args) => gateway.cli(...args, {env: {SIGNALBOX_URL: gateway.api, SIGNALBOX_TOKEN: gateway.tokens.operator}});
  for (const command of ['inbox', 'dead', 'receive']) assert.match(as(command).err, /--agent \(known: reviewer, coder\)/);
  assert.match(as('inbox', '--agent', 'revewer').err, /did you mean 'reviewer'\? \(known: reviewer, coder\)/);
  assert.match(as('send', '--to', 'topic:al').err, /did you mean 'topic:all'\? \(known: reviewer, coder, topic:all\)/);
  assert.match(as('send', '--to', 'coder', '--kind', 'task').err, /unknown kind 'task'.*\(known: event, assign/);
  for (const [flag, known] of [['--source', 'github'], ['--rule', 'review-opened, never']]) {
    const found = as('events', flag, 'nope');
    assert.equal(found.code, 1);
    assert.match(found.out, new RegExp(`'nope'.*\\(known: ${known}\\)`));
  }
  const plain = gateway.cli('rules', {env: {SIGNALBOX_URL: gateway.api.replace('http', 'https'), SIGNALBOX_TOKEN: gateway.tokens.operator}});
  assert.equal(plain.code, 3);
  assert.match(plain.err, /speaks plain HTTP/);
});
