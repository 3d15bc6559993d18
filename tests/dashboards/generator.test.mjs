// The committed dashboards are what the generator writes, and its types find mistakes in it.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const dashboards = join(dirname(fileURLToPath(import.meta.url)), '../../dashboards');
const generator = join(dashboards, 'generator');

/** A copy of the generator that ends with the test, as the compiler writes beside its sources. */
function copied(t) {
  const copy = mkdtempSync(join(tmpdir(), 'dashboards-'));
  t.after(() => rmSync(copy, { recursive: true }));
  for (const name of ['package.json', 'tsconfig.json', 'src']) {
    cpSync(join(generator, name), join(copy, name), { recursive: true });
  }
  symlinkSync(join(generator, 'node_modules'), join(copy, 'node_modules'));
  return copy;
}

function node(folder, ...args) {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' });
  return { status, said: stdout + stderr };
}
const compile = (folder, ...flags) => node(folder, 'node_modules/typescript/bin/tsc', ...flags);

const jsonFiles = (folder) =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort();

test('the committed files are what the generator writes', (t) => {
  const copy = copied(t);
  assert.deepEqual(compile(copy), { status: 0, said: '' });
  const written = mkdtempSync(join(copy, 'written-'));
  assert.deepEqual(node(copy, 'build/main.js', written), { status: 0, said: '' });
  assert.deepEqual(jsonFiles(dashboards), jsonFiles(written));
  for (const name of jsonFiles(written)) {
    assert.equal(
      readFileSync(join(dashboards, name), 'utf8'),
      readFileSync(join(written, name), 'utf8'),
      `${name}: run "npm run generate" in dashboards/generator`,
    );
  }
});

// [what is wrong, in which file, what is replaced, by what]
const mistakes = [
  ['an option that does not exist', 'panels.ts', 'showUnfilled:', 'showUnfiled:'],
  ['a value that an option does not have', 'panels.ts', "displayMode: 'basic'", "displayMode: 'basics'"],
  ['an option of a field that does not exist', 'provider.ts', 'axisSoftMax:', 'axisSoftMaximum:'],
  ['a key of a dashboard that does not exist', 'dashboard.ts', 'schemaVersion:', 'schemasVersion:'],
  ['a unit that is not in use', 'compare.ts', "unit: 'percentunit'", "unit: 'percentunits'"],
  ['a kind of panel that does not exist', 'panels.ts', "'heatmap',", "'heat-map',"],
  ['a panel without a description', 'slo.ts', "description: 'The objectives in", "// 'The objectives in"],
  ['a key of a variable that does not exist', 'dashboard.ts', 'includeAll:', 'includeAl:'],
  ['a key of a field that does not exist', 'looks.ts', 'mappings: [', 'mapping: ['],
  ['a colour mode that does not exist', 'panels.ts', "mode: 'palette-classic'", "mode: 'palette-clasic'"],
  ['a key of a query that does not exist', 'panels.ts', 'exemplar: true', 'exemplars: true'],
];

