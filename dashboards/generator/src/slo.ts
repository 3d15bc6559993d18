/** Are the objectives met, and for how long still? */
import { dashboard, row, variables } from './dashboard.js';
import type { Field } from './grafana.js';
import { colouredCell, neutral, thresholds } from './looks.js';
import { bars, figure, lines } from './panels.js';
import { aggregate, howMany, increase, series, shown, target } from './promql.js';
import { type Column, labelled, table, targetColumns } from './table.js';

const bySlo = [...target, 'slo'];
const legendFormat = '{{slo}}: {{provider}} / {{model}} / {{workload}}';

const recorded = (name: string): string => aggregate('max', series(name), bySlo);
const objective = recorded('slo:objective:ratio');
const budgetLeft = recorded('slo:period_error_budget_remaining:ratio');
/** How many times faster than the objective allows the budget was spent over a window of the recorded ones. */
const burnRate = (window: string): string =>
  `${recorded(`slo:sli_error:ratio_rate${window}`)} / ${recorded('slo:error_budget:ratio')}`;

/** Of a budget of thirty days, 14.4 in an hour is 2 %, and 6 in six hours 5 %: where alerts page. */
const byBurnRate = thresholds([null, 'green'], [1, 'yellow'], [6, 'orange'], [14.4, 'red']);
const byBudget = thresholds([null, 'red'], [0, 'orange'], [0.25, 'yellow'], [0.5, 'green']);

/** Far below 0 the number says no more, and would push the others aside. */
const overspent = (from: number, text: string): Pick<Field<'table'>, 'mappings'> => ({
  mappings: [{ type: 'range', options: { from: -1e12, to: from, result: { text } } }],
});

const noObjectives = 'No objectives, or no rules';
const fromRules = 'From the recording rules that `inferometer rules` writes.';

const column = (name: string, expr: string, field: Field<'table'>): Column => ({
  name,
  expr,
  field: { ...field, custom: { ...colouredCell, width: 95, ...field.custom } },
  empty: 'no attempts',
});
const left = column('Budget left', budgetLeft, {
  unit: 'percentunit',
  decimals: 1,
  ...byBudget,
  ...overspent(-10, 'below -1000%'),
  custom: { width: 120 },
});

const columns: Column[] = [
  labelled('SLO', 'slo'),
  ...targetColumns,
  column('Objective', objective, {
    unit: 'percentunit',
    decimals: 2,
    custom: { cellOptions: { type: 'auto' }, width: 90 },
  }),
  left,
  column('Burn 5m', burnRate('5m'), { unit: 'suffix:×', decimals: 1, ...byBurnRate }),
  column('Burn 1h', burnRate('1h'), { unit: 'suffix:×', decimals: 1, ...byBurnRate }),
  column('Burn 6h', burnRate('6h'), { unit: 'suffix:×', decimals: 1, ...byBurnRate }),
  column('Burn 3d', burnRate('3d'), { unit: 'suffix:×', decimals: 1, ...byBurnRate }),
];

const burning = (window: string, description: string) =>
  lines({
    empty: noObjectives,
    title: `Burn rate over ${window}`,
    description: `${description} At 1 the budget lasts exactly for its period. ${fromRules}`,
    unit: 'suffix:×',
    expressions: { [legendFormat]: burnRate(window) },
    sorted: { by: 'lastNotNull', desc: true },
    field: {
      ...byBurnRate,
      color: { mode: 'palette-classic-by-name' },
      // Such an axis has a tick below 0, too.
      mappings: [{ type: 'range', options: { from: -1e12, to: -0.01, result: { text: ' ' } } }],
    },
    // They reach hundreds: on a linear axis, those at which alerts page would look like 0.
    custom: {
      thresholdsStyle: { mode: 'dashed' },
      axisSoftMax: 20,
      scaleDistribution: { type: 'symlog', log: 10, linearThreshold: 1 },
    },
  });

