// The real Prometheus, with the configuration and the rules that are shipped, sees what the gateway did.
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {join} from 'node:path';

import {makeCertificate} from './harness/certificates.mjs';
import {Gateway, root} from './harness/gateway.mjs';
import {pullRequest} from './harness/github.mjs';
import {Prometheus, runPromtool, shipped} from './harness/prometheus_server.mjs';
import {after, before, describe, test} from './harness/test.mjs';

const rules = readFileSync(join(shipped, 'alerts.yaml'), 'utf8');
const dashboard = JSON.parse(readFileSync(join(root, 'deploy/grafana/signalbox.json'), 'utf8'));
const alerts = [...rules.matchAll(/^ +- alert: (\w+)$/gm)].map(([, name]) => name);

test('the shipped configuration and its rules pass promtool', () => {
  for (const args of [['check', 'config', 'scrape.yaml'], ['check', 'rules', 'alerts.yaml']]) {
    const {status, text} = runPromtool(args);
    assert.equal(status, 0, text);
  }
});

test('each alert fires when it should and not before, as promtool plays it', () => {
  const {status, text} = runPromtool(['test', 'rules', 'alerts.test.yaml']);
  assert.equal(status, 0, text);
  const cases = readFileSync(join(shipped, 'alerts.test.yaml'), 'utf8').split(/^ +- eval_time:/m).slice(1);
  for (const alert of alerts) {
    const own = cases.filter((text) => text.includes(`alertname: ${alert}\n`));
    assert.ok(own.some((text) => text.includes('exp_alerts: []')), `${alert} has no case in which it is silent`);
    assert.ok(own.some((text) => text.includes('exp_labels')), `${alert} has no case in which it fires`);
  }
});

for (const [how, config] of [['plain', {}], ['TLS', {tls: {certificate: 'tls.crt', key: 'tls.key'}}]]) {
  describe(`over ${how}`, () => {
    let gateway;
    let prometheus;

    before(async () => {
      gateway = await Gateway.start({
        config: {hooks: config, api: config},
        prepare: (made) => { if (config.tls) made.ca = makeCertificate(made.directory, {days: 30}); },
      });
      prometheus = await Prometheus.start(gateway);
    });
    after(async () => {
      await prometheus?.stop();
      await gateway.destroy();
    });

    test('the gateway is up, and what was delivered, refused and repeated is counted', async () => {
      await prometheus.untilValue('up{job="signalbox"}', 1);
      for (let number = 1; number <= 5; ++number) await gateway.deliver('pull_request', pullRequest(number));
      await gateway.deliver('pull_request', pullRequest(5));
      await gateway.deliver('pull_request', pullRequest(6), {secret: 'another'});
      await prometheus.untilValue('signalbox_deliveries_total{source="github",status="accepted"}', 5);
      await prometheus.untilValue('signalbox_deliveries_total{source="github",status="duplicate"}', 1);
      await prometheus.untilValue('signalbox_deliveries_refused_total{source="github",reason="signature_invalid"}', 1);
      await prometheus.untilValue('signalbox_messages_total{kind="event"}', 5);
    });

    test('quantiles of the stages and of Redis can be had', async () => {
      const stages = await prometheus.query('histogram_quantile(0.99, sum by (stage, le) (signalbox_stage_duration_seconds_bucket))');
      assert.deepEqual(stages.map(({labels}) => labels.stage).sort(), ['decide', 'store', 'total', 'verify']);
      for (const {labels, value} of stages) assert.ok(value > 0 && value < 10, `${labels.stage}: ${value}`);
      await prometheus.untilValue('histogram_quantile(0.5, sum by (le) (signalbox_redis_round_trip_seconds_bucket))', (value) => value > 0 && value < 10);
    });

    test('mailboxes, process and certificate are there', async () => {
      await prometheus.untilValue('signalbox_mailbox_messages{agent="reviewer",state="ready"}', 5);
      await prometheus.untilValue('signalbox_mailbox_oldest_message_age_seconds{agent="reviewer"}', (age) => age > 0 && age < 300);
      await prometheus.untilValue('signalbox_mailbox_oldest_message_age_seconds{agent="coder"}', 0);
      await prometheus.untilValue('time() - process_start_time_seconds{job="signalbox"}', (age) => age > -2 && age < 300);
      const expiries = await prometheus.query('(signalbox_tls_certificate_expiry_timestamp_seconds - time()) / 86400');
      assert.deepEqual(expiries.map(({labels}) => labels.listener).sort(), config.tls ? ['api', 'hooks'] : []);
      for (const {value} of expiries) assert.ok(value > 29 && value <= 30, `${value} days`);
    });

    test('each query of the dashboard is answered, and none speaks of a metric that there is not', async () => {
      const known = await prometheus.get('/api/v1/label/__name__/values');
      const expressions = dashboard.panels.flatMap(({targets = []}) => targets.map(({expr}) => expr)).concat(dashboard.annotations.list.map(({expr}) => expr));
      assert.ok(expressions.length > 40);
      let answered = 0;
      for (const expression of expressions) {
        const query = expression.replaceAll('$job', 'signalbox').replaceAll('$__rate_interval', '1m');
        if ((await prometheus.query(query)).length > 0) ++answered;
        const unknown = [...query.matchAll(/\b(?:signalbox|process)_\w+/g)].map(([name]) => name).filter((name) => !known.includes(name));
        assert.deepEqual(unknown, [], query);
      }
      assert.ok(answered >= 30, `only ${answered} of ${expressions.length} have an answer`);
    });

    test('it can evaluate each rule, and none speaks of a metric that there is not', async () => {
      await prometheus.untilValue('count(source_status:signalbox_deliveries:rate5m)', (count) => count > 0);
      const {groups} = await prometheus.get('/api/v1/rules');
      const all = groups.flatMap((group) => group.rules);
      assert.deepEqual(all.filter(({type}) => type === 'alerting').map(({name}) => name).sort(), [...alerts].sort());
      for (const {name, health, lastError} of all) assert.notEqual(health, 'err', `${name}: ${lastError}`);
      const known = await prometheus.get('/api/v1/label/__name__/values');
      const needed = [...rules.replaceAll(/^ +(summary|description):.*$/gm, '').matchAll(/(?<![\w:])(?:signalbox|process)_\w+/g)].map(([name]) => name);
      // Without such tokens or certificates there is nothing that could end.
      const conditional = ['signalbox_token_expiry_timestamp_seconds', ...(config.tls ? [] : ['signalbox_tls_certificate_expiry_timestamp_seconds'])];
      assert.deepEqual(needed.filter((name) => !known.includes(name) && !conditional.includes(name)), []);
    });
  });
}
