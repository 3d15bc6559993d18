#pragma once

#include <string_view>

namespace inferometer::web {

/// What the page of a measurement adds to k_page_style.
inline constexpr std::string_view k_measurement_style = R"(
:root { --setup: #8592a6; --wait: #b97a10; --text: #1f55c4; --grid: #e9edf2; }
@media (prefers-color-scheme: dark) {
  :root { --setup: #7d8a9e; --wait: #d9a441; --text: #8db2ff; --grid: #232b36; }
}
h2 { margin: 1.25rem 0 .5rem; font-size: 1.05rem; }
h2.target { margin-top: 0; font-size: 1.25rem; overflow-wrap: anywhere; }
.overview .badge { font-size: .95rem; }
.overview .detail { margin-top: .35rem; font-size: 1rem; }
.picture {
  margin: 0; padding: .8rem 8rem .6rem 5.5rem; background: var(--card); overflow: hidden;
  border: 1px solid var(--line); border-radius: .6rem;
}
.picture figcaption { margin: .4rem -7rem 0 -4.5rem; color: var(--dim); font-size: .85rem; }
.timeline { display: block; overflow: visible; font-size: 13px; }
.timeline text { fill: var(--ink); font-variant-numeric: tabular-nums; }
.timeline .name { text-anchor: end; fill: var(--dim); }
.timeline .label { text-anchor: middle; fill: var(--dim); font-size: 12px; }
.timeline text.ttft { fill: var(--ink); font-weight: 700; }
.timeline text.failed { fill: var(--bad); font-weight: 600; }
.timeline .grid { stroke: var(--grid); }
.timeline rect { stroke-width: 1.5; }
.timeline rect.setup { fill: var(--setup); stroke: var(--setup); }
.timeline rect.wait { fill: var(--wait); stroke: var(--wait); }
.timeline rect.text { fill: var(--text); stroke: var(--text); }
.timeline rect.failed { fill: var(--bad-fill); stroke: var(--bad); stroke-dasharray: 5 3; }
.timeline line.ttft { stroke: var(--ink); stroke-width: 2; }
.timeline .first { stroke: var(--ink); stroke-dasharray: 2 3; }
.timeline .tick { stroke: var(--text); vector-effect: non-scaling-stroke; }
.timeline .stall {
  fill: var(--bad-fill); stroke: var(--bad); stroke-dasharray: 5 3;
  vector-effect: non-scaling-stroke;
}
.timeline .stalled { fill: var(--bad); font-weight: 600; font-size: 12px; }
.timeline .from { text-anchor: start; }
.timeline .around { text-anchor: middle; }
.timeline .to { text-anchor: end; }
.columns {
  display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 20rem), 1fr));
  gap: 0 1.25rem; align-items: start;
}
section { min-width: 0; }
.plain {
  width: 100%; border-collapse: separate; border-spacing: 0; background: var(--card);
  border: 1px solid var(--line); border-radius: .6rem; font-size: .93rem;
}
.plain th, .plain td {
  padding: .3rem .6rem; text-align: left; vertical-align: top; border-top: 1px solid var(--line);
}
.plain tr:first-child > * { border-top: 0; }
.plain thead + tbody tr:first-child > * { border-top: 1px solid var(--line); }
.plain .number { text-align: right; font-variant-numeric: tabular-nums; }
.plain td.number { white-space: nowrap; }
.plain tbody th { color: var(--dim); font-weight: 400; }
.plain td { overflow-wrap: anywhere; }
.plain thead th {
  color: var(--dim); font-size: .8rem; font-weight: 600; white-space: normal; vertical-align: bottom;
}
.plain th + td:not(.number) { width: 62%; }
@media (max-width: 40rem) {
  .picture { padding: .6rem 7.2rem .5rem 4.6rem; }
  .picture figcaption { margin: .4rem -6.7rem 0 -4.1rem; }
  .timeline { font-size: 12px; }
  .timeline .odd { display: none; }
}
)";

}  // namespace inferometer::web
