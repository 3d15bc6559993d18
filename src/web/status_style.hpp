#pragma once

#include <string_view>

namespace inferometer::web {

/// What the status page adds to k_page_style. The columns have fixed widths, so that nothing moves
/// as figures change; on a narrow screen each row becomes a card.
inline constexpr std::string_view k_status_style = R"(
#live { margin-left: auto; }
.stale #live { color: var(--bad); font-weight: 600; }
.stale #targets { opacity: .5; }
#totals { display: flex; flex-wrap: wrap; gap: .3rem 1.6rem; margin-bottom: .8rem; }
#totals a { color: var(--ink); text-decoration: none; white-space: nowrap; }
#totals a:hover { text-decoration: underline; }
#totals b { font-size: 1.5rem; font-variant-numeric: tabular-nums; }
#totals .none { color: var(--dim); }
#totals .none b { font-weight: 400; }
#totals .bad { color: var(--bad); }
#totals .warn { color: var(--warn); }
form { display: flex; flex-wrap: wrap; align-items: center; gap: .5rem; margin: 0 0 .9rem; }
input, button { font: inherit; color: inherit; }
input {
  flex: 0 1 26rem; min-width: 0; padding: .3rem .6rem; background: var(--card);
  border: 1px solid var(--line); border-radius: .4rem;
}
button {
  padding: .3rem .8rem; background: var(--card); border: 1px solid var(--line); border-radius: .4rem;
}
.scripted button { display: none; }
#count, .more { color: var(--dim); }
table {
  width: 100%; table-layout: fixed; border-collapse: separate; border-spacing: 0;
  background: var(--card); border: 1px solid var(--line); border-radius: .5rem; font-size: .9rem;
}
col.name { width: 17%; }
col.result { width: 24%; }
col.history { width: 11.4rem; }
col.figure { width: 5.1rem; }
col.count { width: 4.6rem; }
th, td { padding: .34rem .55rem; text-align: right; vertical-align: top; }
thead th {
  position: sticky; top: 0; z-index: 1; background: var(--card); color: var(--dim);
  font-size: .8rem; font-weight: 600; white-space: nowrap; border-bottom: 1px solid var(--line);
  border-radius: .5rem .5rem 0 0;
}
thead th:nth-child(-n+3), tbody th, td.result, td.history { text-align: left; }
tbody tr + tr > * { border-top: 1px solid var(--line); }
tbody th { font-weight: 400; overflow-wrap: anywhere; line-height: 1.35; }
tbody th b { display: block; font-weight: 600; }
tbody th i { color: var(--dim); font-style: normal; }
tbody th i::before { content: "· "; }
td { white-space: nowrap; font-variant-numeric: tabular-nums; }
td.result { white-space: normal; color: var(--dim); }
td.result b { color: var(--ink); font-weight: 600; }
td.result p { margin: .1rem 0 0; }
td.result .badge.good { padding: 0; font-weight: 400; background: none; border: 0; }
td.result a { color: inherit; }
td.p50 { font-weight: 600; }
td.none { color: var(--dim); font-weight: 400; opacity: .75; }
td.bad { color: var(--bad); font-weight: 600; }
td.warn { color: var(--warn); font-weight: 600; }
td .badge { font-size: .95em; }
.failing > * { background: var(--bad-row); }
.failing td.failed { color: var(--bad); }
td.history { padding-top: .45rem; padding-bottom: .2rem; }
.line { display: block; width: 10.3rem; height: 1.25rem; overflow: visible; }
.line path {
  fill: none; stroke: var(--link); stroke-width: 1.25; stroke-linejoin: round;
  stroke-linecap: round; vector-effect: non-scaling-stroke;
}
.ticks { display: flex; justify-content: flex-end; width: 10.3rem; height: 1.05rem; }
.ticks > * {
  width: 3.3333%; border: solid transparent; border-width: .5rem .5px .1rem; background: var(--tick);
  background-clip: padding-box;
}
.ticks > .f { border-top-width: 0; background-color: var(--tick-bad); }
.ticks > .s { border-top-width: .25rem; background-color: var(--tick-warn); }
.ticks > a:hover { background-color: var(--link); }
.empty { max-width: 50rem; }
pre { padding: .7rem .9rem; background: var(--card); border: 1px solid var(--line); overflow-x: auto; }
@media (max-width: 88rem) {
  col:nth-child(6), thead th:nth-child(6), td.p99 { display: none; }
}
@media (max-width: 64rem) {
  body { font-size: 16px; }
  #live { margin-left: 0; }
  thead, colgroup { display: none; }
  table, tbody { display: block; background: none; border: 0; font-size: .94rem; }
  tr {
    display: grid; grid-template-columns: repeat(4, minmax(0, 1fr)); gap: .5rem .7rem;
    margin-bottom: .6rem; padding: .65rem .75rem; background: var(--card);
    border: 1px solid var(--line); border-radius: .5rem;
  }
  tr[hidden] { display: none; }
  tr.failing { border-color: var(--tick-bad); background: var(--bad-row); }
  tbody th, tbody td, tbody tr + tr > *, .failing > * {
    padding: 0; border: 0; background: none; text-align: left;
  }
  tbody th, td.result, td.history { grid-column: 1 / -1; }
  td.p99 { display: block; }
  tbody th b { display: inline; }
  .line, .ticks { width: 100%; }
  .line { height: 1.6rem; }
  .ticks { height: 1.4rem; }
  td::before { display: block; color: var(--dim); font-size: .75rem; font-weight: 400; }
  td.p50::before { content: "TTFT p50"; }
  td.whole.p50::before { content: "Time p50"; }
  td.p95::before { content: "p95"; }
  td.p99::before { content: "p99"; }
  td.itl::before { content: "ITL p50"; }
  td.speed::before { content: "Tok/s"; }
  td.attempts::before { content: "Attempts"; }
  td.failed::before { content: "Failed"; }
  td.suspects::before { content: "Suspect"; }
  td.skipped::before { content: "Skipped"; }
  td.next::before { content: "Next"; }
  td.queue::before { content: "Queue"; }
  td.cert::before { content: "Cert."; }
}
)";

}  // namespace inferometer::web
