// The README's first screen, run as it stands against the example configuration: its commands must work, and their
// outputs must be what the README shows.
import assert from 'node:assert/strict';
import {spawnSync} from 'node:child_process';
import {cpSync, mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';

import {assertOutput, consoleSteps, withNames} from './harness/console.mjs';
import {Gateway, binary, patience, root} from './harness/gateway.mjs';
import {after, before, test} from './harness/test.mjs';

const readme = readFileSync(join(root, 'README.md'), 'utf8');
let gateway;
let environment;

// The gateway in a copy of what deploy/run prepares: example configuration, env file, profile, `signalbox` on PATH.
before(async () => {
  const directory = mkdtempSync(join(tmpdir(), 'signalbox-readme-'));
  gateway = new Gateway(directory);
  gateway.configFile = 'deploy/examples/signalbox.yaml';
  mkdirSync(join(directory, 'signalbox-data'), {mode: 0o700});
  gateway.envFile = join(directory, 'signalbox-data/env');
  gateway.secrets = Object.fromEntries(secretNames().map((name, i) => [name, `${i}`.repeat(64)]));
  writeFileSync(gateway.envFile, Object.entries(gateway.secrets).map(([name, value]) => `${name}=${value}\n`).join(''), {mode: 0o600});
  cpSync(join(root, 'deploy/examples'), join(directory, 'deploy/examples'), {recursive: true});
  gateway.environment = {SIGNALBOX__HOOKS__LISTEN: '127.0.0.1:0', SIGNALBOX__API__LISTEN: '127.0.0.1:0'};
  await gateway.launch();
  mkdirSync(join(directory, '.config/signalbox'), {recursive: true});
  mkdirSync(join(directory, 'bin'));
  writeFileSync(join(directory, '.config/signalbox/profile.yaml'), `config: ${join(directory, gateway.configFile)}\nenv_file: ${gateway.envFile}\n`);
  symlinkSync(binary, join(directory, 'bin/signalbox'));
  environment = {PATH: `${join(directory, 'bin')}:${process.env.PATH}`, HOME: directory, LANG: 'C.UTF-8',
                 SIGNALBOX__HOOKS__LISTEN: `127.0.0.1:${gateway.hooksPort}`, SIGNALBOX__API__LISTEN: `127.0.0.1:${gateway.apiPort}`};
});
after(() => gateway.destroy());

// The names that deploy/run generates.
function secretNames() {
  const [, names] = /^secret_names=\((.*)\)$/m.exec(readFileSync(join(root, 'deploy/run'), 'utf8'));
  return names.split(' ');
}

function run(command) {
  const here = command.replaceAll('127.0.0.1:8080', `127.0.0.1:${gateway.hooksPort}`).replaceAll('127.0.0.1:8081', `127.0.0.1:${gateway.apiPort}`);
  const {status, stdout, stderr} = spawnSync('bash', ['-c', here], {cwd: gateway.directory, env: environment, encoding: 'utf8',
                                                                    timeout: 30_000 * patience});
  assert.equal(status, 0, `${command}\n${stdout}${stderr}`);
  return stdout;
}

for (const heading of ['## Try it', '## As GitHub does it']) {
  test(`the commands under "${heading}" print what the README shows`, () => {
    const names = new Map();
    const steps = consoleSteps(readme, heading);
    assert.ok(steps.length >= 2);
    let variables = '';  // each command has a shell of its own; what an earlier one assigned is said again
    for (const {command, output} of steps) {
      assertOutput(run(variables + withNames(command, names)), output, names, command);
      if (/^\w+=/.test(command)) variables += `${command}\n`;
    }
  });
}

test('what the README links to exists', () => {
  const links = [...readme.matchAll(/\]\((?!https?:|#)([^)#]+)[^)]*\)/g)].map(([, path]) => path);
  assert.ok(links.length >= 3);
  for (const path of links) readFileSync(join(dirname(join(root, 'README.md')), path));
});
