// The console blocks of a document: what was typed, and what was answered. A block holds lines `$ command` (continued
// by a backslash at the end), each followed by its output.
import assert from 'node:assert/strict';

// [{command, output}] of all ```console blocks below `heading`, up to the next heading of its level.
export function consoleSteps(markdown, heading) {
  const begin = markdown.indexOf(`${heading}\n`);
  assert.ok(begin >= 0, `no heading "${heading}"`);
  const level = /^#+/.exec(heading)[0];
  const rest = markdown.slice(begin + heading.length);
  const next = rest.search(new RegExp(`^${level} `, 'm'));
  const section = next < 0 ? rest : rest.slice(0, next);
  const steps = [];
  for (const [, block] of section.matchAll(/^```console\n([\s\S]*?)^```$/gm)) {
    for (const line of block.split('\n').slice(0, -1)) {
      const last = steps.at(-1);
      if (last && last.open) {
        last.command += `\n${line}`;
      } else if (line.startsWith('$ ')) {
        steps.push({command: line.slice(2), output: ''});
      } else {
        assert.ok(last, `output before the first command: ${line}`);
        last.output += `${line}\n`;
        continue;
      }
      steps.at(-1).open = line.endsWith('\\');
    }
  }
  return steps.map(({command, output}) => ({command, output}));
}

// What differs from run to run: ids (remembered, since later commands name them), times, numbers that a sample draws.
const volatile = /\b[emw]_[0-9A-Za-z]+(?:\.\w+)?|\b[0-9a-f]{40}\b|\b\d{4}-\d\d-\d\dT[\d:.]+Z|(?<=[#/])\d+\b|\b\d+(?:ms|s|m|h)\b|"sequence":"\d+"/g;

// Compares an output with the document's, column widths and volatile parts aside. `names` maps ids of the document to
// those of this run and grows.
export function assertOutput(actual, documented, names, what) {
  const lines = (text) => text.trim().split('\n').map((line) => line.trim().replace(/[ ]{2,}/g, '  '));
  const wanted = lines(documented);
  const got = lines(actual);
  assert.deepEqual(got.map(shape), wanted.map(shape), what);
  wanted.forEach((line, i) => {
    const seen = got[i].match(volatile) ?? [];
    (line.match(volatile) ?? []).forEach((token, j) => {
      if (/^[emw]_/.test(token)) names.set(token, seen[j]);
    });
  });
}

const shape = (line) => line.replace(volatile, '·').replace(/ {2,}/g, ' ');

// The command with the ids of this run in the place of the document's.
export function withNames(command, names) {
  return command.replace(/\b[emw]_[0-9A-Za-z]+(?:\.\w+)?/g, (id) => {
    assert.ok(names.has(id), `${id} stands in a command and was in no output before`);
    return names.get(id);
  });
}
