// Rule files of several teams in one gateway: whose rules are whose, which come first, and what one broken file does to
// the others.
import assert from 'node:assert/strict';
import {renameSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';

import {until} from './harness/deadlines.mjs';
import {Gateway, patience} from './harness/gateway.mjs';
import {pullRequest} from './harness/github.mjs';
import {after, before, test} from './harness/test.mjs';

const team = (owner, name, more = '') => `owner: ${owner}
prefix: ${owner}-
defaults: {events: [github.pull_request], to: reviewer, kind: note}
rules:
  - {name: ${name}, send: [{}]${more}}
`;
const broken = team('pay', 'broken', ', stopp: true');
const noticedMs = 20_000 * patience;
let gateway;
let number = 0;

const file = (name) => join(gateway.directory, 'rules', `${name}.yaml`);
function write(name, text) {
  writeFileSync(`${file(name)}.new`, text);
  renameSync(`${file(name)}.new`, file(name));
}
const decidedBy = async () => (await gateway.deliver('pull_request', pullRequest(++number))).json.rules;
const decide = (...names) => until(`${names} decide`, async () => `${await decidedBy()}` === `${names}`, noticedMs);

before(async () => {
  gateway = await Gateway.start({
    rules: 'rules: []\n',
    flags: ['--lenient'],
    prepare: (made) => { gateway = made; },
  });
});
after(() => gateway.destroy());

test('each team has its file, and its rules are counted under its name', async () => {
  write('web', team('web', 'one'));
  write('pay', team('pay', 'one'));
  await decide('pay-one', 'web-one');
  const {json: {rules}} = await gateway.call('GET', '/v1/rules', {as: 'operator'});
  assert.deepEqual(rules.map(({name, owner, priority, stop}) => [name, owner, priority, stop]),
                   [['pay-one', 'pay', 0, false], ['web-one', 'web', 0, false]]);
  const scrape = await gateway.scrape();
  assert.ok(scrape.value('signalbox_rule_matches_total', {rule: 'pay-one', owner: 'pay'}) >= 1);
  assert.ok(scrape.value('signalbox_rule_last_match_timestamp_seconds', {rule: 'pay-one', owner: 'pay'}) > 1.7e9);
});

test('a broken file stays as it was, the others change, and its owner is named', async () => {
  write('pay', broken);
  write('web', team('web', 'two'));
  await decide('pay-one', 'web-two');
  const ready = await gateway.readiness();
  assert.equal(ready.status, 200);
  assert.match(ready.text, /^\[!\] configuration: .*pay\.yaml \(owner: pay\) is set aside, its last good version is in use/m);
  await gateway.says(/level=error msg="rule file set aside" file=\S*pay\.yaml owner=pay detail=".*unknown key 'stopp'/);
  const scrape = await gateway.scrape();
  assert.equal(scrape.value('signalbox_rule_files_set_aside'), 1);
  assert.equal(scrape.value('signalbox_config_last_reload_successful'), 1);
});

test('a mended file is taken', async () => {
  write('pay', team('pay', 'two'));
  await decide('pay-two', 'web-two');
  assert.equal((await gateway.scrape()).value('signalbox_rule_files_set_aside'), 0);
  assert.match((await gateway.readiness()).text, /^\[\+\] configuration/m);
});

test('a rule of high priority that stops keeps events from the others, and explain names it', async () => {
  write('aaa', 'rules: [{name: quiet, priority: 100, stop: true, events: [github.pull_request], send: [{to: coder, kind: note}]}]\n');
  await decide('quiet');
  const {json: {event}} = await gateway.deliver('pull_request', pullRequest(++number));
  const {json: {rules}} = await gateway.call('GET', `/v1/events/${event}/explain`, {as: 'operator'});
  assert.deepEqual(rules.map(({rule, matched, stopped_by: by}) => [rule, matched, by]),
                   [['quiet', true, undefined], ['pay-two', false, 'quiet'], ['web-two', false, 'quiet']]);
});

test('a start with a broken file goes without its rules', async () => {
  await gateway.stop();
  write('aaa', 'rules: []\n');
  write('pay', broken);
  await gateway.launch();
  assert.deepEqual(await decidedBy(), ['web-two']);
  assert.match((await gateway.readiness()).text, /pay\.yaml \(owner: pay\) is set aside, with all of its rules/);
});
