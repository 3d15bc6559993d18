/** Who is fastest, and who answers? */
import { dashboard, row, variables } from './dashboard.js';
import type { Custom, Field, Unit } from './grafana.js';
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

const noSuccess = 'no success';
const time = (name: string, histogram: string, q: number): Column => ({
  name,
  expr: quantile(q, histogram, overShown),
  field: { unit: 's', custom: { width: 80 } },
  empty: '–',
});

const barred = { ...neutral, min: 0, fieldMinMax: true, custom: { ...barCell, width: 135 } };
/** Over the window and not over the time shown: what became slow or fell silent an hour ago must not come first. */
const fastest: Column = {
  name: 'TTFT now',
  expr: quantile(0.5, ttft, byTarget),
  field: { unit: 's', ...barred },
  empty: noSuccess,
};
const columns: Column[] = [
  ...targetColumns,
  {
    name: 'Last',
    expr: aggregate('min', series('llm_probe_success'), target),
    field: { unit: 'none', ...either('good', 'failed'), custom: { ...colouredCell, width: 65 } },
  },
  {
    name: 'Availability',
    expr: availability(overShown),
    field: {
      unit: 'percentunit',
      decimals: 2,
      ...available,
      custom: { ...colouredCell, width: 105 },
    },
    empty: 'no attempts',
  },
  fastest,
  time('TTFT p50', ttft, 0.5),
  time('TTFT p95', ttft, 0.95),
  time('ITL p50', itl, 0.5),
  time('ITL p95', itl, 0.95),
  {
    name: 'Mean speed',
    expr: mean(speed, overShown),
    field: { unit: tokensPerSecond, decimals: 1, ...barred },
    empty: noSuccess,
  },
  {
    name: 'Samples',
    expr: samples(ttft, overShown),
    field: { unit: 'none', decimals: 0, custom: { width: 80 } },
  },
];

/** A line for each target; its colour is that of its name in all panels. */
const overTime = (
  title: string,
  expr: string,
  unit: Unit,
  description: string,
  // The extreme and not the last value: of a target that fails since, that would be one from before.
  sorted: { by: 'max' | 'min'; desc: boolean } = { by: 'max', desc: true },
  look: { field?: Field<'timeseries'>; custom?: Custom<'timeseries'> } = {},
) =>
  lines({
    title,
    description: `${description} ${windowed}`,
    unit,
    ...look,
    field: { color: { mode: 'palette-classic-by-name' }, ...look.field },
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
    row(11, [
      table({
        title: 'Targets, the fastest now first',
        description: `TTFT now is the median time to the first token in the window; all else is over the whole time shown. ITL is the gap between two arrivals of text, speed that of one stream. Successes alone are in the latencies: read them together with the availability, and with whether the last attempt was good. ${fewSamples}`,
        columns,
        sort: { by: fastest, desc: false },
      }),
    ]),
    row(11, [
      bars({
        title: 'Fastest to the first token now',
        description:
          'The ten targets with the lowest median of the time to the first token in the window. One without a success in the window is not here.',
        unit: 's',
        expr: `sort(bottomk(10, ${quantile(0.5, ttft, byTarget)}))`,
        legendFormat,
        field: { min: 0, ...neutral },
      }),
      bars({
        title: 'Fastest output now',
        description:
          'The ten targets with the highest mean output speed of one stream in the window. One without a success in the window is not here.',
        unit: tokensPerSecond,
        expr: `sort_desc(topk(10, ${mean(speed, byTarget)}))`,
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
    row(10, [
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
    row(10, [
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
    row(10, [
      overTime(
        'Output speed p50',
        quantile(0.5, speed, byTarget),
        tokensPerSecond,
        `Half of the streams were faster, in visible tokens per second after the first one. ${coarse}`,
        { by: 'min', desc: false },
      ),
      overTime(
        'Output speed p10',
        quantile(0.1, speed, byTarget),
        tokensPerSecond,
        `One in ten streams was slower. ${coarse}`,
        { by: 'min', desc: false },
      ),
    ]),
    row(10, [
      overTime(
        'Output speed, mean',
        mean(speed, byTarget),
        tokensPerSecond,
        'The mean over the streams: exact with either form of histogram.',
        { by: 'min', desc: false },
      ),
      overTime(
        'Availability',
        availability(byTarget),
        'percentunit',
        'The share of attempts that succeeded, without our own errors and suspect attempts.',
        { by: 'min', desc: false },
        { field: { min: undefined, max: 1 }, custom: { axisSoftMin: 0.9 } },
      ),
    ]),
  ],
});
