// The chart: what its values do, and what it refuses.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { complaints } from './references.mjs';
import { chart, example, find, folderOf, helm, inferometer, template } from './render.mjs';
import { schemaComplaint, typeComplaints } from './types.mjs';

const demo = ['-f', example('demo')];
const render = (...args) => helm('template', 'inferometer', chart, ...demo, ...args);

test('helm finds nothing to complain of', () => {
  for (const values of [[], demo, ['-f', example('production')]]) {
    const { status, stdout } = helm('lint', '--strict', chart, ...values);
    assert.equal(status, 0, stdout);
    assert.doesNotMatch(stdout, /WARNING|ERROR/);
  }
});

test('without a configuration it says what to set', () => {
  const { status, stderr } = helm('template', 'inferometer', chart);
  assert.notEqual(status, 0);
  assert.match(stderr, /config is empty: set it to what shall be probed, or existingConfigMap/);
  assert.equal(helm('template', 'inferometer', chart, '--set', 'existingConfigMap=mine').status, 0);
});

const refused = [
  'shard=3', 'shards=0', 'shards=three', 'image.tags=1', 'image.pullPolicy=Sometimes', 'existingSecrets=a',
  'existingSecret=Not_A_Name', 'serviceMonitor.enable=true', 'serviceMonitor.interval=15', 'serviceMonitor.nativeHistogram=true',
  'serviceMonitor.scrapeProtocols[0]=Protobuf', 'networkPolicy.egress=a', 'pdb.minAvailable=1', 'dashboards.label=a',
  'webConfig.secret=a', 'prometheusRule.runbookURL=a', 'resources.limit.memory=1Gi', 'simulator.enabled=maybe',
  'serviceAccount.annotation=a', 'extraArgs=--log.level=debug', 'affinity.podAffinities=a',
];

test('the schema refuses misspelt names and wrong values', () => {
  for (const setting of refused) {
    const { status, stderr } = render('--set', setting);
    assert.notEqual(status, 0, `${setting} was taken`);
    assert.match(stderr, /don't meet the specifications of the schema/, setting);
  }
});

test('the schema has every value, and every value its default', () => {
  const schema = JSON.parse(readFileSync(join(chart, 'values.schema.json'), 'utf8'));
  const values = parse(readFileSync(join(chart, 'values.yaml'), 'utf8'));
  const { global, ...own } = schema.properties;
  assert.deepEqual(Object.keys(own).sort(), Object.keys(values).sort());
  for (const [name, { properties, additionalProperties }] of Object.entries(own).filter(([, each]) => each.properties)) {
    assert.equal(additionalProperties, false, name);
    if (name !== 'resources' && name !== 'affinity' && name !== 'serviceMonitor') {
      assert.deepEqual(Object.keys(properties).sort(), Object.keys(values[name]).sort(), name);
    }
  }
  assert.deepEqual(Object.keys(own.serviceMonitor.properties), Object.keys(values.serviceMonitor));
});

/** Everything at once, with what has to be quoted. */
const odd = `"it's" \\ {{ .Values }} # : - & * ! % @ \` ünï`;
const everything = {
  image: { repository: 'registry.example:5000/inferometer', digest: `sha256:${'0123456789abcdef'.repeat(4)}`, pullPolicy: 'Always' },
  imagePullSecrets: [{ name: 'registry-key' }],
  fullnameOverride: 'llm-latency',
  shards: 5,
  extraArgs: ['--log.format=json', `--log.level=${odd}`],
  extraEnv: [{ name: 'ODD', value: odd }],
  extraVolumes: [{ name: 'authority', configMap: { name: 'authority' } }],
  extraVolumeMounts: [{ name: 'authority', mountPath: '/etc/authority', readOnly: true }],
  shutdownGracePeriodSeconds: 60,
  priorityClassName: 'monitoring',
  nodeSelector: { zone: odd },
  tolerations: [{ key: odd, operator: 'Exists' }],
  affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchFields: [] }] } } },
  podAnnotations: { 'example.com/odd': odd },
  podLabels: { team: 'true' },
  serviceAccount: { name: 'prober', annotations: { 'eks.amazonaws.com/role-arn': 'arn:aws:iam::1:role/a' } },
  service: { port: 80, annotations: { 'example.com/odd': odd } },
  webConfig: { existingSecret: 'inferometer-web-config' },
  serviceMonitor: {
    enabled: true, labels: { release: '1.10' }, interval: '1m', scrapeTimeout: '30s', classicHistograms: true,
    nativeHistogramBucketLimit: 160, tlsConfig: { insecureSkipVerify: true },
    basicAuth: { username: { name: 'scrape', key: 'user' }, password: { name: 'scrape', key: 'password' } },
    metricRelabelings: [{ sourceLabels: ['__name__'], regex: 'llm_probe_phase_.*', action: 'drop' }],
  },
  prometheusRule: { enabled: true, labels: { release: '1.10' }, runbookUrl: 'https://wiki.example/alerts?a="b"' },
  dashboards: { enabled: true, labels: { grafana_dashboard: '1' }, annotations: { grafana_folder: odd } },
  networkPolicy: { enabled: true, ingressFrom: [], extraEgress: [{ ports: [{ port: 8000 }] }] },
  simulator: { enabled: true },
  config: {
    providers: [{ name: odd, protocol: 'openai-chat', base_url: 'http://llm-latency-simulator:9850/gpt-4o/v1', models: ['yes', '1e3'] }],
    workloads: [{ name: 'null', input_tokens: 1000000, output_tokens: 8 }],
    probes: [{ providers: [odd], workloads: ['null'], interval: '5s' }],
  },
};

