// Prints the pods of deploy/kubernetes/overlays/minimal as `podman kube play` takes them: it knows no StatefulSet,
// Service or projected volume. They share the host's network, whose ports are given.
//   node pods.mjs IMAGE DAEMON_PORT SIMULATOR_PORT
import { stringify } from 'yaml';
import { find, kustomize, ofKind, overlay } from './render.mjs';

const [image, daemonPort, simulatorPort] = process.argv.slice(2);
const all = kustomize(overlay('minimal'));
const configMap = find(all, 'ConfigMap', 'inferometer-config');
configMap.data['inferometer.yml'] = configMap.data['inferometer.yml']
  .replaceAll('inferometer-simulator:9850', `127.0.0.1:${simulatorPort}`);

const pods = [...ofKind(all, 'StatefulSet'), ...ofKind(all, 'Deployment')].map((object) => {
  const pod = object.spec.template.spec;
  const [container] = pod.containers;
  container.image = image;
  for (const key of ['startupProbe', 'livenessProbe', 'readinessProbe', 'ports']) delete container[key];
  container.volumeMounts = container.volumeMounts?.filter(({ name }) => name !== 'secrets');
  pod.volumes = pod.volumes?.filter(({ name }) => name !== 'secrets');
  pod.hostNetwork = true;
  container.args = container.args.map((arg) => arg.replace(':9850', `127.0.0.1:${simulatorPort}`));
  if (object.kind === 'StatefulSet') container.args.push(`--web.listen-address=127.0.0.1:${daemonPort}`);
  return { ...object, apiVersion: 'apps/v1', kind: 'Deployment' };
});
console.log([configMap, ...pods].map((object) => stringify(object)).join('---\n'));
