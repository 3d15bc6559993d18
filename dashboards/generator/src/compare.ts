/** Who is fastest, and who answers? */
import { dashboard, row, variables } from './dashboard.js';
import type { Unit } from './grafana.js';
import { available, barCell, colouredCell, either, neutral } from './looks.js';
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
import { type Column, table, targetColumns } from './table.js';

const byTarget = { by: target };
const overShown = { by: target, over: shown };
const legendFormat = '{{provider}} / {{model}} / {{workload}}';
const tokensPerSecond = 'suffix:tok/s';

const fewSamples = 'Below about 20 samples a p95 is the largest sample, see the column Samples.';
const coarse =
  'Classic buckets of the speed are far apart, and the figure is interpolated between them; native ones are 9 % apart.';
const windowed =
  'Each point is computed from the samples of the window before it; with one probe a minute, choose a window of hours before you read a p95.';

const time = (name: string, histogram: string, q: number, cell: typeof barCell = {}): Column => ({
  name,
  expr: quantile(q, histogram, overShown),
  field: { unit: 's', ...neutral, min: 0, fieldMinMax: true, custom: cell },
});

const fastest = time('TTFT p50', ttft, 0.5, { ...barCell, minWidth: 140 });
const columns: Column[] = [
  ...targetColumns,
  {
    name: 'Last',
    expr: aggregate('min', series('llm_probe_success'), target),
    field: { unit: 'none', ...either('good', 'failed'), custom: { ...colouredCell, width: 70 } },
  },
  {
    name: 'Availability',
    expr: availability(overShown),
    field: { unit: 'percentunit', decimals: 2, ...available, custom: { ...colouredCell, width: 105 } },
  },
  fastest,
  time('TTFT p95', ttft, 0.95),
  time('ITL p50', itl, 0.5),
  time('ITL p95', itl, 0.95),
  {
    name: 'Mean speed',
    expr: mean(speed, overShown),
    field: {
      unit: tokensPerSecond,
      decimals: 1,
      min: 0,
      fieldMinMax: true,
      ...neutral,
      custom: { ...barCell, minWidth: 130 },
    },
  },
  {
    name: 'Samples',
    expr: samples(ttft, overShown),
    field: { unit: 'none', decimals: 0, custom: { width: 85 } },
  },
];

/** A line for each target; its colour is that of its name in all panels. */
const overTime = (
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
        description: `Over the whole time shown. TTFT is the time to the first token, ITL the gap between two arrivals of text, speed that of one stream. Successes alone are in the latencies: read them together with the availability. ${fewSamples}`,
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
        expr: `sort(bottomk(10, ${quantile(0.5, ttft, overShown)}))`,
        legendFormat,
        field: { min: 0, ...neutral },
      }),
      bars({
        title: 'Fastest output',
        description:
          'The ten targets with the highest mean output speed of one stream, over the whole time shown.',
        unit: tokensPerSecond,
        expr: `sort_desc(topk(10, ${mean(speed, overShown)}))`,
        legendFormat,
        field: { min: 0, decimals: 1, ...neutral },
      }),
      bars({
        title: 'Least available',
        description:
          'The ten targets with the highest share of failed attempts, over the whole time shown, without our own errors and suspect attempts.',
        unit: 'percentunit',
        expr: `sort(bottomk(10, ${availability(overShown)}))`,
        legendFormat,
        field: { min: 0, max: 1, decimals: 2, ...available },
      }),
    ]),
    'Over time',
    row(9, [
      overTime(
        'TTFT p50',
        quantile(0.5, ttft, byTarget),
        's',
        'Half of the successful attempts had their first token sooner.',
      ),
      overTime(
        'TTFT p95',
        quantile(0.95, ttft, byTarget),
        's',
        'One in twenty successful attempts waited longer for its first token.',
      ),
    ]),
    row(9, [
      overTime(
        'ITL p50',
        quantile(0.5, itl, byTarget),
        's',
        'Half of the gaps between two arrivals of text were shorter.',
      ),
      overTime(
        'ITL p95',
        quantile(0.95, itl, byTarget),
        's',
        'One in twenty gaps between two arrivals of text was longer.',
      ),
    ]),
    row(9, [
      overTime(
        'Output speed p50',
        quantile(0.5, speed, byTarget),
        tokensPerSecond,
        `Half of the streams were faster, in visible tokens per second after the first one. ${coarse}`,
      ),
      overTime(
        'Output speed p10',
        quantile(0.1, speed, byTarget),
        tokensPerSecond,
        `One in ten streams was slower. ${coarse}`,
        { by: 'lastNotNull', desc: false },
      ),
    ]),
    row(9, [
      overTime(
        'Output speed, mean',
        mean(speed, byTarget),
        tokensPerSecond,
        'The mean over the streams: exact with either form of histogram.',
      ),
      overTime(
        'Availability',
        availability(byTarget),
        'percentunit',
        'The share of attempts that succeeded, without our own errors and suspect attempts.',
        { by: 'min', desc: false },
      ),
    ]),
  ],
});
