// docs/openapi.yaml: valid, served, and each of its examples is answered as written.
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {createRequire} from 'node:module';

import {Validator} from '@seriousme/openapi-schema-validator';
import yaml from 'js-yaml';

import {Gateway, root} from './harness/gateway.mjs';
import {pullRequest} from './harness/github.mjs';
import {request} from './harness/http_client.mjs';
import {after, before, test} from './harness/test.mjs';

const Ajv = createRequire(import.meta.url)('ajv/dist/2020').default;

const rules = `rules:
  - name: review-opened
    events: [github.pull_request.opened]
    match: {pull_request: {draft: [false]}}
    send: [{to: reviewer, kind: assign, task: review, summary: 'Review \${body.pull_request.title}'}]

  - name: drafts
    events: [github.pull_request.opened]
    match: {pull_request: {draft: [true]}}
    send: [{to: coder, kind: note, summary: 'a draft'}]
`;
const text = readFileSync(`${root}/docs/openapi.yaml`, 'utf8');
const document = yaml.load(text);
// What the examples call what a test of them makes.
const EVENT = 'e_0aB1cD2eF3gH4iJ5k';
const MESSAGE = 'm_0aB1cD2eF3gH4iJ5k';

let gateway;
before(async () => { gateway = await Gateway.start({rules}); });
after(() => gateway.destroy());

test('it is a valid description by OpenAPI 3.1', async () => {
  const validator = new Validator();
  const result = await validator.validate(structuredClone(document));
  assert.ok(result.valid, JSON.stringify(result.errors, null, 1));
  assert.equal(validator.version, '3.1');
});

test('the gateway serves it as it stands', async () => {
  const served = await gateway.call('GET', '/openapi.yaml', {as: null});
  assert.equal(served.status, 200);
  assert.equal(served.headers['content-type'], 'application/yaml');
  assert.equal(served.text, text);
});

// One event, and one message of it in the reviewer's mailbox, as all examples have it.
let made = 0;
const held = [];  // receipts of the example before: while they are leased, nothing later of their work is given
async function prepare({holds = false} = {}) {
  if (held.length > 0) await gateway.call('POST', '/v1/inbox/ack', {body: {receipts: held.splice(0)}});
  for (const as of ['reviewer', 'coder']) await gateway.drainMailbox(as);
  made += 1;
  const body = pullRequest(42).replace('"state":"open"', `"state":"open","made":${made}`);
  const {json: {event}} = await gateway.deliver('pull_request', body);
  const {json: {messages: [{message: {id}}]}} = await gateway.call('GET', '/v1/inbox');
  const names = {[EVENT]: event, [MESSAGE]: id};
  if (holds) {
    const [{receipt}] = (await gateway.call('POST', '/v1/inbox/receive', {body: {}})).json.messages;
    names[`${MESSAGE}.1`] = receipt;
    held.push(receipt);
  }
  return (value) => Object.keys(names).sort((a, b) => b.length - a.length)
    .reduce((result, name) => result.replaceAll(name, names[name]), value);
}

const derived = /^([mewr]_)[0-9A-Za-z]{17}(?:\.\w+)?$/;
const reference = /^(\/v1\/messages\/m_)[0-9A-Za-z]{17}$/;
const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/;
const counted = /^\d+$/;  // a sequence

// Every member of the example is in the answer; ids and times stand for any of their kind.
function assertFits(example, actual, where) {
  if (Array.isArray(example)) {
    assert.ok(Array.isArray(actual), where);
    assert.equal(actual.length, example.length, `${where}: ${JSON.stringify(actual)}`);
    example.forEach((each, i) => assertFits(each, actual[i], `${where}[${i}]`));
  } else if (example !== null && typeof example === 'object') {
    for (const [key, value] of Object.entries(example)) assertFits(value, actual?.[key], `${where}.${key}`);
  } else if (typeof example === 'string') {
    for (const kind of [derived, reference, time, counted]) {
      const named = kind.exec(example);
      if (!named) continue;
      const found = kind.exec(actual);
      assert.ok(found && found[1] === named[1], `${where}: ${actual} is not like ${example}`);
      return;
    }
    assert.equal(actual, example, where);
  } else {
    assert.equal(actual, example, where);
  }
}

const resolved = (value) => (value?.$ref ? value.$ref.slice(2).split('/').reduce((at, part) => at[part], document) : value);

// Schemas as the answers are held to, with the document behind their references.
const ajv = new Ajv({strict: false, validateFormats: false});
ajv.addSchema({$id: 'doc', components: document.components});
const schemaOf = (schema) => JSON.parse(JSON.stringify(schema).replaceAll('"#/components', '"doc#/components'));

const methods = ['get', 'post'];
for (const [path, item] of Object.entries(document.paths)) {
  for (const method of methods.filter((each) => item[each])) {
    const operation = item[method];
    for (const [status, answer] of Object.entries(operation.responses)) {
      for (const [type, {schema, examples = {}}] of Object.entries(resolved(answer).content ?? {})) {
        for (const [name, example] of Object.entries(examples)) {
          test(`${method.toUpperCase()} ${path}: ${name} is answered as written`, async () => {
            const {as = null, query, headers = {}, holds} = example['x-call'] ?? {};
            const real = await prepare({holds});
            const bodies = Object.entries(operation.requestBody?.content ?? {}).flatMap(
              ([contentType, content]) => (content.examples?.[name] ? [[contentType, content]] : []));
            const target = (operation.parameters ?? []).map(resolved).filter((parameter) => parameter.in === 'path')
              .reduce((at, parameter) => at.replace(`{${parameter.name}}`, parameter.example), path);
            const sent = bodies.map(([contentType, content]) => {
              const value = content.examples[name].value;
              if (status[0] === '2' && contentType === 'application/json') {
                const valid = ajv.compile(schemaOf(content.schema));
                assert.ok(valid(value), `the request: ${JSON.stringify(valid.errors)}`);
              }
              return {contentType, body: typeof value === 'string' ? value : JSON.stringify(value)};
            })[0];
            const got = await request(gateway.api + real(target) + (query ? `?${query}` : ''), {
              method: method.toUpperCase(),
              headers: {...headers, ...(as && {authorization: `Bearer ${gateway.tokens[as]}`}), ...(sent && {'content-type': sent.contentType})},
              ...(sent && {body: real(sent.body)}),
            });
            assert.equal(got.status, Number(status), got.text);
            assert.equal(got.headers['content-type'].split(';')[0], type);
            if (type.startsWith('text/')) {
              assert.equal(got.text, example.value);
              return;
            }
            held.push(...(got.json.messages ?? []).flatMap(({receipt}) => receipt ?? []));
            assertFits(example.value, got.json, name);
            const valid = ajv.compile(schemaOf(schema));
            assert.ok(valid(got.json), `${JSON.stringify(valid.errors)} ${got.text}`);
          });
        }
      }
    }
  }
}
