// The manifests of deploy/kubernetes and deploy/helm: that both say the same, and that all they name is there.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { complaints } from './references.mjs';
import {
  dashboards, example, find, folderOf, inferometer, kustomize, kustomizeWith, ofKind, overlay, root, run, template,
} from './render.mjs';
import { schemaComplaint, typeComplaints } from './types.mjs';

const certificate = (release) => [
  '--set', 'webConfig.existingSecret=inferometer-web-config',
  '--set', `serviceMonitor.tlsConfig.serverName=${release}`,
  '--set', 'serviceMonitor.tlsConfig.ca.secret.name=inferometer-web-config',
  '--set', 'serviceMonitor.tlsConfig.ca.secret.key=ca.crt',
];

/** Each set of settings, as kustomize and as helm renders it. */
const renders = {
  'the demonstration': (t) => [kustomize(overlay('minimal')), template('-f', example('demo'))],
  production: (t) => [kustomize(overlay('production')), template('-f', example('production'))],
  'production with TLS': (t) =>
    [kustomizeWith(t, 'production', ['tls']), template('-f', example('production'), ...certificate('inferometer'))],
};
const allRenders = (t) => Object.entries(renders).flatMap(([name, render]) =>
  render(t).map((objects, index) => [`${name}, ${index ? 'helm' : 'kustomize'}`, objects]));

/** By kind and name, without what only one of the two tools can say: the namespace, and helm's own labels. */
function normal(objects) {
  const labels = (all = {}) => Object.fromEntries(Object.entries(all)
    .filter(([key]) => key !== 'helm.sh/chart' && key !== 'app.kubernetes.io/managed-by'));
  return Object.fromEntries(objects.filter(({ kind }) => kind !== 'Namespace').map((object) => {
    const { namespace, ...metadata } = object.metadata;
    const copy = structuredClone({ ...object, metadata: { ...metadata, labels: labels(metadata.labels) } });
    copy.spec?.template?.spec.containers.forEach(({ args }) => args.sort()); // flags have no order
    if (copy.data) copy.data = Object.fromEntries(Object.entries(copy.data).map(([key, text]) => [key, parse(text)]));
    return [`${object.kind} ${metadata.name}`, copy];
  }));
}

test('helm and kustomize render the same', (t) => {
  for (const [name, render] of Object.entries(renders)) {
    const [kustomized, helmed] = render(t).map(normal);
    assert.ok(Object.keys(kustomized).length >= 8, name);
    assert.deepEqual(helmed, kustomized, name);
  }
});

test('all that a manifest names is there', (t) => {
  for (const [name, objects] of allRenders(t)) assert.deepEqual(complaints(objects), [], name);
});

