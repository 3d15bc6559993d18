/** The kinds of panels that the dashboards use, each with the look that all of that kind share. */
import type {
  AnyPanel,
  Custom,
  Field,
  Kind,
  Link,
  Options,
  Override,
  Panel,
  Target,
  Threshold,
  Unit,
} from './grafana.js';

export const datasource = { type: 'prometheus', uid: '${datasource}' };

/** What every panel says of itself. */
interface Common<K extends Kind> {
  title: string;
  description: string;
  unit: Unit;
  /** What an empty panel says. */
  empty?: string;
  field?: Field<K>;
  overrides?: Override[];
  /** The least time between two points. */
  interval?: string;
}

/** The refIds A, B, … are given in the order of the targets. */
const refId = (index: number): string => String.fromCharCode('A'.charCodeAt(0) + index);

function panel<K extends Kind>(
  type: K,
  { title, description, unit, empty, field = {}, overrides = [], interval }: Common<K>,
  targets: Target[],
  options: Options<K>,
): Panel<K> {
  return {
    type,
    title,
    description,
    datasource,
    ...(interval && { interval }),
    targets: targets.map((each, index) => ({
      refId: refId(index),
      datasource,
      range: !each.instant,
      ...each,
    })),
    fieldConfig: { defaults: { unit, ...(empty && { noValue: empty }), ...field }, overrides },
    options,
  };
}

/** Colours by value: green for what is below the first threshold, unless it says otherwise. */
export function thresholds(...steps: Threshold[]): Pick<Field<Kind>, 'thresholds' | 'color'> {
  return {
    color: { mode: 'thresholds' },
    thresholds: { mode: 'absolute', steps: steps.map(([value, color]) => ({ value, color })) },
  };
}
/** The neutral look: a value that is neither good nor bad by itself. */
export const neutral = thresholds([null, 'blue']);
export const share_of_failures = thresholds([null, 'green'], [0.001, 'yellow'], [0.02, 'red']);
export const available = thresholds([null, 'red'], [0.98, 'yellow'], [0.999, 'green']);

/** The look of a value that is 1 or 0. */
export const either = (
  good: string,
  bad: string,
): Pick<Field<Kind>, 'thresholds' | 'color' | 'mappings'> => ({
  ...thresholds([null, 'red'], [1, 'green']),
  mappings: [{ type: 'value', options: { 0: { text: bad }, 1: { text: good } } }],
});

/** An override for the field of a name, with the same keys as the defaults of a panel. */
export function named<K extends Kind>(name: string, { custom, ...field }: Field<K>): Override {
  const plain = Object.entries(field).map(([id, value]) => ({ id, value }));
  const nested = Object.entries(custom ?? {}).map(([id, value]) => ({ id: `custom.${id}`, value }));
  return { matcher: { id: 'byName', options: name }, properties: [...plain, ...nested] };
}

/** A line of a fixed colour: for what has the same meaning wherever it appears. */
export const coloured = (name: string, fixedColor: string): Override =>
  named<'timeseries'>(name, { color: { mode: 'fixed', fixedColor } });

/** Lines whose names end so are dashed. */
export const dashed = (suffix: string): Override => ({
  matcher: { id: 'byRegexp', options: `/${suffix}$/` },
  properties: [{ id: 'custom.lineStyle', value: { fill: 'dash', dash: [8, 6] } }],
});

/** Exemplars lead to the timeline of their attempt. Grafana 13 and later; before, the data source does it. */
const exemplar_link: Override = {
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
  targets: Target[];
  /** Means or shares on top of each other, in the place of lines. */
  stacked?: boolean;
  /** A table of the names sorted by this figure, with the extreme that matters on top, in the place of a line of names. */
  sorted?: { by: keyof typeof calculations; desc: boolean };
  custom?: Custom<'timeseries'>;
}

const on_top: Custom<'timeseries'> = { stacking: { mode: 'normal', group: 'A' }, lineWidth: 0 };

