// Every example of `--help`, as a newcomer pastes it into a shell beside the example installation.
import assert from 'node:assert/strict';
import {spawnSync} from 'node:child_process';
import {cpSync, mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';

import {binary, Gateway, patience, root} from '../harness/gateway.mjs';
import {after, before, test} from '../harness/test.mjs';

// What ends with another status where nothing has gone wrong yet.
const endsWith = new Map([
  ['signalbox explain --delivery 72d3162e-cc78-11e3-81ab-4c9367dc0958', 1],  // nobody sent it
  ['signalbox redrive m_0b9akjgInM5O53Uhu --agent reviewer', 1],  // no message is dead
]);
const served = /^signalbox serve /;         // runs for good: the gateway beside this is one
const follows = /--follow/;                 // the same: tests/e2e/cli/follow.test.mjs

let gateway;
let environment;

before(async () => {
  const directory = mkdtempSync(join(tmpdir(), 'signalbox-examples-'));
  gateway = new Gateway(directory);
  cpSync(join(root, 'deploy/examples'), directory, {recursive: true});
  gateway.configFile = join(directory, 'signalbox.yaml');
  writeFileSync(gateway.configFile, readFileSync(gateway.configFile, 'utf8').replace(/^data_dir:.*$/m, 'data_dir: data'));
  gateway.envFile = join(directory, 'env');
  const [, names] = /^secret_names=\((.*)\)$/m.exec(readFileSync(join(root, 'deploy/run'), 'utf8'));
  gateway.secrets = Object.fromEntries(names.split(' ').map((name, i) => [name, `${i}`.repeat(64)]));
  writeFileSync(gateway.envFile, Object.entries(gateway.secrets).map(([name, value]) => `${name}=${value}\n`).join(''), {mode: 0o600});
  gateway.environment = {SIGNALBOX__HOOKS__LISTEN: '127.0.0.1:0', SIGNALBOX__API__LISTEN: '127.0.0.1:0'};
  await gateway.launch();
  mkdirSync(join(directory, 'bin'));
  symlinkSync(binary, join(directory, 'bin/signalbox'));
  environment = {PATH: `${join(directory, 'bin')}:${process.env.PATH}`, HOME: directory, LANG: 'C.UTF-8', SIGNALBOX_ENV_FILE: gateway.envFile,
                 SIGNALBOX__HOOKS__LISTEN: `127.0.0.1:${gateway.hooksPort}`, SIGNALBOX__API__LISTEN: `127.0.0.1:${gateway.apiPort}`};
  // What examples name.
  const sample = run('signalbox sample github issues.opened').stdout;
  writeFileSync(join(directory, 'body.json'), sample);
  writeFileSync(join(directory, 'events.jsonl'), sample);
  writeFileSync(join(directory, 'patterns.jsonl'), '{"action":["opened"]}\n');
});
after(() => gateway.destroy());

function run(command) {
  return spawnSync('bash', ['-c', command], {cwd: gateway.directory, env: environment, encoding: 'utf8', timeout: 40_000 * patience,
                                             input: '{"pattern":"{\\"a\\":[1]}","event":"{\\"a\\":1}"}\n'});
}

function good(command) {
  const {status, stdout, stderr} = run(command);
  assert.equal(status, 0, `${command}\n${stdout}${stderr}`);
  return stdout;
}

// The ids of an event, a message and its receipt that are there now.
function freshIds() {
  const {event} = JSON.parse(good('signalbox sample github pull_request.opened --post github --json'));
  const {messages} = JSON.parse(good('signalbox receive --agent reviewer --max 100 --json'));
  const {receipt, message: {id}} = messages.find(({message}) => message.causationid === event);
  return {event, message: id, receipt};
}

const withIds = (command, ids) => command.replace(/\bm_\w+\.\w+/, ids.receipt).replace(/\bm_\w+(?!\.)\b/, ids.message).replace(/\be_\w+/, ids.event);
const examples = [...readFileSync(join(root, 'docs/man/signalbox.1'), 'utf8').matchAll(/^\.nf\n(signalbox .*)\n\.fi$/gm)]
  .map(([, line]) => line.replaceAll('\\-', '-').replaceAll('\\(aq', "'").replaceAll('\\(ti', '~').replaceAll('\\(ga', '`').replaceAll('\\e', '\\'));

test('the manual page has examples, of every command', () => {
  assert.ok(examples.length >= 30, examples.join('\n'));
});

for (const example of examples) {
  if (served.test(example) || follows.test(example)) continue;
  test(example, () => {
    const command = /\b[em]_/.test(example) ? withIds(example, freshIds()) : example;
    const {status, stdout, stderr} = run(command);
    assert.equal(status, endsWith.get(example) ?? 0, `${command}\n${stdout}${stderr}`);
  });
}
