/** What the dashboards share: variables, links, annotations and the way in which panels are placed. */
import type { Annotation, AnyPanel, Dashboard, Placed, Section, Variable } from './grafana.js';
import { datasource } from './panels.js';

const tag = 'inferometer';

const source: Variable = {
  name: 'datasource',
  label: 'Prometheus',
  type: 'datasource',
  query: 'prometheus',
  current: {},
};

/** Several values of a label, or all. `.*` chooses also what came after the page was loaded. */
const labelValues = (label: string, title: string, metric: string, first?: 'first'): Variable => ({
  name: label,
  label: title,
  type: 'query',
  datasource,
  query: { query: `label_values(${metric}, ${label})`, refId: 'values' },
  refresh: 2,
  sort: 5,
  multi: true,
  includeAll: true,
  allValue: '.*',
  current: first ? {} : { text: ['All'], value: ['$__all'] },
});

/** The variables that a dashboard may have. */
export const variables = {
  provider: labelValues('provider', 'Provider', 'llm_probe_attempts_total'),
  firstProvider: labelValues('provider', 'Provider', 'llm_probe_attempts_total', 'first'),
  server: labelValues('provider', 'Provider', 'llm_server_up'),
  model: labelValues('model', 'Model', 'llm_probe_attempts_total{provider=~`${provider:regex}`}'),
  workload: labelValues('workload', 'Workload', 'llm_probe_attempts_total{provider=~`${provider:regex}`}'),
  slo: labelValues('slo', 'SLO', 'slo:objective:ratio'),
  instance: labelValues('instance', 'Inferometer', 'inferometer_build_info'),
  /** Percentiles need samples: the default is long enough for a probe a minute to have some. */
  window: {
    name: 'window',
    label: 'Window',
    description: 'Each point of a line is computed from the samples of this long before it',
    type: 'interval',
    query: '5m,15m,30m,1h,3h,6h,12h,1d',
    current: { text: '30m', value: '30m' },
    refresh: 2,
  },
  /** The pages of the daemon, where links lead. */
  inferometer: {
    name: 'inferometer',
    label: 'Address for links',
    description: 'Where your browser reaches the pages of Inferometer',
    type: 'textbox',
    query: 'http://localhost:9840',
    current: { text: 'http://localhost:9840', value: 'http://localhost:9840' },
  },
} satisfies Record<string, Variable>;

/** A mark at the time that a gauge tells, in milliseconds. */
const atTime = (name: string, iconColor: string, expr: string): Annotation => ({
  name,
  datasource,
  enable: true,
  iconColor,
  expr,
  titleFormat: `${name}: {{instance}}`,
  useValueForTime: 'on',
  step: '60s',
});
const annotations = [
  atTime(
    'Inferometer started',
    'blue',
    '1000 * process_start_time_seconds and on (job, instance) inferometer_build_info',
  ),
  // The first load is a part of the start.
  atTime(
    'Configuration reloaded',
    'purple',
    '1000 * (inferometer_config_last_reload_success_timestamp_seconds > process_start_time_seconds + 10)',
  ),
];

/** Panels beside each other, of the same width but for rounding. */
export interface Row {
  height: number;
  panels: AnyPanel[];
}
export const row = (height: number, panels: AnyPanel[]): Row => ({ height, panels });

/** Rows of panels below each other, with a heading where one is given. */
function place(rows: (Row | string)[]): Placed<AnyPanel | Section>[] {
  const placed: Placed<AnyPanel | Section>[] = [];
  let y = 0;
  for (const each of rows) {
    const { height, panels }: { height: number; panels: (AnyPanel | Section)[] } =
      typeof each === 'string'
        ? { height: 1, panels: [{ type: 'row', title: each, collapsed: false, panels: [] }] }
        : each;
    const left = (index: number): number => Math.round((24 * index) / panels.length);
    panels.forEach((panel, index) => {
      const [x, w] = [left(index), left(index + 1) - left(index)];
      placed.push({ ...panel, id: placed.length + 1, gridPos: { x, y, w, h: height } });
    });
    y += height;
  }
  return placed;
}

export interface Spec {
  name: string;
  title: string;
  description: string;
  from: string;
  variables: Variable[];
  rows: (Row | string)[];
}

export function dashboard({ name, title, description, from, variables: own, rows }: Spec): Dashboard {
  return {
    uid: `inferometer-${name}`,
    title: `Inferometer / ${title}`,
    description,
    tags: [tag],
    schemaVersion: 39,
    editable: true,
    graphTooltip: 1,
    timezone: 'browser',
    time: { from, to: 'now' },
    refresh: '30s',
    links: [
      {
        type: 'dashboards',
        title: 'Inferometer',
        tags: [tag],
        asDropdown: false,
        includeVars: true,
        keepTime: true,
        targetBlank: false,
        icon: 'external link',
        tooltip: '',
        url: '',
      },
    ],
    annotations: { list: annotations },
    templating: { list: [source, ...own] },
    panels: place(rows),
  };
}
