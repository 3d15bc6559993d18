// What neither helm, kubectl nor a schema finds: names that nothing has, and settings that do not go together.
import { dirname, basename } from 'node:path';
import { parse } from 'yaml';
import { find, ofKind } from './render.mjs';

/** Secrets that the user makes. */
const ownSecrets = ['inferometer-secrets', 'inferometer-web-config'];
/** What the daemon takes after the grace period, docs/operations.md, and a margin. */
const secondsToClose = 8 + 5;

const matches = (selector, labels) => Object.entries(selector ?? {}).every(([key, value]) => labels?.[key] === value);
const podOf = (workload) => workload.spec.template;
const containerOf = (workload) => podOf(workload).spec.containers[0];
const workloadsOf = (all) => [...ofKind(all, 'StatefulSet'), ...ofKind(all, 'Deployment')];
const flag = (workload, name) =>
  containerOf(workload).args.map((arg) => arg.split('=')).find(([key]) => key === `--${name}`)?.[1];
const seconds = (duration) => Number(/^(\d+)s$/.exec(duration)[1]);

/** Each complaint is a sentence; none if all is well. */
export function complaints(all) {
  const found = [];
  const expect = (good, complaint) => good || found.push(complaint);

  const names = all.map(({ kind, metadata }) => `${kind} ${metadata.name}`);
  expect(new Set(names).size === names.length, 'two objects have the same name');
  selectors(all, expect);
  services(all, expect);
  for (const workload of workloadsOf(all)) {
    hardening(workload, expect);
    volumes(all, workload, expect);
    probes(workload, expect);
    const { serviceAccountName } = podOf(workload).spec;
    expect(find(all, 'ServiceAccount', serviceAccountName), `there is no ServiceAccount ${serviceAccountName}`);
  }
  for (const daemon of ofKind(all, 'StatefulSet')) {
    daemonSettings(daemon, expect);
    configuration(all, daemon, expect);
    monitors(all, daemon, expect);
  }
  return found;
}

/** Whatever selects pods selects those of one workload. */
function selectors(all, expect) {
  const selecting = [
    ...workloadsOf(all).map((each) => [each, each.spec.selector.matchLabels]),
    ...ofKind(all, 'Service').map((each) => [each, each.spec.selector]),
    ...ofKind(all, 'PodDisruptionBudget').map((each) => [each, each.spec.selector.matchLabels]),
    ...ofKind(all, 'NetworkPolicy').map((each) => [each, each.spec.podSelector.matchLabels]),
    ...workloadsOf(all).flatMap((each) => (podOf(each).spec.topologySpreadConstraints ?? [])
      .map(({ labelSelector }) => [each, labelSelector.matchLabels])),
  ];
  for (const [{ kind, metadata }, selector] of selecting) {
    const count = workloadsOf(all).filter((each) => matches(selector, podOf(each).metadata.labels)).length;
    expect(count === 1, `a selector of ${kind} ${metadata.name} selects the pods of ${count} workloads`);
  }
}

function services(all, expect) {
  const hasPort = (selector, port) => workloadsOf(all)
    .filter((each) => matches(selector, podOf(each).metadata.labels))
    .some((each) => containerOf(each).ports.some(({ name }) => name === port));
  for (const { metadata: { name }, spec } of ofKind(all, 'Service')) {
    for (const { targetPort } of spec.ports) {
      expect(hasPort(spec.selector, targetPort), `Service ${name}: no pod has the port ${targetPort}`);
    }
  }
  for (const { metadata: { name }, spec } of ofKind(all, 'NetworkPolicy')) {
    for (const { port } of (spec.ingress ?? []).flatMap(({ ports }) => ports)) {
      expect(hasPort(spec.podSelector.matchLabels, port), `NetworkPolicy ${name}: no pod has the port ${port}`);
    }
  }
  for (const { metadata: { name }, spec } of ofKind(all, 'StatefulSet')) {
    const service = find(all, 'Service', spec.serviceName);
    expect(service?.spec.clusterIP === 'None', `StatefulSet ${name}: no headless Service ${spec.serviceName}`);
    expect(matches(service?.spec.selector, spec.template.metadata.labels), `${spec.serviceName} selects other pods`);
  }
}

/** The "restricted" standard of pod security, and more. */
function hardening(workload, expect) {
  const { metadata: { name } } = workload;
  const { spec } = podOf(workload);
  const container = containerOf(workload);
  const of = { ...spec.securityContext, ...container.securityContext };
  expect(of.runAsNonRoot === true && of.runAsUser === 65532 && of.runAsGroup === 65532, `${name} may run as root`);
  expect(of.seccompProfile?.type === 'RuntimeDefault', `${name} has no seccomp profile`);
  expect(of.readOnlyRootFilesystem === true, `${name} can write its root`);
  expect(of.allowPrivilegeEscalation === false, `${name} can gain privileges`);
  expect(of.capabilities?.drop?.includes('ALL') && !of.capabilities.add, `${name} has capabilities`);
  expect(spec.automountServiceAccountToken === false, `${name} has a token of the API server`);
  expect(container.resources.limits.memory && container.resources.requests.memory, `${name} has no bound of memory`);
  expect(!container.resources.limits.cpu, `${name} has a limit of CPU`);
}

