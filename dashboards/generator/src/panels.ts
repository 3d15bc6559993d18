/** The kinds of panels that the dashboards use, but for tables, each with the look that all of its kind share. */
import type { Custom, Field, Kind, Options, Override, Panel, Target, Unit } from './grafana.js';
import { thresholds, whereEmpty } from './looks.js';

export const datasource = { type: 'prometheus', uid: '${datasource}' };

/** What every panel says of itself. */
export interface Common<K extends Kind> {
  title: string;
  description: string;
  unit: Unit;
  /** What an empty panel says. */
  empty?: string;
  field?: Field<K>;
  overrides?: Override[];
  /** The least time between two points. */
  interval?: string;
  /** The most points of a line. */
  maxDataPoints?: number;
}

/** The refIds A, B, … are given in the order of the targets. */
export const refId = (index: number): string => String.fromCharCode('A'.charCodeAt(0) + index);

/** Without any, Grafana takes red from 80 on. */
const { thresholds: none } = thresholds([null, 'green']);

export function panel<K extends Kind>(
  type: K,
  { title, description, unit, empty, field = {}, overrides = [], interval, maxDataPoints }: Common<K>,
  targets: Target[],
  options: Options<K>,
): Panel<K> {
  return {
    type,
    title,
    description,
    datasource,
    ...(interval && { interval }),
    ...(maxDataPoints && { maxDataPoints }),
    targets: targets.map((each, index) => ({
      refId: refId(index),
      datasource,
      range: !each.instant,
      ...each,
    })),
    fieldConfig: {
      defaults: { unit, thresholds: none, ...(empty && { noValue: empty }), ...field },
      overrides,
    },
    options,
  };
}

/** Exemplars lead to the timeline of their attempt. Grafana 13 and later; before, the data source does it. */
const exemplarLink: Override = {
  matcher: { id: 'byName', options: 'measurement_id', scope: 'exemplar' },
  properties: [
    {
      id: 'links',
      value: [
        { title: 'Timeline', url: '${inferometer}/api/v1/measurements/${__value.raw}', targetBlank: true },
      ],
    },
  ],
};

/** What a legend can show beside a name, and what Grafana calls it there. */
const calculations = { lastNotNull: 'Last *', min: 'Min', max: 'Max' };

interface Lines extends Common<'timeseries'> {
  /** By the names of their lines. */
  expressions: Record<string, string>;
  /** Whether single attempts show as points: those that the first expression has counted. */
  exemplars?: boolean;
  /** Means or shares on top of each other, in the place of lines. */
  stacked?: boolean;
  /** A table of the names sorted by this figure, with the extreme that matters on top, in the place of a line of names. */
  sorted?: { by: keyof typeof calculations; desc: boolean };
  custom?: Custom<'timeseries'>;
}

const onTop: Custom<'timeseries'> = { stacking: { mode: 'normal', group: 'A' }, lineWidth: 0 };

export function lines({
  expressions,
  exemplars = false,
  stacked = false,
  sorted,
  custom,
  ...common
}: Lines): Panel<'timeseries'> {
  const style: Custom<'timeseries'> = stacked
    ? { ...onTop, fillOpacity: 60, showPoints: 'never' }
    : { fillOpacity: 0, lineWidth: 1 };
  return panel(
    'timeseries',
    {
      // A point costs all the samples of its window: more than these show no more.
      maxDataPoints: 200,
      ...common,
      field: {
        min: 0,
        color: { mode: 'palette-classic' },
        ...common.field,
        custom: { showPoints: 'auto', pointSize: 4, spanNulls: false, ...style, ...custom },
      },
      overrides: [...(exemplars ? [exemplarLink] : []), ...(common.overrides ?? [])],
    },
    Object.entries(expressions).map(([legendFormat, expr], index) => ({
      expr,
      legendFormat,
      exemplar: exemplars && index === 0,
    })),
    {
      legend: sorted
        ? {
            showLegend: true,
            displayMode: 'table',
            placement: 'bottom',
            calcs: [sorted.by],
            sortBy: calculations[sorted.by],
            sortDesc: sorted.desc,
          }
        : { showLegend: true, displayMode: 'list', placement: 'bottom', calcs: [] },
      tooltip: { mode: 'multi', sort: 'desc', hideZeros: stacked },
    },
  );
}

/** The terms of what `counts` shows. */
export const perBar = { over: '$__interval' };

/** What was counted within each bar, of five minutes or longer: with a probe a minute, of five attempts. */
export function counts({ stacked = false, custom, ...panel }: Lines): Panel<'timeseries'> {
  const bars: Custom<'timeseries'> = stacked ? { ...onTop, fillOpacity: 80 } : { fillOpacity: 60 };
  return lines({
    ...panel,
    interval: '5m',
    custom: { drawStyle: 'bars', axisSoftMax: 5, ...bars, ...custom },
  });
}

interface Figure extends Common<'stat'> {
  expr: string;
  /** The colour where there is no value. */
  emptyColor?: 'text' | 'red';
}

export function figure({ expr, empty = 'No data', emptyColor = 'text', ...common }: Figure): Panel<'stat'> {
  const field = whereEmpty(empty, emptyColor, common.field ?? {});
  return panel('stat', { ...common, field }, [{ expr, instant: true }], {
    reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false },
    colorMode: 'value',
    graphMode: 'none',
    textMode: 'value',
    justifyMode: 'center',
    orientation: 'auto',
    wideLayout: true,
  });
}

interface Bars extends Common<'bargauge'> {
  expr: string;
  legendFormat: string;
}

export function bars({ expr, legendFormat, ...common }: Bars): Panel<'bargauge'> {
  return panel('bargauge', common, [{ expr, legendFormat, instant: true }], {
    reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false },
    orientation: 'horizontal',
    displayMode: 'basic',
    valueMode: 'text',
    namePlacement: 'top',
    showUnfilled: false,
    sizing: 'auto',
    minVizHeight: 28,
    maxVizHeight: 40,
    text: { titleSize: 12, valueSize: 14 },
  });
}

interface Heat extends Common<'heatmap'> {
  expr: string;
}

/** One cell for each time and bucket, as bright as it has samples. */
export function heat({ expr, unit, ...common }: Heat): Panel<'heatmap'> {
  return panel(
    'heatmap',
    { ...common, unit, interval: '1m' },
    [{ expr, format: 'heatmap', legendFormat: '{{le}}', exemplar: true }],
    {
      calculate: false,
      cellGap: 1,
      cellValues: { unit: 'short', decimals: 1 },
      color: {
        mode: 'scheme',
        scheme: 'Oranges',
        exponent: 0.5,
        steps: 64,
        reverse: false,
        fill: 'dark-orange',
      },
      exemplars: { color: 'rgba(50, 116, 217, 0.9)' },
      filterValues: { le: 1e-9 },
      legend: { show: true },
      rowsFrame: { layout: 'auto' },
      showValue: 'never',
      tooltip: { mode: 'single', yHistogram: true, showColorScale: true },
      yAxis: { axisPlacement: 'left', unit, reverse: false },
    },
  );
}
