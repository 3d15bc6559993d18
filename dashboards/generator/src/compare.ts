/** Who is fastest, and who answers? */
import { dashboard, row, variables } from './dashboard.js';
import type { Unit } from './grafana.js';
import { available, bar_cell, coloured_cell, either, neutral } from './looks.js';
import { bars, lines } from './panels.js';
import {
  aggregate,
  availability,
  itl,
  mean,
  quantile,
  samples,
  series,
  shown,
  speed,
  target,
  ttft,
} from './promql.js';
import { type Column, table, target_columns } from './table.js';

const by_target = { by: target };
const over_shown = { by: target, over: shown };
const legendFormat = '{{provider}} / {{model}} / {{workload}}';
const tokens_per_second = 'suffix:tok/s';

const few_samples = 'Below about 20 samples a p95 is the largest sample, see the column Samples.';
const coarse =
  'Classic buckets of the speed are far apart, and the figure is interpolated between them; native ones are 9 % apart.';
const windowed =
  'Each point is computed from the samples of the window before it; with one probe a minute, choose a window of hours before you read a p95.';

const time = (name: string, histogram: string, q: number, cell: typeof bar_cell = {}): Column => ({
  name,
  expr: quantile(q, histogram, over_shown),
  field: { unit: 's', ...neutral, min: 0, fieldMinMax: true, custom: cell },
});

const fastest = time('TTFT p50', ttft, 0.5, { ...bar_cell, minWidth: 140 });
const columns: Column[] = [
  ...target_columns,
  {
    name: 'Last',
    expr: aggregate('min', series('llm_probe_success'), target),
    field: { unit: 'none', ...either('good', 'failed'), custom: { ...coloured_cell, width: 70 } },
  },
  {
    name: 'Availability',
    expr: availability(over_shown),
    field: { unit: 'percentunit', decimals: 2, ...available, custom: { ...coloured_cell, width: 105 } },
  },
  fastest,
  time('TTFT p95', ttft, 0.95),
  time('ITL p50', itl, 0.5),
  time('ITL p95', itl, 0.95),
  {
    name: 'Mean speed',
    expr: mean(speed, over_shown),
    field: {
      unit: tokens_per_second,
      decimals: 1,
      min: 0,
      fieldMinMax: true,
      ...neutral,
      custom: { ...bar_cell, minWidth: 130 },
    },
  },
  {
    name: 'Samples',
    expr: samples(ttft, over_shown),
    field: { unit: 'none', decimals: 0, custom: { width: 85 } },
  },
];

/** A line for each target; its colour is that of its name in all panels. */
const over_time = (
  title: string,
  expr: string,
  unit: Unit,
  description: string,
  sorted: { by: 'lastNotNull' | 'min'; desc: boolean } = { by: 'lastNotNull', desc: true },
) =>
  lines({
    title,
    description: `${description} ${windowed}`,
    unit,
    field: { color: { mode: 'palette-classic-by-name' } },
    expressions: { [legendFormat]: expr },
    exemplars: true,
    sorted,
  });

export const compare = dashboard({
  name: 'compare',
  title: 'Compare',
  description: 'Who is fastest, and who answers: the targets side by side.',
  from: 'now-6h',
  variables: [
    variables.provider,
    variables.model,
    variables.workload,
    variables.instance,
    variables.window,
    variables.inferometer,
  ],
  rows: [
    row(10, [
      table({
        title: 'Targets, the fastest first',
        description: `Over the whole time shown. TTFT is the time to the first token, ITL the gap between two arrivals of text, speed that of one stream. Successes alone are in the latencies: read them together with the availability. ${few_samples}`,
        columns,
        sort: { by: fastest, desc: false },
      }),
    ]),
    row(8, [
      bars({
        title: 'Fastest to the first token',
        description:
          'The ten targets with the lowest p50 of the time to the first token, over the whole time shown.',
        unit: 's',
        expr: `sort(bottomk(10, ${quantile(0.5, ttft, over_shown)}))`,
        legendFormat,
        field: { min: 0, ...neutral },
      }),
      bars({
        title: 'Fastest output',
        description:
          'The ten targets with the highest mean output speed of one stream, over the whole time shown.',
        unit: tokens_per_second,
        expr: `sort_desc(topk(10, ${mean(speed, over_shown)}))`,
        legendFormat,
        field: { min: 0, decimals: 1, ...neutral },
      }),
      bars({
        title: 'Least available',
        description:
          'The ten targets with the highest share of failed attempts, over the whole time shown, without our own errors and suspect attempts.',
        unit: 'percentunit',
        expr: `sort(bottomk(10, ${availability(over_shown)}))`,
        legendFormat,
        field: { min: 0, max: 1, decimals: 2, ...available },
      }),
    ]),
    'Over time',
    row(9, [
      over_time(
        'TTFT p50',
        quantile(0.5, ttft, by_target),
        's',
        'Half of the successful attempts had their first token sooner.',
      ),
      over_time(
        'TTFT p95',
        quantile(0.95, ttft, by_target),
        's',
        'One in twenty successful attempts waited longer for its first token.',
      ),
    ]),
    row(9, [
      over_time(
        'ITL p50',
        quantile(0.5, itl, by_target),
        's',
        'Half of the gaps between two arrivals of text were shorter.',
      ),
      over_time(
        'ITL p95',
        quantile(0.95, itl, by_target),
        's',
        'One in twenty gaps between two arrivals of text was longer.',
      ),
    ]),
    row(9, [
      over_time(
        'Output speed p50',
        quantile(0.5, speed, by_target),
        tokens_per_second,
        `Half of the streams were faster, in visible tokens per second after the first one. ${coarse}`,
      ),
      over_time(
        'Output speed p10',
        quantile(0.1, speed, by_target),
        tokens_per_second,
        `One in ten streams was slower. ${coarse}`,
        { by: 'lastNotNull', desc: false },
      ),
    ]),
    row(9, [
      over_time(
        'Output speed, mean',
        mean(speed, by_target),
        tokens_per_second,
        'The mean over the streams: exact with either form of histogram.',
      ),
      over_time(
        'Availability',
        availability(by_target),
        'percentunit',
        'The share of attempts that succeeded, without our own errors and suspect attempts.',
        { by: 'min', desc: false },
      ),
    ]),
  ],
});