function volumes(all, workload, expect) {
  const { metadata: { name } } = workload;
  const declared = podOf(workload).spec.volumes ?? [];
  const mounts = containerOf(workload).volumeMounts ?? [];
  const both = new Set([...declared, ...mounts].map((each) => each.name));
  for (const each of both) {
    expect(declared.some((volume) => volume.name === each), `${name}: there is no volume ${each}`);
    expect(mounts.some((mount) => mount.name === each), `${name}: the volume ${each} is not mounted`);
  }
  for (const { mountPath, subPath, readOnly } of mounts) {
    expect(!subPath, `${name}: ${mountPath} is one file, which never changes in a running pod`);
    expect(readOnly, `${name}: ${mountPath} can be written`);
    expect(!mounts.some((other) => mountPath.startsWith(`${other.mountPath}/`)), `${name}: ${mountPath} is in a mount`);
  }
  for (const { configMap, secret, projected } of declared) {
    const secrets = [secret?.secretName, ...(projected?.sources ?? []).map((source) => source.secret?.name)];
    for (const each of secrets.filter((it) => it)) {
      expect(ownSecrets.includes(each), `${name}: nobody makes the Secret ${each}`);
    }
    expect(!configMap || find(all, 'ConfigMap', configMap.name), `${name}: there is no ConfigMap ${configMap?.name}`);
  }
}

function probes(workload, expect) {
  const { metadata: { name }, kind } = workload;
  const { ports, startupProbe, livenessProbe, readinessProbe } = containerOf(workload);
  const daemon = kind === 'StatefulSet';
  const wanted = daemon
    ? [[startupProbe, '/-/healthy'], [livenessProbe, '/-/healthy'], [readinessProbe, '/-/ready']]
    : [[readinessProbe, '/healthz']];
  const scheme = daemon && flag(workload, 'web.config.file') ? 'HTTPS' : 'HTTP';
  for (const [probe, path] of wanted) {
    expect(probe?.httpGet?.path === path, `${name} is not probed at ${path}`);
    expect((probe?.httpGet?.scheme ?? 'HTTP') === scheme, `${name}: a probe does not ask by ${scheme}`);
    expect(ports.some((each) => each.name === probe?.httpGet?.port), `${name}: a probe asks a port that is not there`);
  }
}

function daemonSettings(daemon, expect) {
  const { metadata: { name }, spec } = daemon;
  const grace = spec.template.spec.terminationGracePeriodSeconds;
  const own = seconds(flag(daemon, 'shutdown.grace-period'));
  expect(grace >= own + secondsToClose, `${name} is killed after ${grace} s: its own grace period is ${own} s`);
  expect(spec.replicas === Number(flag(daemon, 'shard.count') ?? 1), `${name}: --shard.count is not the number of pods`);
  expect(spec.podManagementPolicy === 'Parallel', `${name}: shards wait for one another`);
}

/** That the daemon finds its files, and may reach what it shall probe. */
function configuration(all, daemon, expect) {
  const { metadata: { name } } = daemon;
  const { volumes: declared } = podOf(daemon).spec;
  const container = containerOf(daemon);
  const volumeAt = (folder) => {
    const mount = container.volumeMounts.find(({ mountPath }) => mountPath === folder);
    return declared.find((volume) => volume.name === mount?.name);
  };
  const webConfig = flag(daemon, 'web.config.file');
  expect(!webConfig || volumeAt(dirname(webConfig))?.secret, `${name}: ${webConfig} is in no Secret`);

  const file = flag(daemon, 'config.file');
  const text = find(all, 'ConfigMap', volumeAt(dirname(file))?.configMap?.name)?.data[basename(file)];
  expect(text, `${name}: ${file} is in no ConfigMap`);
  if (!text) return;
  const { providers, web } = parse(text);
  const listens = (web?.listen ?? ['0.0.0.0:9840']).map((each) => Number(each.split(':').at(-1)));
  expect(container.ports.some(({ containerPort }) => listens.includes(containerPort)), `${name} listens elsewhere`);
  for (const [, path] of text.matchAll(/\w_file: "?(\/[^\s"},]+)/g)) {
    expect(volumeAt(dirname(path))?.projected, `${name}: ${path} is in no Secret`);
  }
  for (const provider of providers) {
    const url = new URL(provider.base_url);
    const port = Number(url.port || (url.protocol === 'https:' ? 443 : 80));
    const service = find(all, 'Service', url.hostname);
    expect(url.hostname.includes('.') || service?.spec.ports.some((each) => each.port === port),
      `${name}: no Service is ${url.host}`);
    for (const policy of ofKind(all, 'NetworkPolicy')) {
      const allowed = policy.spec.egress.flatMap(({ ports }) => ports.map((each) => each.port));
      const target = service?.spec.ports.find((each) => each.port === port)?.targetPort;
      expect(allowed.includes(port) || allowed.includes(target), `NetworkPolicy ${policy.metadata.name} closes ${url.host}`);
    }
  }
}

function monitors(all, daemon, expect) {
  const scheme = flag(daemon, 'web.config.file') ? 'https' : 'http';
  for (const { metadata: { name }, spec } of ofKind(all, 'ServiceMonitor')) {
    const selected = ofKind(all, 'Service').filter(({ metadata }) => matches(spec.selector.matchLabels, metadata.labels));
    expect(selected.length === 1, `ServiceMonitor ${name} selects ${selected.length} Services`);
    for (const endpoint of spec.endpoints) {
      expect(selected.some((each) => each.spec.ports.some((port) => port.name === endpoint.port)),
        `ServiceMonitor ${name}: no Service has a port of the name ${endpoint.port}`);
      expect((endpoint.scheme ?? 'http') === scheme, `ServiceMonitor ${name} does not ask by ${scheme}`);
    }
    expect(spec.scrapeNativeHistograms === true, `ServiceMonitor ${name} leaves native histograms out`);
    expect(!spec.scrapeProtocols, `ServiceMonitor ${name}: an older Prometheus would lose the histograms`);
  }
}
