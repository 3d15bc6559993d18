// What the types of Kubernetes and of the Prometheus operator say to objects: the compiler finds unknown fields, which
// API servers drop or refuse, and the schemas find values that have the right type and are wrong.
import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { folderOf, root, run } from './render.mjs';

const modules = join(root, 'tests/deploy/node_modules');
const moduleOf = ({ apiVersion, kind }) =>
  `${apiVersion.startsWith('monitoring.') ? '@kubernetes-models/prometheus-operator' : 'kubernetes-models'}/${apiVersion}/${kind}`;

/** The index of each object that the compiler complains of, with what it says. */
export function typeComplaints(t, all) {
  const folder = folderOf(t);
  symlinkSync(modules, join(folder, 'node_modules'));
  writeFileSync(join(folder, 'package.json'), '{"type": "module"}');
  // One line each, so that the line of a complaint is the index.
  writeFileSync(join(folder, 'objects.ts'), all.map((object, index) =>
    `export const o${index}: import('${moduleOf(object)}').I${object.kind} = ${JSON.stringify(object)};\n`).join(''));
  const { status, stdout } = run(process.execPath, join(modules, 'typescript/bin/tsc'), '--noEmit', '--strict',
    '--skipLibCheck', '--module', 'nodenext', join(folder, 'objects.ts'));
  const found = new Map([...stdout.matchAll(/objects\.ts\((\d+),\d+\): (.*)/g)].map(([, line, what]) => [line - 1, what]));
  if (status !== 0 && found.size === 0) throw new Error(stdout);
  return found;
}

/** What the object's schema says; nothing if it is valid. */
export async function schemaComplaint(object) {
  const { [object.kind]: Model } = await import(`${modules}/${moduleOf(object)}.js`);
  try {
    new Model(object).validate();
  } catch (error) {
    return error.message;
  }
}
