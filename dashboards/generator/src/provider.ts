/** How is this provider doing, and if badly, why? */
import { dashboard, row, variables } from './dashboard.js';
import { available, byOutcome, byReason, coloured, link, neutral, thresholds } from './looks.js';
import { counts, figure, heat, lines, perBar } from './panels.js';
import {
  aggregate,
  availability,
  buckets,
  howMany,
  increase,
  itl,
  judged,
  mean,
  quantile,
  rate,
  ratio,
  series,
  speed,
  ttft,
} from './promql.js';

const rtt = 'llm_probe_tcp_rtt_seconds';
const tokensPerSecond = 'suffix:tok/s';

const together = 'All chosen targets together: choose one model and one workload to look at one.';
const windowed =
  'Each point is computed from the samples of the window before it; a p95 of fewer than about 200 samples, more than three hours at one a minute, is mostly chance.';
const noSuccess = 'No success in this time';
const attemptsPage = '${inferometer}/api/v1/measurements';
const failedAttempts = link('Failed attempts', `${attemptsPage}?outcome=failed`);
const slowestAttempts = link('Slowest attempts', `${attemptsPage}?sort=slowest`);

/** Heat maps have a cell for every minute, so that a change shows with the first slow attempt. */
const perCell = { over: '$__rate_interval' };

const percentiles = (histogram: string, quantiles: number[]): Record<string, string> =>
  Object.fromEntries(quantiles.map((q) => [`p${100 * q}`, quantile(q, histogram)]));
const percentileColours = [coloured('p50', 'blue'), coloured('p95', 'purple'), coloured('p99', 'orange')];
/** What an attempt goes through before the first byte of its answer, in this order. */
const phases = { dns: 'purple', connect: 'blue', tls: 'light-blue', send: 'yellow', wait: 'orange' };

