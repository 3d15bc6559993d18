/** Tables: a row for each set of labels, a column for each label and each query. */
import type { Custom, Field, Link, Panel } from './grafana.js';
import { named, whereEmpty } from './looks.js';
import { type Common, panel, refId } from './panels.js';

export interface Column {
  name: string;
  /** A column of figures has an expression, one of a label has none. */
  expr?: string;
  label?: string;
  field: Field<'table'>;
  /** What an empty cell says. */
  empty?: string;
}
/** The column of a label, whose cells may be links. */
export const labelled = (
  name: string,
  label: string,
  links: Link[] = [],
  custom: Custom<'table'> = { minWidth: 110 },
): Column => ({ name, label, field: { unit: 'string', links, custom } });
/** Leads to the dashboard of what a row is about, by those of its columns that choose it. */
export const toProvider = (...columns: ('Provider' | 'Model' | 'Workload')[]): Link[] => {
  const chosen = columns.map((name) => `var-${name.toLowerCase()}=\${__data.fields.${name}:percentencode}`);
  const url = `/d/inferometer-provider?${chosen.join('&')}&\${datasource:queryparam}&\${__url_time_range}`;
  return [{ title: 'Look at this provider', url }];
};
export const targetColumns = [
  labelled('Provider', 'provider', toProvider('Provider', 'Model', 'Workload')),
  labelled('Model', 'model'),
  labelled('Workload', 'workload', [], { width: 115 }),
];
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
        overrides: columns.map(({ name, field, empty }) =>
          named<'table'>(name, empty ? whereEmpty(empty, 'transparent', field) : field),
        ),
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
