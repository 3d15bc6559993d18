// What helm and kubectl make of deploy/, as objects.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseAllDocuments } from 'yaml';

export const root = realpathSync(join(dirname(fileURLToPath(import.meta.url)), '../..'));
export const chart = join(root, 'deploy/helm/inferometer');
export const dashboards = readdirSync(join(root, 'dashboards')).filter((name) => name.endsWith('.json')).sort();
const tools = process.env.DEPLOY_TOOLS; // has helm and kubectl

export function run(program, ...args) {
  const { status, stdout, stderr, error } = spawnSync(program, args, { encoding: 'utf8', maxBuffer: 1 << 26 });
  if (error) throw error;
  return { status, stdout, stderr: stderr.replace(/^.*found symbolic link in path.*\n/gm, '') };
}
export const helm = (...args) => run(join(tools, 'helm/helm'), ...args);
export const inferometer = (...args) => run(process.env.INFEROMETER_BINARY, ...args);

/** A folder that ends with the test. */
export function folderOf(t) {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'deploy-')));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

function objects({ status, stdout, stderr }) {
  if (status !== 0) throw new Error(stderr);
  return parseAllDocuments(stdout).map((document) => {
    if (document.errors.length) throw document.errors[0];
    return document.toJS();
  }).filter((object) => object);
}

/** The chart with the release name "inferometer"; each of `args` is one of helm's. */
export const template = (...args) => objects(helm('template', 'inferometer', chart, '-n', 'inferometer', ...args));
export const example = (name) => join(chart, `examples/${name}.yaml`);

export const kustomize = (folder) => objects(run(join(tools, 'kubectl/kubectl'), 'kustomize', folder));
export const overlay = (name) => join(root, 'deploy/kubernetes/overlays', name);

/** The overlay with further components of deploy/kubernetes/components. */
export function kustomizeWith(t, name, components) {
  const folder = folderOf(t);
  writeFileSync(join(folder, 'kustomization.yaml'), JSON.stringify({
    resources: [relative(folder, overlay(name))],
    components: components.map((each) => relative(folder, join(root, 'deploy/kubernetes/components', each))),
  }));
  return kustomize(folder);
}

/** Objects of one kind, or the only one of a name. */
export const ofKind = (all, kind) => all.filter((object) => object.kind === kind);
export const find = (all, kind, name) => all.find((object) => object.kind === kind && object.metadata.name === name);
