/** PromQL as functions that give text: each returns an expression that can stand in another one. */

export type By = readonly string[];
/** What a probe, and so each of its series, is told apart by. */
export const target: By = ['provider', 'model', 'workload'];

/** The histograms of a probe that more than one dashboard shows. */
export const ttft = 'llm_probe_ttft_seconds';
export const itl = 'llm_probe_inter_token_latency_seconds';
export const speed = 'llm_probe_output_tokens_per_second';

/** The window that the viewer chose. */
const chosen = '$window';
/** The whole time that the dashboard shows. */
export const shown = '$__range';

export interface Terms {
  by?: By;
  /** Further matchers, such as `phase="dns"`. */
  where?: string;
  over?: string;
}

/** The variables that a metric is filtered by: those of its labels that a dashboard has one for. */
function variables(metric: string): By {
  if (metric.startsWith('slo:') || metric.startsWith('sloth_') || metric.startsWith('llm_probe_slo_')) {
    return [...target, 'slo'];
  }
  if (metric === 'llm_probe_held_until_timestamp_seconds') {
    return ['provider', 'model', 'instance'];
  }
  if (metric.startsWith('llm_probe_')) {
    return [...target, 'instance'];
  }
  return metric.startsWith('llm_server_') ? ['provider', 'instance'] : ['instance'];
}

/**
 * The series of a metric that the variables choose. The values stand between backticks, where neither
 * quotes nor the backslashes of `:regex` have a meaning to PromQL.
 */
export function series(metric: string, where = ''): string {
  const matchers = variables(metric).map((label) => `${label}=~\`\${${label}:regex}\``);
  return `${metric}{${[...matchers, where].filter(Boolean).join(', ')}}`;
}

export function aggregate(
  operator: 'sum' | 'max' | 'min' | 'avg' | 'count',
  expression: string,
  by: By = [],
): string {
  return `${operator}${by.length > 0 ? ` by (${by.join(', ')}) ` : ''}(${expression})`;
}

/** How many of them are so, and 0 where some are there, but none is so. */
export function howMany(expression: string, condition: string): string {
  return `${aggregate('count', `${expression} ${condition}`)} or 0 * ${aggregate('count', expression)}`;
}

function summed(
  f: 'rate' | 'increase',
  metric: string,
  { by = [], where = '', over = chosen }: Terms,
): string {
  return aggregate('sum', `${f}(${series(metric, where)}[${over}])`, by);
}
export const rate = (counter: string, terms: Terms = {}): string => summed('rate', counter, terms);
export const increase = (counter: string, terms: Terms = {}): string => summed('increase', counter, terms);

/** Nothing where the divisor is 0. */
export const ratio = (a: string, b: string): string => `${a} / (${b} > 0)`;

/**
 * A histogram has a native and a classic form, and a Prometheus has one of them or both. The native one
 * is taken where it is there: it is more exact, and the other form fills in before it was.
 */
export function quantile(q: number, histogram: string, terms: Terms = {}): string {
  const { by = [] } = terms;
  const native = `histogram_quantile(${q}, ${rate(histogram, terms)})`;
  const classic = `histogram_quantile(${q}, ${rate(`${histogram}_bucket`, { ...terms, by: ['le', ...by] })})`;
  // Without a sample in the window the quantile is NaN, which is no figure to show.
  return `(${native} or ${classic}) >= 0`;
}

/** How many samples the window has. */
export function samples(histogram: string, terms: Terms = {}): string {
  return `(histogram_count(${increase(histogram, terms)}) or ${increase(`${histogram}_count`, terms)})`;
}

export function mean(histogram: string, terms: Terms = {}): string {
  const r = rate(histogram, terms);
  const native = ratio(`histogram_sum(${r})`, `histogram_count(${r})`);
  return `(${native} or ${meanOfSummary(histogram, terms)})`;
}

/** The mean of what has a sum and a count alone. */
export function meanOfSummary(summary: string, terms: Terms = {}): string {
  return `(${ratio(rate(`${summary}_sum`, terms), rate(`${summary}_count`, terms))})`;
}

/**
 * The buckets for a heat map. A native histogram is one series, a classic one a series for each bucket:
 * they differ in their labels, so that only `on ()` takes one form alone.
 */
export function buckets(histogram: string, terms: Terms = {}): string {
  return `${increase(histogram, terms)} or on () ${increase(`${histogram}_bucket`, { ...terms, by: ['le'] })}`;
}

const notOurs = 'reason!="internal_error"';
const ours = 'reason="internal_error"';

/** The attempts that a provider can be judged by: neither our own errors nor suspect ones. */
export function judged(terms: Terms = {}): string {
  return (
    `(${increase('llm_probe_attempts_total', terms)}` +
    ` - ${increase('llm_probe_failures_total', { ...terms, where: ours })}` +
    ` - ${increase('llm_probe_suspect_total', terms)})`
  );
}

/** The share of those attempts that succeeded. */
export function availability(terms: Terms = {}): string {
  const failed =
    `(${increase('llm_probe_failures_total', { ...terms, where: notOurs })}` +
    ` - ${increase('llm_probe_suspect_total', { ...terms, where: 'outcome!="success"' })})`;
  return `1 - ${ratio(failed, judged(terms))}`;
}

/** What every process has, of the daemons alone. */
export function own(metric: string, f: (selected: string) => string = (selected) => selected): string {
  return `${f(series(metric))} and on (job, instance) inferometer_build_info`;
}