/** [what is wrong, a part of the complaint, how it is planted into the objects of production or the demonstration] */
const daemon = (all) => find(all, 'StatefulSet', 'inferometer').spec;
const pod = (all) => daemon(all).template.spec;
const container = (all) => pod(all).containers[0];
const setFlag = (all, name, value) => {
  const { args } = container(all);
  args.splice(args.findIndex((arg) => arg.startsWith(`--${name}=`)), 1, ...(value ? [`--${name}=${value}`] : []));
};
const mistakes = [
  ['a Service for other pods', 'of Service inferometer selects the pods of 0 workloads',
    (all) => { find(all, 'Service', 'inferometer').spec.selector['app.kubernetes.io/name'] = 'interferometer'; }],
  ['a Service for daemon and simulator', 'of Service inferometer selects the pods of 2 workloads',
    (all) => { find(all, 'Service', 'inferometer').spec.selector = { 'app.kubernetes.io/instance': 'inferometer' }; }],
  ['a workload that does not select its own pods', 'of StatefulSet inferometer selects the pods of 0',
    (all) => { daemon(all).template.metadata.labels = {}; }],
  ['a budget of other pods', 'of PodDisruptionBudget inferometer selects',
    (all) => { find(all, 'PodDisruptionBudget', 'inferometer').spec.selector.matchLabels = { app: 'inferometer' }; }],
  ['a policy for other pods', 'of NetworkPolicy inferometer selects',
    (all) => { find(all, 'NetworkPolicy', 'inferometer').spec.podSelector.matchLabels = { app: 'inferometer' }; }],
  ['a spread over other pods', 'of StatefulSet inferometer selects',
    (all) => { pod(all).topologySpreadConstraints[0].labelSelector.matchLabels = { app: 'inferometer' }; }],
  ['a Service to a port without that name', 'Service inferometer: no pod has the port web',
    (all) => { find(all, 'Service', 'inferometer').spec.ports[0].targetPort = 'web'; }],
  ['a policy that opens another port', 'NetworkPolicy inferometer: no pod has the port metrics',
    (all) => { find(all, 'NetworkPolicy', 'inferometer').spec.ingress[0].ports[0].port = 'metrics'; }],
  ['a policy that closes a provider', 'closes vllm.llm.svc:8000',
    (all) => { find(all, 'NetworkPolicy', 'inferometer').spec.egress.pop(); }],
  ['no headless Service', 'no headless Service inferometer',
    (all) => { daemon(all).serviceName = 'inferometer'; }],
  ['a ServiceMonitor that selects both Services', 'selects 2 Services',
    (all) => { delete find(all, 'ServiceMonitor', 'inferometer').spec.selector.matchLabels['app.kubernetes.io/component']; }],
  ['a ServiceMonitor of a port without that name', 'no Service has a port of the name metrics',
    (all) => { find(all, 'ServiceMonitor', 'inferometer').spec.endpoints[0].port = 'metrics'; }],
  ['a scrape by HTTPS of a daemon without it', 'ServiceMonitor inferometer does not ask by http',
    (all) => { find(all, 'ServiceMonitor', 'inferometer').spec.endpoints[0].scheme = 'https'; }],
  ['protobuf first, also for an older Prometheus', 'would lose the histograms',
    (all) => { find(all, 'ServiceMonitor', 'inferometer').spec.scrapeProtocols = ['PrometheusProto']; }],
  ['probes by HTTP of a daemon with TLS', 'a probe does not ask by HTTPS',
    (all) => { container(all).args.push('--web.config.file=/etc/inferometer-web/web-config.yml'); }],
  ['a liveness probe of readiness', 'is not probed at /-/healthy',
    (all) => { container(all).livenessProbe.httpGet.path = '/-/ready'; }],
  ['a probe of a port that is not there', 'a probe asks a port',
    (all) => { container(all).readinessProbe.httpGet.port = 'web'; }],
  ['a ConfigMap that is not there', 'there is no ConfigMap inferometer-configuration',
    (all) => { pod(all).volumes[0].configMap.name = 'inferometer-configuration'; }],
  ['a key that the ConfigMap does not have', '/etc/inferometer/config.yml is in no ConfigMap',
    (all) => { setFlag(all, 'config.file', '/etc/inferometer/config.yml'); }],
  ['a Secret that nobody makes', 'nobody makes the Secret inferometer-keys',
    (all) => { pod(all).volumes[1].projected.sources[0].secret.name = 'inferometer-keys'; }],
  ['a key beside the mount of the secrets', '/run/secrets/openai is in no Secret',
    (all) => { edit(find(all, 'ConfigMap', 'inferometer-config').data, 'secrets/inferometer/openai', 'secrets/openai'); }],
  ['another port in the configuration', 'inferometer listens elsewhere',
    (all) => { find(all, 'ConfigMap', 'inferometer-config').data['inferometer.yml'] += 'web: {listen: [":9841"]}\n'; }],
  ['a simulator of another name', 'no Service is simulator:9850',
    (all) => { edit(find(all, 'ConfigMap', 'inferometer-config').data, 'http://inferometer-simulator', 'http://simulator'); }],
  ['a mount without a volume', 'there is no volume secret',
    (all) => { container(all).volumeMounts[1].name = 'secret'; }],
  ['a volume without a mount', 'the volume secrets is not mounted',
    (all) => { container(all).volumeMounts.pop(); }],
  ['a single file of the ConfigMap', 'is one file, which never changes',
    (all) => { container(all).volumeMounts[0].subPath = 'inferometer.yml'; }],
  ['a mount within another one', 'is in a mount',
    (all) => { container(all).volumeMounts[1].mountPath = '/etc/inferometer/secrets'; }],
  ['too short a grace period', 'is killed after 30 s',
    (all) => { pod(all).terminationGracePeriodSeconds = 30; }],
  ['pods that all probe everything', '--shard.count is not the number of pods',
    (all) => { daemon(all).replicas = 7; }],
  ['a ServiceAccount that is not there', 'there is no ServiceAccount default',
    (all) => { pod(all).serviceAccountName = 'default'; }],
  ['a root that can be written', 'can write its root',
    (all) => { container(all).securityContext.readOnlyRootFilesystem = false; }],
  ['a limit of CPU', 'has a limit of CPU',
    (all) => { container(all).resources.limits.cpu = '1'; }],
];
function edit(data, from, to) {
  assert.ok(data['inferometer.yml'].includes(from), from);
  data['inferometer.yml'] = data['inferometer.yml'].replaceAll(from, to);
}

test('a reference that meets nothing is found, whichever it is', () => {
  const production = kustomize(overlay('production'));
  const demonstration = kustomize(overlay('minimal'));
  for (const [what, expected, plant] of mistakes) {
    const all = structuredClone(what.includes('simulator') ? demonstration : production);
    plant(all);
    const found = complaints(all);
    assert.ok(found.some((each) => each.includes(expected)), `${what}: ${found.join('; ') || 'was not found'}`);
  }
});

test('the types and schemas of Kubernetes and of the operator hold', async (t) => {
  const objects = allRenders(t).flatMap(([, all]) => all);
  assert.deepEqual(typeComplaints(t, objects), new Map());
  for (const object of objects) assert.equal(await schemaComplaint(object), undefined, object.kind);
});

