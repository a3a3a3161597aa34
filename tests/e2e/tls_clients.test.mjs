// Client certificates: who has none of the right authority, time and name is refused in the handshake, and counted.
import assert from 'node:assert/strict';
import {copyFileSync} from 'node:fs';
import {join} from 'node:path';

import {Authority, makeCertificate} from './harness/certificates.mjs';
import {until} from './harness/deadlines.mjs';
import {Gateway} from './harness/gateway.mjs';
import {pullRequest} from './harness/github.mjs';
import {request} from './harness/http_client.mjs';
import {after, before, test} from './harness/test.mjs';

let gateway;
let clients;
const shown = {};

before(async () => {
  const tls = {certificate: 'tls.crt', key: 'tls.key', client_ca: 'clients.crt'};
  gateway = await Gateway.start({
    config: {hooks: {tls}, api: {tls: {...tls, client_names: ['ci.example', 'spiffe://acme/ops', 'by-common-name']}}},
    prepare: (made) => {
      made.ca = makeCertificate(made.directory);
      clients = new Authority(made.directory, 'clients');
      const others = new Authority(made.directory, 'others');
      shown.byDns = clients.issue('dns', {names: 'DNS:CI.example,DNS:other.example'});
      shown.byUri = clients.issue('uri', {names: 'URI:spiffe://acme/ops'});
      shown.byCommonName = clients.issue('plain', {subject: 'by-common-name'});
      shown.otherName = clients.issue('nobody', {names: 'DNS:sub.ci.example,URI:spiffe://acme/ops/more,email:ci.example@x.example'});
      shown.expired = clients.issue('expired', {names: 'DNS:ci.example', days: -1});
      shown.otherAuthority = others.issue('stranger', {names: 'DNS:ci.example'});
      made.client = shown.byDns;
    },
  });
});
after(() => gateway.destroy());

const ask = (url, certificate) => request(url, {ca: gateway.ca, cert: certificate?.cert, key: certificate?.key});
const refusedSoFar = async (reason) => {
  const metrics = await gateway.scrape();
  return metrics.value('signalbox_api_refused_total', {reason}) + metrics.value('signalbox_deliveries_refused_total', {source: '', reason});
};

test('with a certificate of the authority and one of the names, the private listener is reached', async () => {
  for (const which of ['byDns', 'byUri', 'byCommonName']) assert.equal((await ask(`${gateway.api}/livez`, shown[which])).status, 200, which);
  assert.equal((await gateway.call('GET', '/v1/inbox')).status, 200);
  assert.equal((await gateway.call('GET', '/v1/inbox', {as: null})).status, 401, 'a certificate is no token');
});

test('the public one asks for the authority only', async () => {
  assert.equal((await gateway.deliver('pull_request', pullRequest(1))).json.status, 'accepted');
  assert.equal((await ask(`${gateway.hooks}/`, shown.otherName)).status, 404);
});

test('whoever shows none, or a wrong one, is refused in the handshake, counted and logged with the reason', async () => {
  const wrong = [[undefined, 'certificate_missing', /./], ['otherAuthority', 'certificate_invalid', /unable to get local issuer certificate/],
    ['expired', 'certificate_invalid', /certificate has expired/]];
  for (const url of [`${gateway.api}/livez`, `${gateway.hooks}/hooks/github`]) {
    for (const [which, reason, detail] of wrong) {
      const before = await refusedSoFar(reason);
      await assert.rejects(ask(url, shown[which]), `${url} ${which}`);
      assert.equal(await refusedSoFar(reason), before + 1, `${url} ${which}`);
      await gateway.says(new RegExp(`reason=${reason}.*${detail.source}`));
    }
  }
  await assert.rejects(ask(`${gateway.api}/livez`, shown.otherName));
  await gateway.says(/reason=certificate_invalid .*has none of the names of client_names/);
});

test('older TLS asks as well', async () => {
  await assert.rejects(request(`${gateway.api}/livez`, {ca: gateway.ca, agent: false, maxVersion: 'TLSv1.2'}));
  assert.equal((await ask(`${gateway.api}/livez`, shown.byDns)).status, 200);
});

test('the command line shows the certificate that it is told to', () => {
  const env = {SIGNALBOX_CLIENT_CERTIFICATE: shown.byDns.certFile, SIGNALBOX_CLIENT_KEY: shown.byDns.keyFile};
  const inbox = gateway.cli('inbox', '--agent', 'reviewer', '--json', {env});
  assert.equal(inbox.code, 0, inbox.err);
  assert.equal(gateway.cli('inbox', '--agent', 'reviewer').code, 3);
  const otherKey = gateway.cli('inbox', '--agent', 'reviewer', {env: {...env, SIGNALBOX_CLIENT_KEY: shown.byUri.keyFile}});
  assert.equal(otherKey.code, 2);
  assert.match(otherKey.err, /uri\.key: is no private key of .*dns\.crt/);
});

test('another file of authorities is taken over by new connections', async () => {
  copyFileSync(join(gateway.directory, 'others.crt'), join(gateway.directory, 'clients.crt'));
  await until('the other authority counts', () => ask(`${gateway.api}/livez`, shown.otherAuthority).then(({status}) => status === 200, () => false),
              20_000);
  // One thread may take the new configuration a moment after the other; connections that are there stay.
  const anew = ({cert, key}) => request(`${gateway.api}/livez`, {ca: gateway.ca, cert, key, agent: false});
  await until('the authority before counts no more', () => anew(shown.byDns).then(() => false, () => true), 20_000);
});
