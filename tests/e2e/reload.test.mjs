// Configurations that are changed under a running gateway: on SIGHUP and when a file changes, whole or not at all.
import assert from 'node:assert/strict';
import {readFileSync, renameSync, rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';

import {until} from './harness/deadlines.mjs';
import {Gateway, patience} from './harness/gateway.mjs';
import {pullRequest} from './harness/github.mjs';
import {Load} from './harness/load.mjs';
import {afterEach, beforeEach, test} from './harness/test.mjs';

const noticedMs = 20_000 * patience;  // a file is looked at once a second
let gateway;
let number = 0;

beforeEach(async () => { gateway = await Gateway.start(); });
afterEach(() => gateway.destroy());

const ruleFile = () => join(gateway.directory, 'rules', 'rules.yaml');

// As editors and configuration tools do it: the new file takes the old one's place.
function replace(path, text) {
  writeFileSync(`${path}.new`, text);
  renameSync(`${path}.new`, path);
}

function rule(name, to = 'reviewer') {
  return `rules: [{name: ${name}, events: [github], send: [{to: ${to}, kind: event, data: {type: '\${event.type}'}}]}]\n`;
}

const changeConfig = (change) => {
  const config = JSON.parse(readFileSync(gateway.configFile, 'utf8'));
  change(config);
  replace(gateway.configFile, JSON.stringify(config, null, 1));
};

const deliver = (options) => gateway.deliver('pull_request', pullRequest(++number), options);
const decidedBy = async () => (await deliver()).json.rules;
const becomes = (what, condition) => until(what, condition, noticedMs);
const reloads = async (result) => (await gateway.scrape()).value('signalbox_config_reloads_total', {result});

// SIGHUP, and the end of the attempt that it causes.
async function hangUp(result = 'success') {
  const before = await reloads(result);
  gateway.child.kill('SIGHUP');
  await becomes(`a reload ends with ${result}`, async () => await reloads(result) > before);
}

test('a changed rule file decides the next deliveries', async () => {
  assert.deepEqual(await decidedBy(), ['everything']);
  replace(ruleFile(), rule('second'));
  await becomes('the new rule decides', async () => (await decidedBy())[0] === 'second');
});

test('an operator has it read again, and is told what came of it', async () => {
  replace(ruleFile(), rule('second'));
  const {status, json} = await gateway.call('POST', '/v1/reload', {as: 'operator'});
  assert.equal(status, 200);
  assert.equal(json.status, 'reloaded');
  assert.equal(json.rules, 1);
  assert.deepEqual(json.findings, []);
  assert.deepEqual(await decidedBy(), ['second'], 'in use when the call is answered');
  replace(ruleFile(), 'rules: [{name: x, evnts: [github]}]\n');
  const failed = await gateway.cliAsync('reload');
  assert.equal(failed.code, 1);
  assert.match(failed.out, /unknown key 'evnts'[^]*failed {2}the configuration in use stays/);
  assert.deepEqual(await decidedBy(), ['second']);
  assert.equal((await gateway.call('POST', '/v1/reload')).status, 403, 'for operators only');
});

test('a rule file that comes and goes is noticed', async () => {
  const extra = join(gateway.directory, 'rules', 'extra.yaml');
  writeFileSync(extra, rule('extra', 'coder'));
  await becomes('both rules decide', async () => (await decidedBy()).length === 2);
  rmSync(extra);
  await becomes('one rule decides', async () => (await decidedBy()).length === 1);
});

test('SIGHUP reads everything again at once', async () => {
  replace(ruleFile(), rule('second'));
  await hangUp();
  assert.deepEqual(await decidedBy(), ['second']);
});

test('secrets, tokens, sources and agents change without a restart', async () => {
  const fresh = {NEW_SECRET: 'n'.repeat(40), NEW_TOKEN: 't'.repeat(40)};
  writeFileSync(gateway.envFile, readFileSync(gateway.envFile, 'utf8') + Object.entries(fresh).map(([name, value]) => `${name}=${value}\n`).join(''));
  changeConfig((config) => {
    config.sources.github.secrets = [{env: 'NEW_SECRET'}];
    config.sources.second = {connector: 'github', secrets: [{env: 'GITHUB_OLD_SECRET'}]};
    config.agents.reviewer.tokens = [{env: 'NEW_TOKEN'}];
    config.agents.tester = {tokens: [{env: 'REVIEWER_TOKEN'}]};
  });
  await hangUp();
  assert.equal((await deliver()).status, 401, 'the old secret');
  assert.equal((await deliver({secret: fresh.NEW_SECRET})).status, 200);
  assert.equal((await deliver({source: 'second', secret: gateway.secrets.GITHUB_OLD_SECRET})).status, 200);
  assert.equal((await gateway.call('GET', '/v1/inbox')).json.agent, 'tester', 'the old token is another agent\'s now');
  gateway.tokens.reviewer = fresh.NEW_TOKEN;
  assert.equal((await gateway.drainMailbox()).length, 2);
  const seen = await gateway.scrape();
  assert.equal(seen.value('signalbox_deliveries_received_total', {source: 'github'}), 2, 'counters go on');
  assert.equal(seen.value('signalbox_deliveries_received_total', {source: 'second'}), 1);
});

test('a broken file changes nothing and is said in the log, a metric and /readyz?verbose', async () => {
  replace(ruleFile(), 'rules:\n  - {name: broken, evnts: [github]}\n');
  await hangUp('failure');
  assert.deepEqual(await decidedBy(), ['everything']);
  const ready = await gateway.readiness();
  assert.equal(ready.status, 200);
  assert.match(ready.text, /^\[!\] configuration: .*rules\.yaml:2:.*/m);
  assert.equal((await gateway.scrape()).value('signalbox_config_last_reload_successful'), 0);
  await gateway.says(/level=error msg=configuration detail=".*rules\.yaml:2:\d+: error: unknown key 'evnts'/);

  replace(ruleFile(), rule('mended'));
  await becomes('the mended file is taken without a signal', async () => (await decidedBy())[0] === 'mended');
  assert.equal((await gateway.scrape()).value('signalbox_config_last_reload_successful'), 1);
  assert.match((await gateway.readiness()).text, /^\[\+\] configuration/m);
});

test('one broken part keeps all of the old configuration', async () => {
  replace(ruleFile(), rule('half'));
  changeConfig((config) => { config.agents.reviewer.tokens = [{env: 'NOT_SET'}]; });
  await hangUp('failure');
  assert.deepEqual(await decidedBy(), ['everything']);
  assert.equal((await gateway.call('GET', '/v1/inbox')).status, 200);
});

test('what cannot change without a restart is refused by name', async () => {
  changeConfig((config) => { config.threads = 3; config.data_dir = `${config.data_dir}-other`; });
  await hangUp('failure');
  assert.match((await gateway.readiness()).text, /a change of threads, data_dir needs a restart/);
  assert.deepEqual(await decidedBy(), ['everything']);
});

test('limits and the log level change for the next requests and lines', async () => {
  changeConfig((config) => { config.hooks.max_body = '1KiB'; config.log = {level: 'error'}; });
  await hangUp();
  const large = JSON.stringify({...JSON.parse(pullRequest(++number)), padding: 'p'.repeat(1024)});
  assert.equal((await gateway.deliver('pull_request', large)).status, 413);
  const before = gateway.log.length;
  await gateway.call('GET', '/v1/inbox', {as: null});
  assert.equal(gateway.log.slice(before), '');
});

test('reloads under load refuse no delivery, and each is decided by one of the two rule sets', async () => {
  const load = new Load(gateway, 3_000);
  let done = false;
  const reloading = (async () => {
    let times = 0;
    for (; !done; ++times) {
      replace(ruleFile(), rule(times % 2 ? 'odd' : 'even'));
      await hangUp();
    }
    return times;
  })();
  await load.run();
  done = true;
  assert.ok(await reloading >= 5);
  assert.equal(load.missing.length, 0);
  assert.equal(load.attempts, 3_000, 'none was sent twice');
  assert.equal((await gateway.drainMailbox()).length, 3_000);
});

test('an old configuration is let go once nobody uses it', async () => {
  await deliver();
  for (let i = 0; i < 5; ++i) await hangUp();
  await becomes('only one runtime is left', async () => (await gateway.scrape()).value('signalbox_config_generations') === 1);
});