const unknownFields = [
  ['StatefulSet', 'inferometer', (spec) => { spec.template.spec.securityContext.runAsNotRoot = true; }],
  ['StatefulSet', 'inferometer', (spec) => { spec.template.spec.containers[0].livenessProbe.httpGet.url = '/'; }],
  ['StatefulSet', 'inferometer', (spec) => { spec.podManagementPolicies = 'Parallel'; }],
  ['Service', 'inferometer', (spec) => { spec.ports[0].target = 'http'; }],
  ['PodDisruptionBudget', 'inferometer', (spec) => { spec.maxUnavailible = 1; }],
  ['NetworkPolicy', 'inferometer', (spec) => { spec.ingress[0].to = []; }],
  ['ServiceMonitor', 'inferometer', (spec) => { spec.scrapeNativeHistogram = true; }],
  ['ServiceMonitor', 'inferometer', (spec) => { spec.endpoints[0].relabelings[0].sourcesLabels = ['a']; }],
  ['PrometheusRule', 'inferometer-alerts', (spec) => { spec.groups[0].rules[0].fore = '5m'; }],
];
const wrongValues = [
  ['StatefulSet', 'inferometer', (spec) => { spec.replicas = 1.5; }],
  ['StatefulSet', 'inferometer', (spec) => { spec.template.spec.containers[0].resources.limits.memory = 'much'; }],
  ['StatefulSet', 'inferometer', (spec) => { delete spec.template.spec.containers[0].name; }],
  ['ServiceMonitor', 'inferometer', (spec) => { spec.endpoints[0].interval = '15 seconds'; }],
  ['ServiceMonitor', 'inferometer', (spec) => { spec.endpoints[0].scheme = 'gopher'; }],
];
const planted = (all, list) => list.map(([kind, name, plant]) => {
  const copy = structuredClone(find(all, kind, name));
  plant(copy.spec);
  return copy;
});

test('an unknown field and a wrong value are found, whichever it is', async (t) => {
  const production = kustomize(overlay('production'));
  const fields = planted(production, unknownFields);
  const found = typeComplaints(t, fields);
  unknownFields.forEach(([kind, , plant], index) => assert.ok(found.has(index), `${kind}: ${plant}`));
  for (const [index, object] of planted(production, wrongValues).entries()) {
    assert.ok(await schemaComplaint(object), `${object.kind}: ${wrongValues[index][2]}`);
  }
});

test('the daemon takes the configurations of the manifests', (t) => {
  const folder = folderOf(t);
  for (const [name, objects] of allRenders(t)) {
    const file = join(folder, 'inferometer.yml');
    writeFileSync(file, find(objects, 'ConfigMap', 'inferometer-config').data['inferometer.yml']);
    const { status, stdout, stderr } = inferometer(`--config.file=${file}`, '--config.check');
    assert.equal(status, 0, `${name}: ${stderr}`);
    assert.match(stdout, / is valid: [34] probes/);
  }
});

test('the daemon takes the flags of the manifests', (t) => {
  for (const [setting, name] of [['the demonstration', 'minimal'], ['production', 'production']]) {
    for (const objects of renders[setting](t)) {
      const flags = container(objects).args.filter((arg) => !arg.startsWith('--config.file='));
      const { status, stderr } = inferometer(...flags, `--config.file=${join(overlay(name), 'inferometer.yml')}`, '--config.check');
      assert.equal(status, 0, stderr);
    }
  }
});

test('alerts and dashboards are those of the project', (t) => {
  const component = join(root, 'deploy/kubernetes/components/alerts');
  assert.equal(run(join(component, 'generate')).stdout, readFileSync(join(component, 'prometheusrule.yaml'), 'utf8'),
    'run generate > prometheusrule.yaml in deploy/kubernetes/components/alerts');
  const stock = parse(readFileSync(join(root, 'deploy/prometheus/alerts.yml'), 'utf8'));
  for (const objects of renders.production(t)) {
    assert.deepEqual(find(objects, 'PrometheusRule', 'inferometer-alerts').spec, stock);
    const shown = ofKind(objects, 'ConfigMap').filter(({ metadata }) => metadata.labels.grafana_dashboard === '1');
    assert.deepEqual(shown.flatMap(({ data }) => Object.keys(data)).sort(), dashboards);
    for (const [file, text] of shown.flatMap(({ data }) => Object.entries(data))) {
      assert.equal(text, readFileSync(join(root, 'dashboards', file), 'utf8'));
    }
  }
});

test('rules of SLOs are a resource of the operator', async (t) => {
  const { stdout } = inferometer('rules', '--format=manifest', `--config.file=${join(overlay('production'), 'inferometer.yml')}`);
  const rules = parse(stdout);
  assert.deepEqual(typeComplaints(t, [rules]), new Map());
  assert.equal(await schemaComplaint(rules), undefined);
});
