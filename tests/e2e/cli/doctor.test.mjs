// signalbox doctor on an installation that is sound, and on some that are not.
import assert from 'node:assert/strict';
import {chmodSync, readFileSync, statSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';

import {Gateway} from '../harness/gateway.mjs';
import {after, before, test} from '../harness/test.mjs';

const rules = `rules:
  - name: review-opened
    events: [github.pull_request.opened]
    send: [{to: reviewer, kind: assign, task: review, summary: 'Review'}]
`;

let gateway;

before(async () => { gateway = await Gateway.start({rules}); });
after(() => gateway.destroy());

const examine = (...args) => {
  const ran = gateway.cli('doctor', '--json', ...args);
  assert.ok(!ran.err.includes('Error'), ran.err);
  return {code: ran.code, report: ran.json, line: (check) => ran.json.checks.find((line) => line.check === check)};
};

test('a sound installation has nothing bad, and every check has its line', () => {
  const {code, report} = examine();
  assert.deepEqual(report.checks.filter(({grade}) => grade === 'bad'), []);
  assert.equal(code, 0);
  const names = report.checks.map(({check}) => check);
  for (const name of ['configuration', 'secrets', 'files', 'data_dir', 'data_dir.space', 'descriptors', 'redis.program', 'redis', 'redis.server',
                      'redis.durability', 'redis.writes', 'redis.memory', 'redis.clock', 'gateway', 'gateway.redis', 'gateway.configuration',
                      'gateway.clock', 'gateway.hooks', 'rules', 'mailbox.reviewer', 'mailbox.coder']) {
    assert.ok(names.includes(name), `${name} is missing`);
  }
});

test('the JSON is what the manual says', () => {
  const {report} = examine();
  assert.deepEqual(Object.keys(report), ['grade', 'bad', 'warnings', 'good', 'checks']);
  for (const line of report.checks) {
    assert.deepEqual(Object.keys(line), ['check', 'grade', 'found', 'advice']);
    assert.match(line.check, /^[a-z_]+(\.[\w-]+)?$/);
    assert.ok(['good', 'warning', 'bad'].includes(line.grade));
    assert.notEqual(line.found, '');
    assert.equal(line.advice === '', line.grade === 'good', `${line.check}: advice where, and only where, something is to be done`);
  }
  for (const [key, grade] of [['bad', 'bad'], ['warnings', 'warning'], ['good', 'good']]) {
    assert.equal(report[key], report.checks.filter((line) => line.grade === grade).length);
  }
});

test('no secret is in what it prints', () => {
  const text = gateway.cli('doctor').out + gateway.cli('doctor', '--json').out;
  for (const value of Object.values(gateway.secrets)) assert.ok(!text.includes(value));
});

test('a file of secrets that everybody can read is bad, with the command that mends it', () => {
  const mode = statSync(gateway.envFile).mode & 0o777;
  chmodSync(gateway.envFile, 0o644);
  try {
    const {code, line} = examine();
    assert.equal(code, 1);
    assert.equal(line('files').grade, 'bad');
    assert.match(line('files').advice, /^chmod o-rwx .*env/);
  } finally {
    chmodSync(gateway.envFile, mode);
  }
});

test('a weak secret and a shared one are named by where they stand, not by what they are', () => {
  const before = readFileSync(gateway.envFile, 'utf8');
  const weak = 'abababababababababab';
  writeFileSync(gateway.envFile, before.replace(/^GITHUB_OLD_SECRET=.*$/m, `GITHUB_OLD_SECRET=${weak}`));
  try {
    const {report} = examine();
    const line = report.checks.find(({check, grade}) => check === 'secrets' && grade === 'warning');
    assert.match(line.found, /GITHUB_OLD_SECRET of source github repeats/);
    assert.ok(!JSON.stringify(report).includes(weak));
  } finally {
    writeFileSync(gateway.envFile, before);
  }
});

test('a wrong configuration is bad with its place, and the running gateway is examined all the same', () => {
  const before = readFileSync(gateway.configFile, 'utf8');
  const wrong = {...JSON.parse(before), agnets: {}};
  const file = join(gateway.directory, 'wrong.yaml');
  writeFileSync(file, JSON.stringify(wrong, null, 1));
  const {code, report} = examine('--config', file);
  assert.equal(code, 1);
  const line = report.checks.find(({check}) => check === 'configuration');
  assert.equal(line.grade, 'bad');
  assert.match(line.found, /wrong\.yaml:\d+: .*agnets.*did you mean 'agents'/);
});

test('rules of the files that the gateway does not run are told', () => {
  const file = join(gateway.directory, 'rules', 'rules.yaml');
  const other = join(gateway.directory, 'other.yaml');
  const config = JSON.parse(readFileSync(gateway.configFile, 'utf8'));
  writeFileSync(join(gateway.directory, 'more.yaml'), readFileSync(file, 'utf8').replace('review-opened', 'another'));
  writeFileSync(other, JSON.stringify({...config, rules: ['more.yaml']}, null, 1));
  assert.equal(examine('--config', other).line('rules.loaded').grade, 'warning');
  assert.equal(examine().line('rules.loaded'), undefined);
});

test('an agent\'s token sees no rules, and says whose token is needed', () => {
  const ran = gateway.cli('doctor', '--json', {env: {SIGNALBOX_TOKEN: gateway.tokens.reviewer}});
  const line = ran.json.checks.find(({check}) => check === 'rules');
  assert.equal(line.grade, 'warning');
  assert.match(line.advice, /SIGNALBOX_TOKEN/);
});

test('on a screen each finding has its advice below it, within the columns there are', () => {
  const {out} = gateway.cli('doctor', {env: {SIGNALBOX__API__LISTEN: '127.0.0.1:1'}});
  assert.match(out, /^bad {6}gateway +cannot connect to http:\/\/127\.0\.0\.1:1/m);
  assert.match(out, /^ +→ signalbox serve/m);
  assert.match(out, /\d+ bad, \d+ warnings?, \d+ good\n$/);
});

test('a gateway that is away is bad, and whether its ports could be taken is told', async () => {
  await gateway.stop();
  const {code, line} = examine();
  assert.equal(code, 1);
  assert.equal(line('gateway').grade, 'bad');
  assert.equal(line('redis').grade, 'bad');
  assert.match(line('redis').advice, /signalbox serve/);
  assert.equal(line('port.api').grade, 'good');
  assert.equal(line('data_dir').grade, 'good');
});