test('the compiler finds what Grafana would drop without a word', (t) => {
  const copy = copied(t);
  // Each mistake in a file of its own, so that one run of the compiler serves them all.
  mistakes.forEach(([what, file, from, to], index) => {
    const source = readFileSync(join(copy, 'src', file), 'utf8');
    assert.ok(source.includes(from), `${file} has "${from}" no more: plant "${what}" elsewhere`);
    writeFileSync(join(copy, 'src', `planted_${index}.ts`), source.replace(from, to));
  });
  const { said } = compile(copy, '--noEmit');
  const found = new Set([...said.matchAll(/^src\/(\w+)\.ts\(/gm)].map(([, name]) => name));
  mistakes.forEach(([what], index) => {
    assert.ok(found.delete(`planted_${index}`), `${what} was not found`);
  });
  assert.deepEqual([...found], [], said);
});

const loaded = jsonFiles(dashboards).map((name) => JSON.parse(readFileSync(join(dashboards, name), 'utf8')));

test('each can be imported as it is', () => {
  assert.equal(new Set(loaded.map(({ uid }) => uid)).size, 5);
  for (const { uid, panels, templating, ...rest } of loaded) {
    assert.match(uid, /^inferometer-[a-z-]+$/);
    assert.ok(!('__inputs' in rest) && !('id' in rest), uid);
    const variables = new Set(templating.list.map(({ name }) => name));
    for (const [, name] of JSON.stringify({ panels, rest }).matchAll(/\$\{?(?!__)(\w+)/g)) {
      assert.ok(variables.has(name), `${uid} uses the variable ${name}, which it does not have`);
    }
    for (const { gridPos, title } of panels) {
      assert.ok(Object.values(gridPos).every(Number.isInteger), `${uid}: ${title}`);
    }
    for (const key of ['id', 'title']) {
      const values = panels.map((panel) => panel[key]).sort();
      assert.deepEqual(
        values.filter((value, i) => value === values[i + 1]),
        [],
        `${uid}: the same ${key} twice`,
      );
    }
  }
});

test('every panel says what it shows', () => {
  for (const { uid, panels } of loaded) {
    for (const { type, title, description, fieldConfig, targets } of panels.filter((p) => p.type !== 'row')) {
      const where = `${uid}: ${title}`;
      const { unit, thresholds } = fieldConfig.defaults;
      assert.ok(title && description.endsWith('.') && unit && thresholds && targets.length > 0, where);
      if (type === 'timeseries' || type === 'bargauge') {
        assert.ok(
          targets.every(({ legendFormat }) => legendFormat),
          `${where} has a line without a name`,
        );
      }
    }
  }
});

test('no colour makes a failure look good, and each outcome has one', () => {
  const outcomes = readFileSync(join(dashboards, '../src/measure/outcome.hpp'), 'utf8');
  const failures = [...new Set([...outcomes.matchAll(/Outcome::(\w+)/g)].map(([, name]) => name))].filter(
    (name) => name !== 'success',
  );
  const { panels } = loaded.find(({ uid }) => uid === 'inferometer-provider');
  const { fieldConfig } = panels.find(({ title }) => title === 'Failures by reason');
  const colours = new Map(
    fieldConfig.overrides.map(({ matcher, properties }) => [matcher.options, properties[0].value.fixedColor]),
  );
  assert.deepEqual([...colours.keys()].sort(), failures.sort());
  assert.deepEqual(
    [...colours].filter(([, colour]) => colour.includes('green')),
    [],
  );
  assert.equal(new Set(colours.values()).size, failures.length, 'two of them look alike');
});

/** What a mapping makes of no value: else that has the colour of the lowest one, which may be green. */
const ofNothing = (mappings = []) =>
  mappings.find(({ type, options }) => type === 'special' && options.match === 'null+nan')?.options.result;

test('a figure or a coloured cell without a value does not look like one', () => {
  for (const { uid, panels } of loaded) {
    for (const { title, fieldConfig } of panels.filter(({ type }) => type === 'stat')) {
      const nothing = ofNothing(fieldConfig.defaults.mappings);
      assert.ok(nothing?.text && ['text', 'red'].includes(nothing.color), `${uid}: ${title}`);
    }
    for (const { title, fieldConfig } of panels.filter(({ type }) => type === 'table')) {
      for (const { matcher, properties } of fieldConfig.overrides) {
        const { mappings, unit, thresholds } = Object.fromEntries(
          properties.map(({ id, value }) => [id, value]),
        );
        const isOf = `${uid}: ${title}: ${matcher.options}`;
        // What is 1 or 0 is there for each row.
        if (unit !== 'none' && thresholds) {
          assert.equal(ofNothing(mappings)?.color, 'transparent', isOf);
        }
      }
    }
  }
});
