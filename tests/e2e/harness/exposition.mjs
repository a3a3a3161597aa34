// Prometheus' text format, read strictly.
// https://prometheus.io/docs/instrumenting/exposition_formats/
import assert from 'node:assert/strict';

const name = '[a-zA-Z_:][a-zA-Z0-9_:]*';
const sampleLine = new RegExp(`^(${name})(?:\\{(.*)\\})? (NaN|[+-]Inf|-?[0-9.eE+-]+)$`);
const label = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)/gy;

// {families: names, series: the set of `name{labels}`, value(name, labels)}; throws on a line that is not of the format.
export function parseExposition(text) {
  assert.ok(text.endsWith('\n'), 'the last line must end');
  const values = new Map();
  const types = new Map();
  for (const line of text.split('\n').slice(0, -1)) {
    if (line.startsWith('# HELP ') || line === '') continue;
    const type = /^# TYPE (\S+) (counter|gauge|histogram|summary|untyped)$/.exec(line);
    if (type) {
      assert.ok(!types.has(type[1]), `two TYPE lines of ${type[1]}`);
      types.set(type[1], type[2]);
      continue;
    }
    const sample = sampleLine.exec(line);
    assert.ok(sample, `not a sample: ${line}`);
    const series = seriesName(sample[1], parseLabels(sample[2] ?? ''));
    assert.ok(!values.has(series), `twice: ${series}`);
    assert.ok(types.has(sample[1]) || types.has(sample[1].replace(/_(bucket|sum|count)$/, '')), `no TYPE: ${line}`);
    values.set(series, Number(sample[3].replace('Inf', 'Infinity')));
  }
  return {
    families: new Set(types.keys()),
    series: new Set(values.keys()),
    value(metric, labels = {}) {
      const series = seriesName(metric, labels);
      assert.ok(values.has(series), `no series ${series}`);
      return values.get(series);
    },
  };
}

function parseLabels(text) {
  const labels = {};
  let read = 0;
  for (const [whole, key, value] of text.matchAll(label)) {
    labels[key] = value;
    read += whole.length;
  }
  assert.equal(read, text.length, `not labels: ${text}`);
  return labels;
}

const seriesName = (metric, labels) =>
  `${metric}{${Object.keys(labels).sort().map((key) => `${key}=${JSON.stringify(labels[key])}`).join(',')}}`;
