/** Can the figures be trusted? */
import { dashboard, row, variables } from './dashboard.js';
import { byOutcome, byReason, coloured, either, shareOfFailures, thresholds } from './looks.js';
import { counts, figure, lines, perBar } from './panels.js';
import { aggregate, increase, own, quantile, rate, ratio, series } from './promql.js';
import { type Column, labelled, table } from './table.js';

const byInstance = { by: ['instance'] };

const suspectShare = ratio(rate('llm_probe_suspect_total'), rate('llm_probe_attempts_total'));
const kernelShare = ratio(
  rate('inferometer_stamps_total', { where: 'source="kernel"' }),
  rate('inferometer_stamps_total'),
);

const percentiles = (histogram: string): Record<string, string> => ({
  '{{instance}} p50': quantile(0.5, histogram, byInstance),
  '{{instance}} p99': quantile(0.99, histogram, byInstance),
});

const started: Column = {
  name: 'Started',
  expr: `1000 * ${aggregate('max', `${series('process_start_time_seconds')} * on (job, instance) group_left (version, revision) inferometer_build_info`, ['instance', 'version', 'revision'])}`,
  field: { unit: 'dateTimeFromNow', custom: { width: 110 } },
};

export const instrument = dashboard({
  name: 'instrument',
  title: 'Instrument',
  description:
    'Can the figures be trusted: how exactly Inferometer measures, how late it is itself, and what it costs.',
  from: 'now-3h',
  variables: [variables.provider, variables.model, variables.workload, variables.instance, variables.window],
  rows: [
    row(4, [
      figure({
        title: 'Suspect attempts',
        description:
          'The share of attempts in the window that our own delay left too inexact: they are kept out of the figures.',
        unit: 'percentunit',
        expr: suspectShare,
        field: { ...shareOfFailures, decimals: 2 },
      }),
      figure({
        title: 'Error bound p99',
        description:
          'By how much the time to the first token of an attempt can be wrong through us: 99 % of the attempts in the window are more exact.',
        unit: 's',
        expr: quantile(0.99, 'inferometer_error_bound_seconds'),
        field: thresholds([null, 'green'], [0.001, 'yellow'], [0.005, 'red']),
      }),
      figure({
        title: 'Stamps from the kernel',
        description:
          "The share of attempts whose times are the kernel's own. Without them, whatever delays the daemon is in the error bounds.",
        unit: 'percentunit',
        expr: kernelShare,
        field: { ...thresholds([null, 'red'], [0.9, 'yellow'], [0.99, 'green']), decimals: 1 },
      }),
      figure({
        title: 'Started late p99',
        description:
          'How long after their scheduled time attempts were started: our own delay, which is in no latency.',
        unit: 's',
        expr: quantile(0.99, 'inferometer_schedule_lateness_seconds'),
        field: thresholds([null, 'green'], [0.01, 'yellow'], [0.1, 'red']),
      }),
      figure({
        title: 'Throttled',
        description:
          'The share of the time for which CPU quotas stopped the daemon. Absent where no control group is visible.',
        unit: 'percentunit',
        expr: rate('inferometer_cpu_throttled_seconds_total'),
        field: { ...shareOfFailures, decimals: 2 },
        empty: 'not visible',
      }),
      figure({
        title: 'Configuration',
        description: 'Whether the configuration could be loaded the last time that this was tried.',
        unit: 'none',
        expr: aggregate('min', series('inferometer_config_last_reload_successful')),
        field: either('loaded', 'refused'),
      }),
    ]),
    'How exact?',
    row(8, [
      lines({
        title: 'Suspect attempts by outcome',
        description: 'The share of attempts that our own delay left too inexact, by their outcome.',
        unit: 'percentunit',
        stacked: true,
        custom: { axisSoftMax: 0.01 },
        expressions: {
          '{{outcome}}': `${rate('llm_probe_suspect_total', { by: ['outcome'] })} / on () group_left () (${rate('llm_probe_attempts_total')} > 0)`,
        },
        overrides: [coloured('success', 'dark-green'), ...byOutcome],
      }),
      lines({
        title: 'Error bounds',
        description:
          'By how much the time to the first token can be wrong through us, of all attempts that have one, suspect ones included.',
        unit: 's',
        expressions: percentiles('inferometer_error_bound_seconds'),
      }),
      lines({
        title: 'Measurement error',
        empty: 'It is measured every five minutes',
        description:
          'Our stamp of an event less its true send time, for ten events on loopback every five minutes: what this machine adds to a latency.',
        unit: 's',
        expressions: percentiles('inferometer_measurement_error_seconds'),
      }),
    ]),
    row(8, [
      counts({
        title: 'Whose clock reading the stamps are',
        description: "Attempts in each bar: with the kernel's own stamps, or with ours after the read.",
        unit: 'none',
        stacked: true,
        expressions: { '{{source}}': increase('inferometer_stamps_total', { ...perBar, by: ['source'] }) },
        overrides: [coloured('kernel', 'green'), coloured('read', 'red')],
      }),
      counts({
        title: 'Gaps that are no samples',
        description:
          'Gaps between arrivals of text in each bar that are not in the inter-token latency: lost to our own delay, or without one as their text shared an arrival with other text.',
        unit: 'short',
        expressions: {
          'lost to our delay': increase('llm_probe_gaps_lost_total', perBar),
          'shared an arrival': increase('llm_probe_coalesced_total', perBar),
        },
        overrides: [coloured('lost to our delay', 'orange'), coloured('shared an arrival', 'blue')],
      }),
      counts({
        title: 'Ticks that started nothing through us',
        description:
          'Scheduled attempts that were not made as the earlier ones were still open, or as we came too late.',
        unit: 'none',
        stacked: true,
        expressions: {
          '{{reason}}': increase('llm_probe_skipped_total', {
            ...perBar,
            by: ['reason'],
            where: 'reason=~"overlap|late"',
          }),
        },
        overrides: byReason,
      }),
    ]),
    'How late?',
    row(8, [
      lines({
        title: 'Attempts started late',
        description: 'How long after their scheduled time attempts were started. It is in no latency.',
        unit: 's',
        expressions: percentiles('inferometer_schedule_lateness_seconds'),
      }),
      lines({
        title: 'Event loop lag',
        description:
          'How late the event loop of the probes was. With stamps from the kernel it changes no latency.',
        unit: 's',
        expressions: percentiles('inferometer_event_loop_lag_seconds'),
      }),
      lines({
        title: 'Stopped by CPU quotas',
        description:
          'The share of the enforcement periods in which a control group of the daemon had used up its quota, and the share of the time for which it was stopped.',
        unit: 'percentunit',
        custom: { axisSoftMax: 0.01 },
        expressions: {
          '{{instance}} periods': ratio(
            rate('inferometer_cpu_throttled_periods_total', byInstance),
            rate('inferometer_cpu_periods_total', byInstance),
          ),
          '{{instance}} time': rate('inferometer_cpu_throttled_seconds_total', byInstance),
        },
      }),
    ]),
    'What it costs',
    row(8, [
      lines({
        title: 'CPU',
        description: 'CPU time of the daemon, as a share of one CPU.',
        unit: 'percentunit',
        expressions: {
          '{{instance}}': own(
            'process_cpu_seconds_total',
            (selected) => `rate(${selected}[$__rate_interval])`,
          ),
        },
      }),
      lines({
        title: 'Resident memory',
        description: 'Of the process of the daemon.',
        unit: 'bytes',
        expressions: { '{{instance}}': own('process_resident_memory_bytes') },
      }),
      lines({
        title: 'Open file descriptors',
        description: 'The share of those that the process may have open.',
        unit: 'percentunit',
        custom: { axisSoftMax: 0.1 },
        expressions: {
          '{{instance}}': own('process_open_fds', (selected) => `${selected} / ${series('process_max_fds')}`),
        },
      }),
    ]),
    row(8, [
      lines({
        title: 'Time of a scrape',
        description: 'How long Prometheus took to scrape the daemon, the network included.',
        unit: 's',
        expressions: { '{{instance}}': own('scrape_duration_seconds') },
      }),
      lines({
        title: 'Series of a scrape',
        description: 'Samples that each scrape has: what a probe costs is in docs/metrics.md.',
        unit: 'short',
        expressions: { '{{instance}}': own('scrape_samples_scraped') },
      }),
      counts({
        title: 'Lines of the log that were lost',
        description: 'In each bar, as they were not read in time.',
        unit: 'none',
        expressions: {
          '{{instance}}': increase('inferometer_log_lines_dropped_total', { ...perBar, ...byInstance }),
        },
      }),
    ]),
    row(8, [
      lines({
        title: 'Attempts a second',
        description: 'What the instrument does, of all targets that are chosen.',
        unit: 'suffix:/s',
        expressions: {
          '{{instance}}': rate('llm_probe_attempts_total', { ...byInstance, over: '$__rate_interval' }),
        },
      }),
      lines({
        title: 'Open attempts',
        description: 'Attempts that are open now.',
        unit: 'none',
        expressions: { '{{instance}}': aggregate('sum', series('llm_probe_in_flight'), byInstance.by) },
      }),
    ]),
    row(5, [
      table({
        title: 'What runs',
        description: 'Version and revision of each daemon, how many targets it has, and when it started.',
        columns: [
          labelled('Inferometer', 'instance'),
          labelled('Version', 'version'),
          labelled('Revision', 'revision'),
          {
            name: 'Targets',
            expr: aggregate('count', series('llm_probe_success'), byInstance.by),
            field: { unit: 'none', custom: { width: 75 } },
          },
          started,
        ],
        sort: { by: started, desc: true },
      }),
    ]),
  ],
});
