// The compose file: its schema, that what it mounts is there, and that names and ports of all the files agree.
import assert from 'node:assert/strict';
import { copyFileSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import Ajv from 'ajv';
import { parse } from 'yaml';
import { dashboards, folderOf, inferometer, overlay, root, run } from './render.mjs';

const folder = join(root, 'deploy/compose');
const read = (file) => readFileSync(join(folder, file), 'utf8');
const compose = () => {
  const { 'x-inferometer': common, ...rest } = parse(read('compose.yml'), { merge: true });
  return rest;
};
const schema = JSON.parse(readFileSync(join(root, 'tests/deploy/node_modules/dclint/schemas/compose.schema.json'), 'utf8'));
const fits = new Ajv({ strict: false, validateFormats: false }).compile({ ...schema, $schema: undefined });

const mountsOf = ({ volumes = [] }) => volumes.map((each) => {
  const [source, target, mode] = each.split(':');
  return { source, target, mode };
});
const isPath = (source) => source.startsWith('.');
const listens = { inferometer: 9840, 'inferometer-simulator': 9850, prometheus: 9090, alertmanager: 9093, grafana: 3000 };

/** What the schema does not know. Each complaint is a sentence. */
function complaints({ services, volumes }) {
  const found = [];
  const expect = (good, complaint) => good || found.push(complaint);
  for (const [name, service] of Object.entries(services)) {
    expect(/:v?\d+\.\d+\.\d+$/.test(service.image), `${name}: ${service.image} is no version`);
    expect(service.healthcheck || name === 'inferometer', `${name} has no health check`);
    for (const { source, target, mode } of mountsOf(service)) {
      expect(isPath(source) ? existsSync(resolve(folder, source)) : volumes[source], `${name}: there is no ${source}`);
      expect(!isPath(source) || mode === 'ro', `${name}: ${target} can be written`);
    }
    for (const [, file] of (service.command ?? []).join('\n').matchAll(/--config.file=(.*)/g)) {
      expect(hostFile(service, file), `${name}: ${file} is not mounted`);
    }
    for (const published of service.ports ?? []) {
      const [address, , inside] = published.split(':');
      expect(address === '127.0.0.1', `${name} is open to other machines`);
      expect(Number(inside) === listens[name], `${name} does not listen on ${inside}`);
    }
    for (const [other, { condition }] of Object.entries(service.depends_on ?? {})) {
      expect(services[other], `${name} waits for ${other}, which is not there`);
      expect(condition !== 'service_healthy' || services[other]?.healthcheck?.test, `${other} never says it is healthy`);
    }
  }
  return found;
}
/** Where a file of a container is on this machine. */
function hostFile(service, path) {
  for (const { source, target } of mountsOf(service)) {
    const file = resolve(folder, source) + path.slice(target.length);
    if (isPath(source) && (path === target || path.startsWith(`${target}/`)) && statSync(file, { throwIfNoEntry: false })) return file;
  }
}

/** Each address of another service is that of a service that listens there. */
function checkAddresses(text, what) {
  const addresses = [...text.matchAll(/(?:"|\/\/)([a-z][a-z-]*):(\d+)/g)].filter(([, host]) => host !== 'localhost');
  assert.ok(addresses.length > 0, what);
  for (const [, host, port] of addresses) assert.equal(listens[host], Number(port), `${what}: ${host}:${port}`);
}

test('the compose file fits the schema of compose files', () => {
  assert.ok(fits(compose()), JSON.stringify(fits.errors));
  assert.deepEqual(complaints(compose()), []);
  assert.deepEqual(Object.keys(compose().services).sort(), Object.keys(listens).sort());
});

const mistakes = [
  ['a key that does not exist', ({ services }) => { services.grafana.port = ['3000:3000']; }],
  ['a health check without its test', ({ services }) => { services.grafana.healthcheck = { tests: ['CMD', 'true'] }; }],
  ['a condition that does not exist', ({ services }) => { services.grafana.depends_on.prometheus.condition = 'healthy'; }],
  ['an image without a version', ({ services }) => { services.grafana.image = 'grafana/grafana:latest'; }],
  ['a mount of what is not there', ({ services }) => { services.prometheus.volumes[0] = './prom.yml:/etc/prometheus/prometheus.yml:ro'; }],
  ['a volume that nobody declares', ({ volumes }) => { delete volumes.grafana; }],
  ['a configuration that is not mounted', ({ services }) => { services.inferometer.command[0] = '--config.file=/etc/inferometer.yml'; }],
  ['a port that nothing listens on', ({ services }) => { services.grafana.ports = ['127.0.0.1:3000:80']; }],
  ['a port for everybody', ({ services }) => { services.grafana.ports = ['3000:3000']; }],
  ['a wait for what is not there', ({ services }) => { services.inferometer.depends_on = { simulator: { condition: 'service_started' } }; }],
  ['a wait for what never says it is healthy', ({ services }) => {
    services.prometheus.healthcheck = { disable: true };
  }],
];

test('a mistake in the compose file is found, whichever it is', () => {
  for (const [what, plant] of mistakes) {
    const planted = compose();
    plant(planted);
    assert.ok(!fits(planted) || complaints(planted).length > 0, `${what} was not found`);
  }
});

test('names and ports of all files are those of the services', () => {
  const { services } = compose();
  checkAddresses(read('prometheus.yml'), 'prometheus.yml');
  checkAddresses(read('grafana/provisioning/datasources/prometheus.yml'), 'the data source');
  checkAddresses(readFileSync(hostFile(services.inferometer, '/etc/inferometer/inferometer.yml'), 'utf8'), 'inferometer.yml');
  assert.ok(services['inferometer-simulator'].command.includes(`--listen=:${listens['inferometer-simulator']}`));
  const grace = Number(services.inferometer.stop_grace_period.slice(0, -1));
  assert.ok(grace > 20 + 8 && services.inferometer.command.includes('--shutdown.grace-period=20s'));
});

test('the daemon takes the configuration, and its rules are those that it writes', () => {
  const file = join(overlay('minimal'), 'inferometer.yml');
  assert.equal(hostFile(compose().services.inferometer, '/etc/inferometer/inferometer.yml'), file);
  assert.equal(inferometer(`--config.file=${file}`, '--config.check').status, 0);
  assert.equal(read('slos.yml'), inferometer('rules', `--config.file=${file}`).stdout,
    'run inferometer rules --config.file=deploy/kubernetes/overlays/minimal/inferometer.yml > deploy/compose/slos.yml');
});

// Debian's promtool is older than scrape_native_histograms; everything else it knows.
test('Prometheus takes its configuration and rules as they are mounted', (t) => {
  const { services: { prometheus } } = compose();
  const copy = folderOf(t);
  for (const file of ['alerts.yml', 'slos.yml']) copyFileSync(hostFile(prometheus, `/etc/prometheus/${file}`), join(copy, file));
  const text = readFileSync(hostFile(prometheus, '/etc/prometheus/prometheus.yml'), 'utf8');
  assert.match(text, /^ {4}scrape_native_histograms: true$/m);
  writeFileSync(join(copy, 'prometheus.yml'), text.replace(/^.*scrape_native_histograms.*$/m, ''));
  const { status, stdout, stderr } = run('promtool', 'check', 'config', join(copy, 'prometheus.yml'));
  assert.equal(status, 0, stdout + stderr);
  assert.match(stdout, /2 rule files found/);
});

test('Grafana gets every dashboard, and exemplars lead to the page of their attempt', () => {
  const { services: { grafana, inferometer: daemon } } = compose();
  const { providers: [{ options }] } = parse(read('grafana/provisioning/dashboards/inferometer.yml'));
  for (const file of dashboards) {
    assert.equal(hostFile(grafana, `${options.path}/${file}`), join(root, 'dashboards', file));
  }
  assert.ok(hostFile(grafana, grafana.environment.GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH));
  assert.ok(hostFile(grafana, '/etc/grafana/provisioning/datasources/prometheus.yml'));

  const { datasources: [{ jsonData: { exemplarTraceIdDestinations: [link] } }] } =
    parse(read('grafana/provisioning/datasources/prometheus.yml'));
  const { host, pathname } = new URL(link.url.replace('$${__value.raw}', '0123abcd'));
  assert.equal(link.name, 'measurement_id');
  assert.ok(daemon.ports.some((published) => published.includes(`:${host.split(':')[1]}:`)));
  const routes = readFileSync(join(root, 'src/web/routes.cpp'), 'utf8');
  assert.ok(routes.includes(`{"${pathname.replace('0123abcd', '*')}", "GET"`), pathname);
});