export const provider = dashboard({
  name: 'provider',
  title: 'Provider',
  description:
    'How a provider is doing, and if badly, why: latency, failures, tokens, limits and the network.',
  from: 'now-3h',
  variables: [
    variables.firstProvider,
    variables.model,
    variables.workload,
    variables.instance,
    variables.window,
    variables.inferometer,
  ],
  rows: [
    row(4, [
      figure({
        title: 'Targets failing now',
        description: 'Targets whose last attempt failed.',
        unit: 'none',
        expr: howMany(series('llm_probe_success'), '== 0'),
        field: { ...thresholds([null, 'green'], [1, 'red']), links: [failedAttempts] },
      }),
      figure({
        title: 'Last success',
        description: 'When the target that has waited longest for one last had a success.',
        unit: 'dateTimeFromNow',
        // A target without any success has no time: 0 stands for it, as it has waited longest.
        expr: `1000 * ${aggregate('min', `${series('llm_probe_last_success_timestamp_seconds')} or 0 * ${series('llm_probe_success')}`)}`,
        field: {
          ...neutral,
          mappings: [{ type: 'value', options: { 0: { text: 'never', color: 'red' } } }],
        },
      }),
      figure({
        title: 'Availability',
        description:
          'The share of attempts in the window that succeeded, without our own errors and suspect attempts.',
        unit: 'percentunit',
        expr: availability(),
        field: { ...available, decimals: 2, links: [failedAttempts] },
      }),
      figure({
        title: 'TTFT p50',
        description: `Time to the first token: half of the successful attempts in the window were faster. ${together}`,
        unit: 's',
        expr: quantile(0.5, ttft),
        field: neutral,
        empty: 'no success',
        emptyColor: 'red',
      }),
      figure({
        title: 'TTFT p95',
        description: `One in twenty successful attempts in the window waited longer for its first token. ${together}`,
        unit: 's',
        expr: quantile(0.95, ttft),
        empty: 'no success',
        emptyColor: 'red',
        field: { ...neutral, links: [slowestAttempts] },
      }),
      figure({
        title: 'Output speed',
        description: `Mean of the visible tokens per second of one stream. ${together}`,
        unit: tokensPerSecond,
        expr: mean(speed),
        empty: 'no success',
        emptyColor: 'red',
        field: { ...neutral, decimals: 1 },
      }),
    ]),
    row(9, [
      heat({
        title: 'TTFT of each attempt',
        description: `How many attempts had their first token after which time. ${together}`,
        unit: 's',
        expr: buckets(ttft, perCell),
      }),
      lines({
        title: 'TTFT percentiles',
        empty: noSuccess,
        description: `Time to the first token of successful attempts; points are single attempts and lead to their timeline. ${windowed} ${together}`,
        unit: 's',
        expressions: percentiles(ttft, [0.5, 0.95, 0.99]),
        exemplars: true,
        overrides: percentileColours,
        field: { links: [slowestAttempts] },
      }),
    ]),
    row(9, [
      counts({
        title: 'Failures by reason',
        empty: 'No failures',
        description:
          'Failed attempts in each bar, by outcome: purple is the network, orange a time that ran out, yellow a limit, red a wrong answer, blue what was asked for. The grey internal_error is our own and no fault of the provider; docs/operations.md says what to do about each reason.',
        unit: 'none',
        stacked: true,
        expressions: {
          '{{reason}}': `${increase('llm_probe_failures_total', { ...perBar, by: ['reason'] })} > 0`,
        },
        overrides: byOutcome,
        field: { links: [failedAttempts], decimals: 0 },
      }),
      lines({
        title: 'Where the time goes before the first byte',
        empty: noSuccess,
        description: `Means of the phases of successful attempts, on top of each other: name, connection, TLS, sending the request, and the wait for the first byte of the answer. A reused connection has only the last two. ${windowed}`,
        unit: 's',
        stacked: true,
        expressions: Object.fromEntries(
          Object.keys(phases).map((phase) => [
            phase,
            mean('llm_probe_phase_seconds', { where: `phase="${phase}"` }),
          ]),
        ),
        overrides: Object.entries(phases).map(([phase, color]) => coloured(phase, color)),
      }),
    ]),
    'Between the tokens',
    row(9, [
      heat({
        title: 'ITL of each gap',
        description: `Inter-token latency: how many gaps between two arrivals of text were how long. ${together}`,
        unit: 's',
        expr: buckets(itl, perCell),
      }),
      lines({
        title: 'ITL percentiles',
        empty: noSuccess,
        description: `Gaps between consecutive arrivals of text. The gaps of one answer resemble each other: count attempts, not gaps, before you read a p99. ${together}`,
        unit: 's',
        expressions: percentiles(itl, [0.5, 0.95, 0.99]),
        exemplars: true,
        overrides: percentileColours,
      }),
    ]),
    row(8, [
      lines({
        title: 'Output speed over time',
        empty: noSuccess,
        description: `Visible tokens per second of one stream. p10 is that of the slow ones: one in ten is slower. ${windowed}`,
        unit: tokensPerSecond,
        expressions: { p50: quantile(0.5, speed), p10: quantile(0.1, speed), mean: mean(speed) },
        exemplars: true,
        overrides: [...percentileColours, coloured('p10', 'orange'), coloured('mean', 'yellow')],
      }),
      lines({
        title: 'Arrivals of text and tokens',
        empty: noSuccess,
        description:
          'The mean gap between two arrivals of text beside the mean time per token. Where the gap is longer, one arrival holds several tokens.',
        unit: 's',
        expressions: {
          'gap (ITL)': mean(itl),
          'per token (TPOT)': mean('llm_probe_time_per_output_token_seconds'),
        },
      }),
      lines({
        title: 'Whole duration',
        empty: noSuccess,
        description: `From the start of an attempt to its end, connection set-up included. ${windowed}`,
        unit: 's',
        expressions: percentiles('llm_probe_duration_seconds', [0.5, 0.95]),
        exemplars: true,
        overrides: percentileColours,
      }),
    ]),
    'Is it the network?',
    row(8, [
      counts({
        title: 'Stalls beside lost segments',
        description:
          'Gaps of text longer than the stall threshold of the workload, and TCP segments that were sent again or came out of order. Where they rise together, packets are lost on the way, and the model is not the cause.',
        unit: 'none',
        expressions: {
          stalls: increase('llm_probe_stalls_total', perBar),
          'sent again': increase('llm_probe_tcp_retransmissions_total', perBar),
          'out of order': increase('llm_probe_tcp_out_of_order_total', perBar),
        },
        overrides: [
          coloured('stalls', 'orange'),
          coloured('sent again', 'purple'),
          coloured('out of order', 'blue'),
        ],
      }),
      lines({
        title: 'TCP round trip',
        empty: 'No connection in this time',
        description: `The kernel's smoothed round-trip time at the end of attempts, failed ones included: to the host that ends the TCP connection, often the provider's edge. ${windowed}`,
        unit: 's',
        expressions: percentiles(rtt, [0.5, 0.95]),
        overrides: percentileColours,
      }),
      lines({
        title: 'TTFT with and without the network',
        empty: noSuccess,
        description:
          'Means of the time to the first token, and of the same less the round trip to the host that acknowledged the request. What lies between the two lines is the network.',
        unit: 's',
        expressions: { TTFT: mean(ttft), 'less the round trip': mean('llm_probe_server_ttft_seconds') },
      }),
    ]),
    'Limits and tokens',
    row(8, [
      lines({
        title: 'What is left of the rate limits',
        description:
          'The share of each limit that was left when the provider last said so. Empty for a provider that sends no such headers.',
        unit: 'percentunit',
        empty: 'The provider tells no limits',
        field: { max: 1 },
        expressions: {
          '{{provider}} / {{model}}: {{resource}}': ratio(
            aggregate('min', series('llm_probe_ratelimit_remaining'), ['provider', 'model', 'resource']),
            aggregate('max', series('llm_probe_ratelimit_limit'), ['provider', 'model', 'resource']),
          ),
        },
      }),
      counts({
        title: 'Ticks that started nothing',
        description:
          'Scheduled attempts that were not made: overlap (earlier ones were still open), late (our own delay), rate_limited (the limit in our configuration), held (the provider refused and named a time).',
        unit: 'none',
        stacked: true,
        expressions: { '{{reason}}': increase('llm_probe_skipped_total', { ...perBar, by: ['reason'] }) },
        overrides: byReason,
      }),
      lines({
        title: 'Held for',
        description:
          'How long nothing will be asked of a model, as the provider refused and named a time. Empty for one that never refused.',
        unit: 's',
        empty: 'Never refused',
        expressions: {
          '{{provider}} / {{model}}': `clamp_min(${aggregate('max', series('llm_probe_held_until_timestamp_seconds'), ['provider', 'model'])} - time(), 0)`,
        },
      }),
    ]),
    row(8, [
      lines({
        title: 'Tokens',
        description:
          'Tokens per hour as the provider reported them, of all attempts: what the probing costs. cached_input is a part of input, reasoning a part of output.',
        unit: 'short',
        expressions: { '{{kind}}': `3600 * ${rate('llm_probe_tokens_total', { by: ['kind'] })}` },
      }),
      lines({
        title: 'What is left out of the figures',
        description:
          'Shares of the attempts: suspect (our own delay), buffered (something on the way collected the stream), and successes without a usable count of tokens.',
        unit: 'percentunit',
        expressions: {
          suspect: ratio(rate('llm_probe_suspect_total'), rate('llm_probe_attempts_total')),
          buffered: ratio(rate('llm_probe_buffered_total'), rate('llm_probe_attempts_total')),
          'no usage': ratio(rate('llm_probe_usage_missing_total'), rate('llm_probe_attempts_total')),
        },
        custom: { axisSoftMax: 0.01 },
        overrides: [
          coloured('suspect', 'orange'),
          coloured('buffered', 'purple'),
          coloured('no usage', 'blue'),
        ],
      }),
      counts({
        title: 'Attempts',
        description:
          'Attempts in each bar that a provider can be judged by, retries of failed ones, and those that /probe was asked for.',
        unit: 'none',
        expressions: {
          attempts: judged(perBar),
          'of these, retries': increase('llm_probe_retries_total', perBar),
          'on demand': increase('llm_probe_on_demand_total', perBar),
        },
        overrides: [coloured('attempts', 'blue')],
      }),
    ]),
    row(8, [
      lines({
        title: 'Time to the first reasoning',
        description: 'Of models that reason, where the API shows it. Empty for others.',
        unit: 's',
        empty: 'No reasoning was shown',
        expressions: percentiles('llm_probe_first_reasoning_seconds', [0.5, 0.95]),
        overrides: percentileColours,
      }),
      lines({
        title: 'Certificate expires in',
        description:
          'The time until the first certificate of the chain expires. Empty for providers without TLS.',
        unit: 's',
        empty: 'No certificate was seen',
        expressions: {
          '{{provider}}': `${aggregate('min', series('llm_probe_tls_certificate_expiry_timestamp_seconds'), ['provider'])} - time()`,
        },
      }),
      lines({
        title: 'Open attempts',
        description: 'Attempts that are open now.',
        unit: 'none',
        expressions: {
          '{{model}} / {{workload}}': aggregate('sum', series('llm_probe_in_flight'), ['model', 'workload']),
        },
      }),
    ]),
  ],
});