export const slo = dashboard({
  name: 'slo',
  title: 'SLO',
  description:
    'Are the objectives met: budgets that are left, how fast they are spent, and their history. Needs the recording rules that `inferometer rules` writes.',
  from: 'now-7d',
  variables: [variables.slo, variables.provider, variables.model, variables.workload],
  rows: [
    row(4, [
      figure({
        empty: noObjectives,
        title: 'Objectives missed',
        description: `Objectives whose error budget of the whole period is spent. ${fromRules}`,
        unit: 'none',
        expr: howMany(budgetLeft, '<= 0'),
        field: thresholds([null, 'green'], [1, 'red']),
      }),
      figure({
        empty: noObjectives,
        title: 'Spending too fast now',
        description: `Objectives that, as in the last hour, would not last to the end of their period. ${fromRules}`,
        unit: 'none',
        expr: howMany(`(${burnRate('1h')})`, '> 1'),
        field: thresholds([null, 'green'], [1, 'yellow']),
      }),
      figure({
        empty: noObjectives,
        title: 'Least budget left',
        description: `What is left of the budget that is nearest to its end. ${fromRules}`,
        unit: 'percentunit',
        expr: aggregate('min', budgetLeft),
        field: { ...byBudget, ...overspent(0, 'exhausted'), decimals: 1 },
      }),
      figure({
        empty: noObjectives,
        title: 'Without attempts',
        description: `Objectives of which nothing is known: no attempt was judged in the whole period. ${fromRules}`,
        unit: 'none',
        expr: howMany(objective, `unless ${budgetLeft}`),
        field: thresholds([null, 'green'], [1, 'yellow']),
      }),
      figure({
        empty: noObjectives,
        title: 'Objectives',
        description: `How many there are, each for its target. ${fromRules}`,
        unit: 'none',
        expr: aggregate('count', objective),
        field: neutral,
      }),
    ]),
    row(11, [
      table({
        title: 'Objectives, the least budget first',
        description: `A burn rate says how many times faster than the objective allows the budget was spent in that time: above 14.4 in an hour or 6 in six hours is a reason to wake someone. Red budgets are exhausted; of an objective without attempts nothing is known. ${fromRules}`,
        columns,
        sort: { by: left, desc: false },
      }),
    ]),
    'History',
    row(10, [
      lines({
        empty: noObjectives,
        title: 'Budget left',
        description: `Of the rolling period, usually 30 days. Bad attempts older than that leave it, so that it also rises; below -100 % it is cut off. ${fromRules}`,
        unit: 'percentunit',
        field: { min: -1, max: 1, ...byBudget, color: { mode: 'palette-classic-by-name' } },
        expressions: { [legendFormat]: budgetLeft },
        sorted: { by: 'lastNotNull', desc: false },
      }),
      lines({
        empty: noObjectives,
        title: 'Share of bad attempts',
        description: `Failed, or slower than the threshold, of the attempts that were judged, over an hour. ${fromRules}`,
        unit: 'percentunit',
        field: { color: { mode: 'palette-classic-by-name' } },
        custom: { axisSoftMax: 0.01 },
        expressions: { [legendFormat]: recorded('slo:sli_error:ratio_rate1h') },
        sorted: { by: 'max', desc: true },
      }),
    ]),
    row(10, [
      burning(
        '1h',
        'How many times faster than the objective allows the budget was spent in the hour before.',
      ),
      burning(
        '6h',
        'How many times faster than the objective allows the budget was spent in the six hours before.',
      ),
    ]),
    'What was counted',
    row(11, [
      bars({
        empty: noObjectives,
        title: 'Bad attempts',
        description:
          'The ten objectives with the most bad attempts over the whole time shown, as the daemon counted them.',
        unit: 'none',
        expr: `sort_desc(topk(10, ${increase('llm_probe_slo_bad_events_total', { by: bySlo, over: shown })}))`,
        legendFormat,
        field: { min: 0, decimals: 0, ...neutral },
      }),
      bars({
        empty: noObjectives,
        title: 'Attempts judged',
        description:
          'The ten objectives with the fewest attempts over the whole time shown: of few attempts, each one that is bad costs much of the budget.',
        unit: 'none',
        expr: `sort(bottomk(10, ${increase('llm_probe_slo_events_total', { by: bySlo, over: shown })}))`,
        legendFormat,
        field: { min: 0, decimals: 0, ...neutral },
      }),
      bars({
        empty: noObjectives,
        title: 'Attempts not judged',
        description:
          'The ten objectives with the most attempts that say nothing about them over the whole time shown: our own errors and suspect ones.',
        unit: 'none',
        expr: `sort_desc(topk(10, ${increase('llm_probe_slo_not_judged_total', { by: bySlo, over: shown })}))`,
        legendFormat,
        field: { min: 0, decimals: 0, ...neutral },
      }),
    ]),
    row(8, [
      lines({
        empty: noObjectives,
        title: 'Latency thresholds',
        description:
          'The thresholds in the configuration of objectives that have one: a change of the configuration shows as a step.',
        unit: 's',
        expressions: { '{{slo}}': aggregate('max', series('llm_probe_slo_threshold_seconds'), ['slo']) },
      }),
      lines({
        empty: noObjectives,
        title: 'Objectives configured',
        description: 'The objectives in the configuration: a change of the configuration shows as a step.',
        unit: 'percentunit',
        field: { min: undefined, max: 1 },
        custom: { axisSoftMin: 0.9 },
        expressions: { '{{slo}}': aggregate('max', series('llm_probe_slo_objective_ratio'), ['slo']) },
      }),
    ]),
  ],
});
