// The JSON Schemas of rule files and of the configuration: a real validator accepts them, they take what `check` takes,
// and refuse what a schema can know to be wrong. No gateway runs here.
import Ajv from 'ajv';
import AjvDraft04 from 'ajv-draft-04';
import addFormats from 'ajv-formats';
import yaml from 'js-yaml';
import assert from 'node:assert/strict';
import {spawnSync} from 'node:child_process';
import {mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';

import {binary, root} from './harness/gateway.mjs';
import {after, test} from './harness/test.mjs';

const directory = mkdtempSync(join(tmpdir(), 'signalbox-schema-'));
after(() => rmSync(directory, {recursive: true}));

const run = (...args) => spawnSync(binary, args, {encoding: 'utf8', env: {PATH: process.env.PATH}});
const printed = (what) => JSON.parse(run('schema', what).stdout);
const read = (path) => readFileSync(join(root, path), 'utf8');
// The failsafe of JSON's types: `off` and dates are text, as they are to the loader.
const load = (text) => yaml.load(text, {schema: yaml.CORE_SCHEMA});

const schemas = {rules: printed('rules'), config: printed('config')};
const ajv = new Ajv({strict: true, strictTypes: false, strictRequired: false, strictTuples: false, allErrors: true});
const validate = {rules: ajv.compile(schemas.rules), config: ajv.compile(schemas.config)};

function accepts(what, value, claim) {
  assert.ok(validate[what](value), `${claim}: ${ajv.errorsText(validate[what].errors)}`);
}

function refuses(what, value, claim) {
  assert.ok(!validate[what](value), claim);
}

// "=== claim", a file, the diagnostics: the tables of the loaders' own tests.
function cases(path, marks) {
  return read(path).split(/^=== /m).slice(1).map((text) => {
    const [claim] = text.split('\n', 1);
    const [head, said] = text.slice(claim.length + 1).split(marks.said);
    return {claim, file: (marks.file ? head.split(marks.file)[1] : head).replace(/^---2$/m, '---'), said: said.trim(), head};
  });
}

// Codes whose cause is outside of what a schema sees: other files, variables, the order and sums of values, texts' inner form.
const beyond = new Set(['yaml-syntax', 'repeated-key', 'same-address', 'out-of-range', 'repeated-secret', 'secret-missing', 'secret-unusable',
  'short-secret', 'weak-secret', 'secret-form', 'shared-secret', 'open-listener', 'secret-file-writable', 'token-length', 'token-characters',
  'repeated-token', 'repeated-name', 'no-such-file', 'unreadable', 'tls-unusable', 'unused-key',
  'unknown-recipient', 'wrong-template', 'ambiguous-value', 'too-deep', 'too-large', 'not-utf8', 'repeated-topic', 'unknown-connector',
  'key-not-text', 'nested-list', 'token-expired', 'repeated-condition']);
// Claims about the inner form of texts that have one code with what a schema knows.
const beyondCases = new Set(['a port beyond 65535 is refused', 'a scope that can match nothing is refused', 'a user of Redis needs a password',
  'a database of Redis is a number', 'a second document is an error', 'the PROXY protocol is believed of trusted proxies only']);
const codesOf = (said) => [...said.matchAll(/\[([a-z-]+)\]$/gm)].map(([, code]) => code);

test('the schemas are those of docs/schema, byte by byte', () => {
  assert.equal(run('schema', 'rules').stdout, read('docs/schema/rules.json'));
  assert.equal(run('schema', 'config').stdout, read('docs/schema/signalbox.json'));
  assert.equal(run('schema').stdout, read('docs/schema/rules.json'));
  assert.equal(run('schema', 'message').status, 2);
});

test('the shipped examples and the rules in docs/RULES.md are valid', () => {
  accepts('config', load(read('deploy/examples/signalbox.yaml')), 'deploy/examples/signalbox.yaml');
  for (const name of readdirSync(join(root, 'deploy/examples/rules')).filter((file) => file.endsWith('.yaml'))) {
    accepts('rules', load(read(`deploy/examples/rules/${name}`)), name);
  }
  const blocks = [...read('docs/RULES.md').matchAll(/^```yaml\n([^]*?)^```/gm)];
  assert.ok(blocks.length >= 5);
  for (const [, text] of blocks) accepts('rules', load(text), text);
});

test('every configuration that the loader takes is valid, and what a schema can know to be wrong is refused', () => {
  let accepted = 0;
  let refused = 0;
  for (const {claim, file, said, head} of cases('tests/gateway/config/cases.txt', {file: '--- file\n', said: '--- diagnostics\n'})) {
    if (/SIGNALBOX__/.test(head) || beyondCases.has(claim)) continue;  // the rest of it stands in the environment
    if (said === '{accepted}') {
      accepts('config', load(file), claim);
      ++accepted;
    } else if (codesOf(said).some((code) => !beyond.has(code))) {
      refuses('config', load(file) ?? {}, claim);
      ++refused;
    }
  }
  assert.ok(accepted >= 6, `${accepted} accepted`);
  assert.ok(refused >= 20, `${refused} refused`);
});

test('rule files that the loader refuses for their form are refused', () => {
  let refused = 0;
  for (const {claim, file, said} of cases('tests/rules/load_errors.txt', {said: /^---\n/m})) {
    if (codesOf(said).every((code) => beyond.has(code)) || beyondCases.has(claim)) continue;
    refuses('rules', load(file) ?? {}, claim);
    ++refused;
  }
  assert.ok(refused >= 15, `${refused} refused`);
});

test('the patterns of the operators\' table are valid', () => {
  const patterns = [...read('docs/RULES.md').matchAll(/^\| `(\{.*?\})` \| `\{/gm)].map(([, text]) => JSON.parse(text));
  assert.ok(patterns.length > 20);
  for (const match of patterns) {
    accepts('rules', {rules: [{name: 'a', events: 'github', match, send: [{to: 'x', kind: 'note'}]}]}, JSON.stringify(match));
  }
});

// Names of all properties that a schema gives, at any depth.
function properties(node, found = new Set()) {
  if (node === null || typeof node !== 'object') return found;
  for (const [key, value] of Object.entries(node)) {
    if (key === 'properties') Object.keys(value).forEach((name) => found.add(name));
    properties(value, found);
  }
  return found;
}

// Keys that the sources take from mappings; those that they refuse by name are no keys.
function taken(files) {
  const keys = new Set();
  for (const file of files) {
    const refusedByName = /refuse_keys\([^;]*;/g;
    for (const [, key] of read(file).replace(refusedByName, '').matchAll(/\b(?:(?:take|need|read)\(|own_or_default\(mapping, )"(\w+)"/g)) {
      keys.add(key);
    }
    for (const [, key] of read(file).matchAll(/\bkey == "(\w+)"/g)) keys.add(key);
    for (const [, list] of read(file).matchAll(/\bkeys_of\([^{;]*\{([^}]*)\}/g)) {
      for (const [, key] of list.matchAll(/"(\w+)"/g)) keys.add(key);
    }
  }
  return keys;
}

const sourcesIn = (room) => readdirSync(join(root, room)).filter((name) => name.endsWith('.cpp')).map((name) => `${room}/${name}`);

test('each key that the loaders know is in the schema, and no other', () => {
  const operators = [...read('docs/RULES.md').matchAll(/^### `([^`]+)`$/gm)].map(([, name]) => name).filter((name) => name !== 'value');
  const rules = taken(sourcesIn('rules'));
  rules.delete('schedule');  // taken to be refused with advice
  assert.deepEqual([...properties(schemas.rules)].sort(), [...new Set([...rules, ...operators])].sort());
  const config = taken(sourcesIn('gateway/config'));
  assert.deepEqual([...properties(schemas.config)].sort(), [...config].sort());
});

test('a rule with every key of the schema has none that check does not know', () => {
  const send = {to: ['reviewer', 'topic:all'], kind: 'note', task: 'review', for_each: '${body.labels}', where: {name: ['x']}, summary: 'x', data: {x: 1}};
  const expectation = {to: 'reviewer', kind: 'note', task: 'review', summary: 'x', data: {x: 1}};
  const rule = {name: 'a', events: ['github.push'], match: {ref: ['x']}, work: 'w', send: [send],
    tests: [{type: 'github.push', event: {}, expect: [expectation]}]};
  const {definitions} = schemas.rules;
  // What says whose rules they are, and in which order they decide.
  const ranks = {owner: 'core', prefix: 'core-', defaults: {kind: 'note'}, priority: 1, stop: true};
  const ranked = ({properties: known}) => Object.fromEntries(Object.entries(ranks).filter(([key]) => key in known));
  Object.assign(rule, ranked(definitions.rule));
  const whole = {...ranked(schemas.rules), rules: [rule]};
  const keys = (value) => Object.keys(value).sort();
  assert.deepEqual(keys(whole), keys(schemas.rules.properties));
  assert.deepEqual(keys(rule), keys(definitions.rule.properties));
  assert.deepEqual(keys(send), keys(definitions.send.properties));
  assert.deepEqual(keys(rule.tests[0]), keys(definitions.test.properties));
  assert.deepEqual(keys(expectation), keys(definitions.expectation.properties));
  accepts('rules', whole, 'every key');
  const config = join(directory, 'signalbox.yaml');
  writeFileSync(config, 'site: e2e\nredis: embedded\nagents: {reviewer: {tokens: [{env: A_TOKEN}], topics: [all]}}\n');
  writeFileSync(join(directory, 'rules.yaml'), yaml.dump(whole));
  const checked = JSON.parse(run('check', '--config', config, join(directory, 'rules.yaml'), '--json').stdout);
  assert.equal(checked.errors, 0, JSON.stringify(checked.diagnostics));
});

test('operators are described as their table describes them', () => {
  const {expression, pattern, values} = schemas.rules.definitions;
  const document = read('docs/RULES.md');
  const described = {...expression.properties, $or: pattern.properties.$or, value: values};
  for (const [name, {description}] of Object.entries(described)) {
    assert.ok(document.includes(`### \`${name}\`\n\n${description}\n`), `${name}: ${description}`);
  }
});

test('findings as SARIF are what its schema says, with and without places', () => {
  const require = createRequire(import.meta.url);
  const schema = JSON.parse(readFileSync(join(dirname(require.resolve('@microsoft/jest-sarif/package.json')), 'lib/schemas/sarif-2.1.0-rtm.5.json')));
  const validator = new AjvDraft04({strict: false, allErrors: true, unicodeRegExp: false});
  addFormats(validator);
  const valid = validator.compile(schema);
  const config = join(directory, 'sarif.yaml');
  writeFileSync(config, 'site: e2e\nredis: embedded\nagents: {reviewer: {tokens: [{env: A_TOKEN}]}}\nrules: [a b/*.yaml]\n');
  mkdirSync(join(directory, 'a b'));
  for (const [text, results] of [['rules: [{name: a, events: [github.pusch], send: [{to: reviewer, kind: note}]}]', 3], ['', 2], ['rules: [', 2]]) {
    writeFileSync(join(directory, 'a b/ü.yaml'), text);
    const sarif = JSON.parse(run('check', '--config', config, '--format', 'sarif').stdout);
    assert.ok(valid(sarif), validator.errorsText(valid.errors));
    assert.equal(sarif.runs[0].results.length, results, JSON.stringify(sarif.runs[0].results));
  }
});
