/** How values, lines and cells look: what has the same meaning has the same look everywhere. */
import type { Custom, Field, Kind, Link, Override, Threshold } from './grafana.js';

/** Colours by value: green for what is below the first threshold, unless it says otherwise. */
export function thresholds(...steps: Threshold[]): Pick<Field<Kind>, 'thresholds' | 'color'> {
  return {
    color: { mode: 'thresholds' },
    thresholds: { mode: 'absolute', steps: steps.map(([value, color]) => ({ value, color })) },
  };
}
/** The neutral look: a value that is neither good nor bad by itself. */
export const neutral = thresholds([null, 'blue']);
export const shareOfFailures = thresholds([null, 'green'], [0.001, 'yellow'], [0.02, 'red']);
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

/** A cell whose background says how good the value is. */
export const colouredCell: Custom<'table'> = { cellOptions: { type: 'color-background', mode: 'basic' } };
/** A cell with a bar behind the value, for comparing down a column. */
export const barCell: Custom<'table'> = {
  cellOptions: { type: 'gauge', mode: 'basic', valueDisplayMode: 'text' },
};

export const link = (title: string, url: string): Link => ({ title, url, targetBlank: true });
