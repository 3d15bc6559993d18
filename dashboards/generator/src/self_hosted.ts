/** Is it the network, the queue, the memory or the model? */
import { dashboard, row, variables } from './dashboard.js';
import { barCell, coloured, colouredCell, dashed, either, thresholds } from './looks.js';
import { lines } from './panels.js';
import { aggregate, itl, mean, meanOfSummary, quantile, rate, ratio, series, ttft } from './promql.js';
import { type Column, labelled, table, toProvider } from './table.js';

const byServer = { by: ['provider'] };
/** A server has traffic enough for rates over a short time. */
const lately = { ...byServer, over: '$__rate_interval' };
const legendFormat = '{{provider}}';
const gauge = (name: string): string => aggregate('max', series(name), byServer.by);

/** What the probes saw, of those providers alone whose server tells its own figures. */
const probed = (expression: string): string => `(${expression} and on (provider) ${series('llm_server_up')})`;

const client = probed(mean(ttft, byServer));
const server = meanOfSummary('llm_server_ttft_seconds', byServer);
const queue = meanOfSummary('llm_server_queue_time_seconds', byServer);
const prefill = meanOfSummary('llm_server_prefill_time_seconds', byServer);
/** A difference of means is exact to their rounding alone: without this, 0 may show as -7e-8 ns. */
function toMicroseconds(difference: string): string {
  return `round(${difference}, 1e-6)`;
}
/** The parts of the time to the first token that a probe saw; they add up to it. */
const parts = {
  outside: toMicroseconds(`${client} - ${server}`),
  frontEnd: toMicroseconds(`${server} - ${queue} - ${prefill}`),
  queue,
  prefill,
};

const allTraffic =
  "The server's figures are of all its requests, ours of the probes alone: where their prompts differ, the difference of the two says just that.";
const ofServers = (description: string): string =>
  `${description} As the server says itself, of all its requests.`;

const byUsage = thresholds([null, 'green'], [0.8, 'yellow'], [0.95, 'red']);
const time = (name: string, expr: string, empty = 'not told'): Column => ({
  name,
  expr,
  field: { unit: 's', custom: { width: 105 } },
  empty,
});
const cache: Column = {
  name: 'KV cache used',
  expr: gauge('llm_server_kv_cache_usage_ratio'),
  field: {
    unit: 'percentunit',
    decimals: 1,
    min: 0,
    max: 1,
    ...byUsage,
    custom: { ...barCell, minWidth: 150 },
  },
  empty: 'not told',
};
const columns: Column[] = [
  labelled('Provider', 'provider', toProvider('Provider')),
  {
    name: 'Metrics',
    expr: aggregate('min', series('llm_server_up'), byServer.by),
    field: { unit: 'none', ...either('read', 'unreadable'), custom: { ...colouredCell, width: 95 } },
  },
  cache,
  {
    name: 'Waiting',
    expr: gauge('llm_server_requests_waiting'),
    field: {
      unit: 'none',
      ...thresholds([null, 'green'], [1, 'yellow'], [10, 'red']),
      custom: { ...colouredCell, width: 85 },
    },
    empty: 'not told',
  },
  {
    name: 'Running',
    expr: gauge('llm_server_requests_running'),
    field: { unit: 'none', custom: { width: 85 } },
    empty: 'not told',
  },
  time('TTFT probed', client, 'no success'),
  time('= outside', parts.outside),
  time('+ front end', parts.frontEnd),
  time('+ queue', parts.queue),
  time('+ prefill', parts.prefill),
];

const perServer = (
  title: string,
  description: string,
  unit: 's' | 'bytes' | 'percentunit' | 'none' | 'suffix:tok/s',
  expr: string,
  field = {},
  custom = {},
) => lines({ title, description, unit, field, custom, expressions: { [legendFormat]: expr } });

