/** Are the objectives met, and for how long still? */
import { dashboard, row, variables } from './dashboard.js';
import type { Field } from './grafana.js';
import { bar_cell, coloured_cell, neutral, thresholds } from './looks.js';
import { bars, figure, lines } from './panels.js';
import { aggregate, how_many, increase, series, shown, target } from './promql.js';
import { type Column, labelled, table, target_columns } from './table.js';

const by_slo = [...target, 'slo'];
const legendFormat = '{{slo}}: {{provider}} / {{model}} / {{workload}}';

const recorded = (name: string): string => aggregate('max', series(name), by_slo);
const budget_left = recorded('slo:period_error_budget_remaining:ratio');
/** How many times faster than the objective allows the budget was spent over a window of the recorded ones. */
const burn_rate = (window: string): string =>
  `${recorded(`slo:sli_error:ratio_rate${window}`)} / ${recorded('slo:error_budget:ratio')}`;

/** Of a budget of thirty days, 14.4 in an hour is 2 %, and 6 in six hours 5 %: where alerts page. */
const by_burn_rate = thresholds([null, 'green'], [1, 'yellow'], [6, 'orange'], [14.4, 'red']);
const by_budget = thresholds([null, 'red'], [0, 'orange'], [0.25, 'yellow'], [0.5, 'green']);

const no_objectives = 'No objectives, or no rules';
const from_rules = 'From the recording rules that `inferometer rules` writes.';

const column = (name: string, expr: string, field: Field<'table'>): Column => ({
  name,
  expr,
  field: { ...field, custom: { ...coloured_cell, ...field.custom } },
});
const left = column('Budget left', budget_left, {
  unit: 'percentunit',
  decimals: 1,
  min: 0,
  max: 1,
  ...by_budget,
  custom: { ...bar_cell, minWidth: 140 },
});

const columns: Column[] = [
  labelled('SLO', 'slo'),
  ...target_columns,
  column('Objective', recorded('slo:objective:ratio'), {
    unit: 'percentunit',
    decimals: 2,
    custom: { cellOptions: { type: 'auto' } },
  }),
  left,
  column('Burn 5m', burn_rate('5m'), { unit: 'suffix:×', decimals: 1, ...by_burn_rate }),
  column('Burn 1h', burn_rate('1h'), { unit: 'suffix:×', decimals: 1, ...by_burn_rate }),
  column('Burn 6h', burn_rate('6h'), { unit: 'suffix:×', decimals: 1, ...by_burn_rate }),
  column('Burn 3d', burn_rate('3d'), { unit: 'suffix:×', decimals: 1, ...by_burn_rate }),
];

const burning = (window: string, description: string) =>
  lines({
    empty: no_objectives,
    title: `Burn rate over ${window}`,
    description: `${description} At 1 the budget lasts exactly for its period. ${from_rules}`,
    unit: 'suffix:×',
    expressions: { [legendFormat]: burn_rate(window) },
    sorted: { by: 'lastNotNull', desc: true },
    field: { ...by_burn_rate, color: { mode: 'palette-classic-by-name' } },
    custom: { thresholdsStyle: { mode: 'dashed' }, axisSoftMax: 2 },
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
        empty: no_objectives,
        title: 'Objectives missed',
        description: `Objectives whose error budget of the whole period is spent. ${from_rules}`,
        unit: 'none',
        expr: how_many(budget_left, '<= 0'),
        field: thresholds([null, 'green'], [1, 'red']),
      }),
      figure({
        empty: no_objectives,
        title: 'Spending too fast now',
        description: `Objectives that, as in the last hour, would not last to the end of their period. ${from_rules}`,
        unit: 'none',
        expr: how_many(`(${burn_rate('1h')})`, '> 1'),
        field: thresholds([null, 'green'], [1, 'yellow']),
      }),
      figure({
        empty: no_objectives,
        title: 'Least budget left',
        description: `What is left of the budget that is nearest to its end; below 0 it is overspent. ${from_rules}`,
        unit: 'percentunit',
        expr: aggregate('min', budget_left),
        field: { ...by_budget, decimals: 1 },
      }),
      figure({
        empty: no_objectives,
        title: 'Objectives',
        description: `How many are measured, each for its target. ${from_rules}`,
        unit: 'none',
        expr: aggregate('count', budget_left),
        field: neutral,
      }),
    ]),
    row(11, [
      table({
        title: 'Objectives, the least budget first',
        description: `A burn rate says how many times faster than the objective allows the budget was spent in that time: above 14.4 in an hour or 6 in six hours is a reason to wake someone. ${from_rules}`,
        columns,
        sort: { by: left, desc: false },
      }),
    ]),
    'History',
    row(10, [
      lines({
        empty: no_objectives,
        title: 'Budget left',
        description: `Of the rolling period, usually 30 days. Bad attempts older than that leave it, so that it also rises; below -100 % it is cut off. ${from_rules}`,
        unit: 'percentunit',
        field: { min: -1, max: 1, ...by_budget, color: { mode: 'palette-classic-by-name' } },
        expressions: { [legendFormat]: budget_left },
        sorted: { by: 'lastNotNull', desc: false },
      }),
      lines({
        empty: no_objectives,
        title: 'Share of bad attempts',
        description: `Failed, or slower than the threshold, of the attempts that were judged, over an hour. ${from_rules}`,
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
    row(9, [
      bars({
        empty: no_objectives,
        title: 'Bad attempts',
        description:
          'The ten objectives with the most bad attempts over the whole time shown, as the daemon counted them.',
        unit: 'short',
        expr: `sort_desc(topk(10, ${increase('llm_probe_slo_bad_events_total', { by: by_slo, over: shown })}))`,
        legendFormat,
        field: { min: 0, decimals: 0, ...neutral },
      }),
      bars({
        empty: no_objectives,
        title: 'Attempts judged',
        description:
          'The ten objectives with the fewest attempts over the whole time shown: of few attempts, each one that is bad costs much of the budget.',
        unit: 'short',
        expr: `sort(bottomk(10, ${increase('llm_probe_slo_events_total', { by: by_slo, over: shown })}))`,
        legendFormat,
        field: { min: 0, decimals: 0, ...neutral },
      }),
      bars({
        empty: no_objectives,
        title: 'Attempts not judged',
        description:
          'The ten objectives with the most attempts that say nothing about them over the whole time shown: our own errors and suspect ones.',
        unit: 'short',
        expr: `sort_desc(topk(10, ${increase('llm_probe_slo_not_judged_total', { by: by_slo, over: shown })}))`,
        legendFormat,
        field: { min: 0, decimals: 0, ...neutral },
      }),
    ]),
    row(8, [
      lines({
        empty: no_objectives,
        title: 'Latency thresholds',
        description:
          'The thresholds in the configuration of objectives that have one: a change of the configuration shows as a step.',
        unit: 's',
        expressions: { '{{slo}}': aggregate('max', series('llm_probe_slo_threshold_seconds'), ['slo']) },
      }),
      lines({
        empty: no_objectives,
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
