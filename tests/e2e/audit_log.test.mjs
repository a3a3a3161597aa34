// Who called what: the records of operators' calls, tokens with an end, tokens that only read, and tokens of monitoring.
import assert from 'node:assert/strict';
import {createHash, randomBytes} from 'node:crypto';
import {existsSync, readFileSync, renameSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';

import {until} from './harness/deadlines.mjs';
import {Gateway} from './harness/gateway.mjs';
import {pullRequest} from './harness/github.mjs';
import {request} from './harness/http_client.mjs';
import {after, before, test} from './harness/test.mjs';

let gateway;
let operators;
const tokens = {reader: randomBytes(24).toString('hex'), scraper: randomBytes(24).toString('hex'), old: randomBytes(24).toString('hex')};
const sha256 = (text) => createHash('sha256').update(text).digest('hex');

before(async () => {
  operators = [{name: 'ops', tokens: [{env: 'OPERATOR_TOKEN'}, {sha256: sha256(tokens.reader), scope: 'read'},
                                      {sha256: sha256(tokens.old), expires: '2026-01-01'}]}];
  gateway = await Gateway.start({config: {operators, monitoring: {tokens: [{sha256: sha256(tokens.scraper)}]}, audit: {file: 'audit.log'}}});
  Object.assign(gateway.tokens, tokens);
});
after(() => gateway.destroy());

const path = () => join(gateway.directory, 'data', 'audit.log');
const records = () => (existsSync(path()) ? readFileSync(path(), 'utf8').trim().split('\n').filter(Boolean).map((line) => JSON.parse(line)) : []);
// The record that the function's call leaves.
async function recordOf(call) {
  const before = records().length;
  await call();
  await until('a record', () => records().length > before);
  assert.equal(records().length, before + 1);
  return records().at(-1);
}

test('each call of an operator leaves a record, and no other does', async () => {
  await gateway.call('GET', '/v1/inbox');
  await gateway.deliver('pull_request', pullRequest(1));
  const record = await recordOf(() => gateway.call('GET', '/v1/inbox?agent=coder&max=1', {as: 'operator'}));
  const {time, ...rest} = record;
  assert.ok(Math.abs(Date.parse(time) - Date.now()) < 60_000);
  assert.deepEqual(rest, {principal: 'ops', role: 'operator', peer: '127.0.0.1', call: 'GET /v1/inbox', query: 'agent,max', namespace: 'main',
                          mailbox: 'coder', status: 200});
});

test('a replay names its event, whether it was a dry run, and how it ended', async () => {
  const {event} = (await gateway.deliver('pull_request', pullRequest(2))).json;
  const replay = (as, body) => recordOf(() => gateway.call('POST', `/v1/events/${event}/replay`, {as, body}));
  const {ids, dry_run: dry, status, call} = await replay('operator', {dry_run: true});
  assert.deepEqual([ids, dry, status, call], [[event], true, 200, 'POST /v1/events/*/replay']);
  const real = await replay('operator', {});
  assert.deepEqual([real.dry_run, real.status], [undefined, 201]);
  const refused = await replay('reader', {});
  assert.deepEqual([refused.principal, refused.status, refused.reason], ['ops', 403, 'insufficient_scope']);
  assert.equal((await replay('reader', {dry_run: true})).status, 200);
});

test('what a caller writes and nobody knows is in no record', async () => {
  const secret = gateway.tokens.operator;
  for (const target of [`/v1/inbox?agent=${secret}`, `/v1/events/${secret}`, `/v1/events/e_${secret}`, `/v1/inbox?token=${secret}`, `/v1/${secret}`,
                        `/v1/messages/${secret}?agent=coder`]) {
    await recordOf(() => gateway.call('GET', target, {as: 'operator'}));
  }
  assert.ok(!readFileSync(path(), 'utf8').includes(secret));
});

test('an expired token is nobody\'s to its sender, and somebody\'s to us', async () => {
  const expired = await gateway.call('GET', '/v1/rules', {as: 'old'});
  const {text} = await request(`${gateway.api}/v1/rules`, {headers: {authorization: 'Bearer nobody-has-this-token'}});
  assert.equal(expired.status, 401);
  assert.equal(expired.text, text);
  await gateway.says(/reason=token_expired detail="operator ops, since 2026-01-01T00:00:00Z"/);
  const checked = gateway.cli('check');
  assert.match(checked.out + checked.err, /token of operator ops \(sha256 .*\) is refused since 2026-01-01/);
});

test('metrics are for monitoring and operators, probes for anybody', async () => {
  const status = async (target, as) => (await gateway.call('GET', target, {as})).status;
  assert.equal(await status('/metrics', null), 401);
  assert.equal(await status('/metrics', 'reviewer'), 403);
  assert.equal(await status('/metrics', 'scraper'), 200);
  assert.equal(await status('/v1/rules', 'scraper'), 403);
  assert.equal(await status('/livez', null), 200);
  assert.equal(await status('/readyz', null), 200);
  assert.doesNotMatch((await gateway.readiness()).text, /rules, read/);
  const details = (await gateway.call('GET', '/readyz?verbose', {as: 'scraper'})).text;
  assert.match(details, /\[\+\] audit: operators' calls are in .*audit\.log/);
  assert.match(details, /\[!\] tokens: a token of operator ops \(sha256 .*\) is refused since 2026-01-01T00:00:00Z/);
  const doctor = gateway.cli('doctor');
  assert.match(doctor.out, /gateway\.configuration +\d+ rules, read/);
});

test('a file that is moved away is made anew, and a reload gives and takes tokens', async () => {
  await gateway.call('GET', '/v1/refused', {as: 'operator'});
  await until('what was called before is written', () => records().at(-1)?.call === 'GET /v1/refused');
  renameSync(path(), `${path()}.moved`);
  await recordOf(() => gateway.call('GET', '/v1/rules', {as: 'operator'}));
  assert.equal(records().length, 1);
  const whole = JSON.parse(readFileSync(gateway.configFile, 'utf8'));
  whole.operators[0].tokens[1] = {sha256: sha256(tokens.reader), scope: 'write', expires: '2999-01-01'};
  writeFileSync(gateway.configFile, JSON.stringify(whole));
  await until('the token may write', async () => (await gateway.call('POST', '/v1/messages', {
    as: 'reader', body: {to: 'coder', kind: 'note', summary: 'now'}})).status === 201, 20_000);
  await until('what was sent is recorded', () => records().at(-1)?.status === 201);
  assert.equal(records().at(-1).ids.length, 1);
  const metrics = (await gateway.call('GET', '/metrics', {as: 'scraper'})).text;
  assert.match(metrics, /signalbox_token_expiry_timestamp_seconds\{role="operator",principal="ops",token="sha256 [0-9a-f]{8}…"\} 32472144000/);
  assert.match(metrics, /signalbox_api_calls_total\{role="operator",principal="ops",outcome="success"\} [1-9]/);
  assert.match(metrics, /signalbox_audit_records_total\{result="lost"\} 0/);
});