export const selfHosted = dashboard({
  name: 'self-hosted',
  title: 'Self-hosted',
  description: 'Why a server of your own is slow: the network, the queue, the memory or the model.',
  from: 'now-1h',
  variables: [variables.server, variables.model, variables.workload, variables.instance, variables.window],
  rows: [
    row(7, [
      table({
        title: 'Servers, the fullest first',
        description: `Memory and queue as the server says now, and where the mean time to the first token of the window went: outside the engine (network, proxies, gateways), in its front end (HTTP, tokenizing), in its queue, and in the prefill. ${allTraffic}`,
        columns,
        sort: { by: cache, desc: true },
      }),
    ]),
    row(9, [
      lines({
        title: 'Where the time to the first token goes',
        description: `The mean time to the first token of the probes, in its parts, on top of each other; of several servers, the mean of each part. Only vLLM and TensorRT-LLM report all of them. ${allTraffic}`,
        unit: 's',
        stacked: true,
        expressions: {
          prefill: aggregate('avg', `${parts.prefill} and on (provider) ${client}`),
          queue: aggregate('avg', `${parts.queue} and on (provider) ${client}`),
          'front end': aggregate('avg', parts.frontEnd),
          outside: aggregate('avg', parts.outside),
        },
        overrides: [
          coloured('prefill', 'blue'),
          coloured('queue', 'red'),
          coloured('front end', 'yellow'),
          coloured('outside', 'green'),
        ],
      }),
      lines({
        title: 'TTFT of the probes and of the server',
        description: `Means of the time to the first token, from the first byte of the request at the probe, and from its arrival at the server. ${allTraffic}`,
        unit: 's',
        expressions: { '{{provider}}: probes': client, '{{provider}}: server': server },
        overrides: [dashed(': server')],
      }),
    ]),
    'Memory and queue',
    row(8, [
      perServer(
        'KV cache used',
        ofServers(
          'The share of the KV cache in use, of the fullest engine where there are several. Near 100 % requests wait or are put back.',
        ),
        'percentunit',
        gauge('llm_server_kv_cache_usage_ratio'),
        { max: 1 },
      ),
      lines({
        title: 'Requests',
        description: ofServers('Requests that are worked on, and those that wait (dashed).'),
        unit: 'none',
        expressions: {
          '{{provider}}: running': gauge('llm_server_requests_running'),
          '{{provider}}: waiting': gauge('llm_server_requests_waiting'),
        },
        overrides: [dashed(': waiting')],
      }),
      perServer('Queue time', ofServers('The mean wait of requests in the queue.'), 's', queue),
    ]),
    row(8, [
      lines({
        title: 'Tokens in the KV cache',
        description: ofServers('Tokens in the KV cache, and how many it can hold (dashed).'),
        unit: 'short',
        empty: 'The server does not count them',
        expressions: {
          '{{provider}}: used': gauge('llm_server_kv_cache_used_tokens'),
          '{{provider}}: capacity': gauge('llm_server_kv_cache_capacity_tokens'),
        },
        overrides: [dashed(': capacity')],
      }),
      perServer(
        'Preemptions a minute',
        ofServers('Running requests that were put back into the queue for want of KV cache.'),
        'none',
        `60 * ${rate('llm_server_preemptions_total', lately)}`,
        {},
        { axisSoftMax: 1 },
      ),
      perServer(
        'Prompt tokens from the prefix cache',
        ofServers('The share of the prompt tokens that the prefix cache had.'),
        'percentunit',
        `${ratio(rate('llm_server_prefix_cache_hits_total', byServer), rate('llm_server_prefix_cache_queries_total', byServer))} or ${gauge('llm_server_prefix_cache_hit_ratio')}`,
        { max: 1 },
      ),
    ]),
    'The model',
    row(8, [
      lines({
        title: 'Tokens a second',
        description: ofServers('Throughput of all requests together.'),
        unit: 'suffix:tok/s',
        expressions: {
          '{{provider}}: prompts': rate('llm_server_prompt_tokens_total', lately),
          '{{provider}}: generated': rate('llm_server_generation_tokens_total', lately),
        },
      }),
      lines({
        title: 'Time between tokens',
        description: `Means of the gap between two arrivals of text at the probe, and between two tokens at the server. ${allTraffic}`,
        unit: 's',
        expressions: {
          '{{provider}}: probes': probed(mean(itl, byServer)),
          '{{provider}}: server': meanOfSummary('llm_server_inter_token_latency_seconds', byServer),
        },
      }),
      lines({
        title: 'Time of a request',
        description: ofServers('Means of prefill, decoding and the whole request.'),
        unit: 's',
        expressions: {
          '{{provider}}: prefill': prefill,
          '{{provider}}: decode': meanOfSummary('llm_server_decode_time_seconds', byServer),
          '{{provider}}: whole': meanOfSummary('llm_server_duration_seconds', byServer),
        },
      }),
    ]),
    row(8, [
      perServer(
        'TTFT p95 of the probes',
        'One in twenty successful probes waited longer for its first token: the server tells means alone.',
        's',
        probed(quantile(0.95, ttft, byServer)),
      ),
      perServer(
        'Resident memory',
        ofServers('Of the process that shows the metrics; not of the GPU.'),
        'bytes',
        gauge('llm_server_resident_memory_bytes'),
      ),
      perServer(
        'Reading the metrics',
        "How long the last reading of the server's metrics took.",
        's',
        gauge('llm_server_scrape_duration_seconds'),
      ),
    ]),
  ],
});