test('all values at once give objects that are valid and go together', async (t) => {
  const file = join(folderOf(t), 'values.json');
  writeFileSync(file, JSON.stringify(everything));
  const all = template('-f', file);
  assert.deepEqual(complaints(all), ['llm-latency: there is no ConfigMap authority']); // the user's own
  assert.deepEqual(typeComplaints(t, all), new Map());
  for (const object of all) assert.equal(await schemaComplaint(object), undefined, object.kind);

  const { metadata, spec: { serviceAccountName, containers: [container], ...pod } } =
    find(all, 'StatefulSet', 'llm-latency').spec.template;
  assert.equal(container.image, `${everything.image.repository}@${everything.image.digest}`);
  assert.deepEqual(container.args.slice(-2), everything.extraArgs);
  assert.deepEqual(container.env, everything.extraEnv);
  assert.deepEqual(pod.nodeSelector, everything.nodeSelector);
  assert.deepEqual(pod.tolerations, everything.tolerations);
  assert.deepEqual(pod.affinity, everything.affinity);
  assert.equal(pod.priorityClassName, 'monitoring');
  assert.equal(serviceAccountName, 'prober');
  assert.equal(metadata.labels.team, 'true');
  assert.deepEqual(metadata.annotations, everything.podAnnotations);
  assert.equal(find(all, 'ConfigMap', 'llm-latency-dashboard-slo').metadata.annotations.grafana_folder, odd);
  const monitor = find(all, 'ServiceMonitor', 'llm-latency');
  assert.equal(monitor.metadata.labels.release, '1.10');
  assert.deepEqual(monitor.spec.endpoints[0].basicAuth, everything.serviceMonitor.basicAuth);
  assert.match(find(all, 'PrometheusRule', 'llm-latency-alerts').spec.groups[0].rules[0].annotations.runbook_url,
    /^https:\/\/wiki\.example\/alerts\?a="b"#/);
  // Nothing listed may ask: a policy without ingress rules lets nobody in.
  assert.equal(find(all, 'NetworkPolicy', 'llm-latency').spec.ingress, undefined);

  const configuration = join(folderOf(t), 'inferometer.yml');
  writeFileSync(configuration, find(all, 'ConfigMap', 'llm-latency-config').data['inferometer.yml']);
  assert.deepEqual(parse(readFileSync(configuration, 'utf8')), everything.config);
  const { status, stdout, stderr } = inferometer(`--config.file=${configuration}`, '--config.check');
  assert.equal(status, 0, stderr);
  assert.match(stdout, /2 probes/);
});

test('what is switched off is not there', () => {
  const kinds = (...args) => new Set(template(...demo, ...args).map(({ kind }) => kind));
  for (const kind of ['ServiceMonitor', 'PrometheusRule', 'NetworkPolicy']) assert.ok(!kinds().has(kind), kind);
  assert.ok(!kinds('--set', 'pdb.enabled=false').has('PodDisruptionBudget'));
  assert.ok(!kinds('--set', 'serviceAccount.create=false').has('ServiceAccount'));
  assert.ok(!kinds('--set', 'simulator.enabled=false').has('Deployment'));
  assert.ok(!kinds('--set', 'existingConfigMap=mine').has('ConfigMap'));
  const { spec } = find(template(...demo, '--set', 'existingSecret='), 'StatefulSet', 'inferometer').spec.template;
  assert.deepEqual(spec.volumes.map(({ name }) => name), ['config']);
  assert.deepEqual(spec.containers[0].volumeMounts.map(({ name }) => name), ['config']);
});

test('releases of other names stand beside one another', () => {
  const names = (release) => helm('template', release, chart, '-f', example('production')).stdout.match(/^  name: .*/gm);
  const [one, other] = [names('a'), names('b-inferometer')];
  assert.ok(one.includes('  name: a-inferometer') && other.includes('  name: b-inferometer'));
  assert.deepEqual(one.filter((name) => other.includes(name)), []);
  assert.equal(helm('template', 'x'.repeat(53), chart, '-f', example('production')).stdout.match(/^kind: StatefulSet\n.*\n  name: (.*)/m)[1].length, 52);
});

test('the package is the folder, with the dashboards and alerts that it links to', (t) => {
  const folder = folderOf(t);
  assert.equal(helm('package', chart, '-d', folder).status, 0);
  const values = ['-f', example('production')];
  const [packaged, linked] = [join(folder, 'inferometer-0.1.0.tgz'), chart]
    .map((each) => helm('template', 'inferometer', each, ...values).stdout);
  assert.ok(linked.length > 300_000);
  assert.equal(packaged, linked);
});

test('the chart has the version of the program', () => {
  const { version, appVersion } = parse(readFileSync(join(chart, 'Chart.yaml'), 'utf8'));
  const [, program] = inferometer('--version').stdout.match(/version (\d+\.\d+\.\d+)/);
  assert.deepEqual([version, appVersion], [program, program]);
});

test('the notes name the commands to look at it', () => {
  const notes = (...args) =>
    helm('install', 'inferometer', chart, '--dry-run=client', '-n', 'watch', ...demo, ...args).stdout.split('\nNOTES:\n')[1];
  assert.match(notes(), /kubectl -n watch port-forward service\/inferometer 9840:9840\n[^]*http:\/\/localhost:9840\//);
  assert.match(notes('--set', 'webConfig.existingSecret=a', '--set', 'shards=3'), /in 3 shards[^]*https:\/\/localhost:9840\//);
});
