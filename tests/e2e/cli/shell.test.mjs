// The command line as a shell and a terminal meet it: completion, the manual page, colours and columns.
import assert from 'node:assert/strict';
import {spawnSync} from 'node:child_process';
import {writeFileSync} from 'node:fs';
import {join} from 'node:path';

import {binary, Gateway, patience} from '../harness/gateway.mjs';
import {pullRequest} from '../harness/github.mjs';
import {after, before, test} from '../harness/test.mjs';

const title = 'A title of a pull request that is rather long, and goes on, so that it does not fit into eighty columns \u001b[31mred\u009b2J';
const rules = `rules:
  - name: review-opened-pull-requests-of-everybody
    events: [github.pull_request.opened, github.pull_request.ready_for_review, github.pull_request.reopened]
    send: [{to: reviewer, kind: assign, task: review, summary: '\${body.pull_request.title}'}]
`;
const options = () => ({...gateway.cliOptions(), encoding: 'utf8', timeout: 20_000 * patience});

let gateway;
let script;

before(async () => {
  gateway = await Gateway.start({rules});
  const body = JSON.parse(pullRequest(1));
  body.pull_request.title = title;
  assert.equal((await gateway.deliver('pull_request', JSON.stringify(body))).json.status, 'accepted');
  script = join(gateway.directory, 'completion.bash');
  writeFileSync(script, gateway.cli('completion', 'bash').out);
});
after(() => gateway.destroy());

// What bash offers for a command line that ends where the cursor is.
function offered(...words) {
  const quoted = [binary, ...words].map((word) => `'${word}'`).join(' ');
  const {status, stdout, stderr} = spawnSync(
      'bash', ['--norc', '-c', `source '${script}'; COMP_WORDS=(${quoted}); COMP_CWORD=${words.length}; _signalbox; printf '%s\\n' "\${COMPREPLY[@]}"`], options());
  assert.equal(status, 0, stderr);
  assert.equal(stderr, '');
  return stdout.split('\n').filter((line) => line !== '');
}

test('completion knows commands and flags', () => {
  assert.deepEqual(offered('rec'), ['receive']);
  assert.ok(offered('').includes('doctor'));
  assert.ok(!offered('').includes('names'), 'what is not for people is not offered');
  assert.deepEqual(offered('receive', '--fo'), ['--follow']);
  assert.deepEqual(offered('--js'), ['--json']);
  assert.ok(offered('events', '--').includes('--since'));
  assert.ok(offered('events', '--').includes('--config'), 'the common ones too');
});

test('completion knows agents, sources, topics, connectors, samples and statuses', () => {
  assert.deepEqual(offered('inbox', '--agent', '').sort(), ['coder', 'reviewer']);
  assert.deepEqual(offered('--json', 'events', '--source', ''), ['github']);
  assert.deepEqual(offered('send', '--to', 'topic'), ['topic:all']);
  assert.deepEqual(offered('sample', 'li'), ['linear']);
  assert.deepEqual(offered('sample', 'github', 'pull_request.o'), ['pull_request.opened']);
  assert.deepEqual(offered('sample', '--post', 'github', 'github', 'pull_request.o'), ['pull_request.opened']);
  assert.deepEqual(offered('events', '--status', 'dr'), ['dropped']);
  assert.deepEqual(offered('completion', ''), ['bash']);
});

test('completion asks the configuration that the line names', () => {
  const other = join(gateway.directory, 'other.yaml');
  writeFileSync(other, JSON.stringify({site: 'other', redis: 'embedded', hooks: {listen: '127.0.0.1:0'}, api: {listen: '127.0.0.1:0'},
                                       sources: {hub: {connector: 'github', secrets: [{env: 'NOWHERE'}]}}, agents: {solo: {tokens: [{env: 'NOWHERE'}]}}, rules: []}));
  assert.deepEqual(offered('--config', other, 'inbox', '--agent', ''), ['solo']);
  assert.deepEqual(offered('--config', '/nowhere.yaml', 'inbox', '--agent', ''), []);
});

test('the manual page formats without a warning', (t) => {
  if (spawnSync('groff', ['--version']).error) return t.skip('groff is not installed');
  const {stdout} = spawnSync(binary, ['man'], options());
  const formatted = spawnSync('groff', ['-man', '-ww', '-Tutf8', '-P-c'], {input: stdout, encoding: 'utf8'});
  assert.equal(formatted.stderr, '');
  assert.match(formatted.stdout, /signalbox receive/);
});

// Runs a command on a terminal of its own.
function onTerminal(columns, command, env = {}) {
  const {stdout, status} = spawnSync('script', ['-qec', `stty cols ${columns}; ${command.replace(/^signalbox/, `'${binary}'`)}`, '/dev/null'],
                                     {...options(), env: {...options().env, TERM: 'xterm-256color', ...env}, stdio: ['ignore', 'pipe', 'pipe']});
  return {text: stdout.replaceAll('\r\n', '\n'), status};
}
const withoutColour = (text) => text.replaceAll(/\u001b\[\d*m/g, '');
const commands = ['signalbox inbox --agent reviewer', 'signalbox events', 'signalbox rules', 'signalbox --help', 'signalbox doctor', 'signalbox events --help'];

test('on a terminal no line of a table, of help or of advice is wider than it', () => {
  for (const columns of [80, 120]) {
    for (const command of commands) {
      const {text} = onTerminal(columns, command);
      assert.notEqual(text, '');
      for (const line of withoutColour(text).split('\n')) {
        // A path is never broken.
        if (line.includes(gateway.directory)) continue;
        assert.ok([...line].length <= columns, `${command} at ${columns}: ${JSON.stringify(line)}`);
      }
    }
  }
});

test('colours are for terminals, and for those who want them', () => {
  assert.match(onTerminal(80, 'signalbox inbox --agent reviewer').text, /\u001b\[\d+m/);
  assert.doesNotMatch(onTerminal(80, 'signalbox inbox --agent reviewer', {NO_COLOR: '1'}).text, /\u001b/);
  assert.doesNotMatch(onTerminal(80, 'signalbox inbox --agent reviewer', {TERM: 'dumb'}).text, /\u001b/);
  assert.doesNotMatch(gateway.cli('inbox', '--agent', 'reviewer').out, /\u001b/);
  assert.doesNotMatch(onTerminal(80, 'signalbox inbox --agent reviewer --json').text, /\u001b/);
});

test('of what strangers wrote nothing reaches the terminal that it would obey', () => {
  for (const command of ['signalbox inbox --agent reviewer', 'signalbox events', 'signalbox rules']) {
    assert.doesNotMatch(withoutColour(onTerminal(120, command, {NO_COLOR: ''}).text), /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/, command);
  }
});

test('output that cannot be written is told, and ends with 1', () => {
  for (const command of ['--help', 'version', 'events --json', 'schema rules', 'sample github push']) {
    for (const where of ['> /dev/full', '>&-']) {
      const {status, stderr} = spawnSync('bash', ['-c', `'${binary}' ${command} ${where}`], options());
      assert.equal(status, 1, `${command} ${where}: ${stderr}`);
      assert.match(stderr, /^signalbox: standard output cannot be written: ./m, `${command} ${where}`);
    }
  }
});

test('a reader that has enough ends a command without a word', () => {
  for (const command of ['--help-all', 'schema rules', 'man']) {
    const {stdout, stderr} = spawnSync('bash', ['-c', `'${binary}' ${command} | head -1`], options());
    assert.notEqual(stdout, '');
    assert.equal(stderr, '', command);
  }
});