export function lines({ targets, stacked = false, sorted, custom, ...common }: Lines): Panel<'timeseries'> {
  const style: Custom<'timeseries'> = stacked
    ? { ...on_top, fillOpacity: 60, showPoints: 'never' }
    : { fillOpacity: 0, lineWidth: 1 };
  return panel(
    'timeseries',
    {
      ...common,
      field: {
        min: 0,
        color: { mode: 'palette-classic' },
        ...common.field,
        custom: { showPoints: 'auto', pointSize: 4, spanNulls: false, ...style, ...custom },
      },
      overrides: [
        ...(targets.some((each) => each.exemplar) ? [exemplar_link] : []),
        ...(common.overrides ?? []),
      ],
    },
    targets,
    {
      legend: sorted
        ? {
            showLegend: true,
            displayMode: 'table',
            placement: 'right',
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
export const per_bar = { over: '$__interval' };

/** What was counted within each bar, of five minutes or longer: with a probe a minute, of five attempts. */
export function counts({ stacked = false, custom, ...panel }: Lines): Panel<'timeseries'> {
  const bars: Custom<'timeseries'> = stacked ? { ...on_top, fillOpacity: 80 } : { fillOpacity: 60 };
  return lines({ ...panel, interval: '5m', custom: { drawStyle: 'bars', ...bars, ...custom } });
}

interface Figure extends Common<'stat'> {
  expr: string;
  /** Shows this text of labels in the place of the value. */
  name?: string;
}

export function figure({ expr, name, ...common }: Figure): Panel<'stat'> {
  return panel('stat', common, [{ expr, instant: true, ...(name && { legendFormat: name }) }], {
    reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false },
    colorMode: 'value',
    graphMode: 'none',
    textMode: name ? 'name' : 'value',
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
    namePlacement: 'left',
    showUnfilled: false,
    sizing: 'auto',
    minVizHeight: 14,
    maxVizHeight: 28,
    text: { titleSize: 12, valueSize: 14 },
  });
}

export interface Column {
  name: string;
  /** A column of figures has an expression, one of a label has none. */
  expr?: string;
  label?: string;
  field: Field<'table'>;
}
/** The column of a label. */
export const labelled = (name: string, label: string, field: Field<'table'> = {}): Column => ({
  name,
  label,
  field: { unit: 'string', custom: { minWidth: 110 }, ...field },
});
interface Table extends Omit<Common<'table'>, 'unit'> {
  columns: Column[];
  sort: { by: Column; desc: boolean };
}

/** A row for each set of labels, joined from a query a column. */
export function table({ columns, sort, ...common }: Table): Panel<'table'> {
  // Rows stand in the order of the first query, and what it has nothing for comes last.
  const queried = [sort.by, ...columns.filter((column) => column.expr !== undefined && column !== sort.by)];
  const source = (column: Column): string => column.label ?? `Value #${refId(queried.indexOf(column))}`;
  return {
    ...panel(
      'table',
      {
        ...common,
        unit: 'none',
        field: { custom: { align: 'auto', cellOptions: { type: 'auto' }, minWidth: 80 } },
        overrides: columns.map((column) => named<'table'>(column.name, column.field)),
      },
      queried.map(({ expr = '' }, index) => ({
        expr: index > 0 ? expr : sort.desc ? `sort_desc(${expr})` : `sort(${expr})`,
        format: 'table',
        instant: true,
      })),
      { showHeader: true, cellHeight: 'sm' },
    ),
    transformations: [
      { id: 'merge', options: {} },
      {
        id: 'organize',
        options: {
          excludeByName: { Time: true },
          indexByName: Object.fromEntries(columns.map((column, index) => [source(column), index])),
          renameByName: Object.fromEntries(columns.map((column) => [source(column), column.name])),
        },
      },
    ],
  };
}

/** A cell whose background says how good the value is. */
export const coloured_cell: Custom<'table'> = { cellOptions: { type: 'color-background', mode: 'basic' } };
/** A cell with a bar behind the value, for comparing down a column. */
export const bar_cell: Custom<'table'> = {
  cellOptions: { type: 'gauge', mode: 'basic', valueDisplayMode: 'text' },
};

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

/** Beside each other, with the widths given, or equal ones; 24 is the whole width. */
export interface Row {
  height: number;
  panels: AnyPanel[];
  widths: number[];
}
export function row(height: number, panels: AnyPanel[], widths = panels.map(() => 24 / panels.length)): Row {
  return { height, panels, widths };
}
export const link = (title: string, url: string): Link => ({ title, url, targetBlank: true });
