/** How values, lines and cells look: what has the same meaning has the same look everywhere. */
import type { Custom, Field, Kind, Link, Override, Threshold } from './grafana.js';

/** Colours by value: green for what is below the first threshold, unless it says otherwise. */
export function thresholds(...steps: Threshold[]): Pick<Field<Kind>, 'thresholds' | 'color'> {
  return {
    color: { mode: 'thresholds' },
    thresholds: { mode: 'absolute', steps: steps.map(([value, color]) => ({ value, color })) },
  };
}
/** What stands where there is no value, which else would have the colour of the lowest one. */
export function whereEmpty<K extends Kind>(text: string, color: string, field: Field<K>): Field<K> {
  const empty = { type: 'special', options: { match: 'null+nan', result: { text, color } } } as const;
  return { ...field, mappings: [...(field.mappings ?? []), empty] };
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

/**
 * The failures, each with its colour: purple for the network, orange for time that ran out, yellow for limits, red
 * for wrong answers, blue for what was asked, grey for ourselves. None is green, which would look good.
 */
const outcomes = {
  dns_error: 'super-light-purple',
  connect_error: 'purple',
  connect_timeout: 'light-purple',
  tls_error: 'semi-dark-purple',
  connection_lost: 'dark-purple',
  first_token_timeout: 'orange',
  stalled: 'light-orange',
  total_timeout: 'dark-orange',
  rate_limited: 'yellow',
  quota_exhausted: 'dark-yellow',
  overloaded: 'light-yellow',
  server_error: 'red',
  stream_error: 'light-red',
  truncated: 'semi-dark-red',
  protocol_error: 'dark-red',
  empty_response: 'super-light-red',
  auth_error: 'dark-blue',
  client_error: 'blue',
  context_length: 'light-blue',
  content_filtered: 'super-light-blue',
  validation_failed: 'semi-dark-blue',
  internal_error: '#8e8e8e',
};
export const byOutcome = Object.entries(outcomes).map(([name, color]) => coloured(name, color));

/** Ticks that started nothing, by reason. */
export const byReason = [
  coloured('overlap', 'orange'),
  coloured('late', '#8e8e8e'),
  coloured('rate_limited', 'blue'),
  coloured('held', 'yellow'),
];

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
