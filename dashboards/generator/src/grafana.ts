/**
 * The JSON of a dashboard as types. They are Grafana's own where it has some, made strict: an option
 * that does not exist would be dropped by Grafana without a word, so it must not compile.
 */
import type * as schema from '@grafana/schema';
import type * as bargauge from '@grafana/schema/dist/esm/raw/composable/bargauge/panelcfg/x/BarGaugePanelCfg_types.gen';
import type * as heatmap from '@grafana/schema/dist/esm/raw/composable/heatmap/panelcfg/x/HeatmapPanelCfg_types.gen';
import type * as stat from '@grafana/schema/dist/esm/raw/composable/stat/panelcfg/x/StatPanelCfg_types.gen';
import type * as table from '@grafana/schema/dist/esm/raw/composable/table/panelcfg/x/TablePanelCfg_types.gen';
import type * as timeseries from '@grafana/schema/dist/esm/raw/composable/timeseries/panelcfg/x/TimeSeriesPanelCfg_types.gen';

/** Enumerations as the strings that stand in the JSON, and every member optional. */
export type Loose<T> = T extends string
  ? `${T}`
  : T extends number | boolean | null | undefined
    ? T
    : T extends (infer U)[]
      ? Loose<U>[]
      : T extends object
        ? { [K in keyof T]?: Loose<T[K]> | undefined }
        : T;

/** The kinds of panels: their options, and the options of their fields. */
interface Kinds {
  bargauge: { options: bargauge.Options; custom: object };
  heatmap: { options: heatmap.Options; custom: heatmap.FieldConfig };
  stat: { options: stat.Options; custom: object };
  table: { options: table.Options; custom: table.FieldConfig };
  timeseries: { options: timeseries.Options; custom: timeseries.FieldConfig };
}
export type Kind = keyof Kinds;
export type Options<K extends Kind> = Loose<Kinds[K]['options']>;
export type Custom<K extends Kind> = Loose<Kinds[K]['custom']>;

/** The units in use; Grafana takes any text and shows one that it does not know as it is. */
export type Unit =
  's' | 'percentunit' | 'bytes' | 'short' | 'none' | 'string' | 'dateTimeFromNow' | `suffix:${string}`;
export type Threshold = [from: number | null, color: 'green' | 'yellow' | 'orange' | 'red' | 'blue' | 'text'];
export interface Link {
  title: string;
  url: string;
  targetBlank?: boolean;
}

type SchemaField = Pick<
  schema.FieldConfig,
  'decimals' | 'min' | 'max' | 'noValue' | 'color' | 'mappings' | 'thresholds'
>;
/** How the values of a field are shown: for a whole panel, or as an override for one of its fields. */
export type Field<K extends Kind> = Loose<SchemaField> & {
  unit?: Unit;
  links?: Link[];
  custom?: Custom<K>;
  /** Whether the range of a gauge is that of its own column, in the place of all numbers. */
  fieldMinMax?: boolean;
};

export interface Override {
  matcher: { id: 'byName' | 'byRegexp' | 'byFrameRefID'; options: string; scope?: 'series' | 'exemplar' };
  properties: { id: string; value: unknown }[];
}

export interface Target {
  expr: string;
  legendFormat?: string;
  format?: 'time_series' | 'table' | 'heatmap';
  instant?: boolean;
  exemplar?: boolean;
}

export type Transformation =
  | { id: 'merge'; options: Record<string, never> }
  | {
      id: 'organize';
      options: {
        excludeByName: Record<string, boolean>;
        indexByName: Record<string, number>;
        renameByName: Record<string, string>;
      };
    };

export interface Panel<K extends Kind> {
  type: K;
  title: string;
  description: string;
  datasource: schema.DataSourceRef;
  interval?: string;
  maxDataPoints?: number;
  targets: (Target & { refId: string; range: boolean; datasource: schema.DataSourceRef })[];
  transformations?: Transformation[];
  fieldConfig: { defaults: Field<K>; overrides: Override[] };
  options: Options<K>;
}
export type AnyPanel = { [K in Kind]: Panel<K> }[Kind];
export interface Section {
  type: 'row';
  title: string;
  collapsed: boolean;
  panels: [];
}
export type Placed<P> = P & { id: number; gridPos: Required<Omit<schema.GridPos, 'static'>> };

export type Variable = Loose<Omit<schema.VariableModel, 'query'>> & {
  name: string;
  label: string;
  query: string | { query: string; refId: string };
};

export interface Annotation {
  name: string;
  datasource: schema.DataSourceRef;
  enable: boolean;
  iconColor: string;
  expr: string;
  titleFormat: string;
  useValueForTime: 'on';
  step: string;
}

export type Dashboard = Loose<
  Pick<
    schema.Dashboard,
    'graphTooltip' | 'refresh' | 'schemaVersion' | 'tags' | 'time' | 'timezone' | 'editable' | 'links'
  >
> & {
  uid: string;
  title: string;
  description: string;
  annotations: { list: Annotation[] };
  templating: { list: Variable[] };
  panels: Placed<AnyPanel | Section>[];
};
