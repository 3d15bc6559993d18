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
  display: block; background: var(--card); border: 1px solid var(--line); border-radius: .5rem;
  font-size: .9rem; --p99: 4.7rem;
}
thead, tbody { display: block; }
tr {
  display: grid; padding: 0 .25rem;
  grid-template-columns:
    minmax(10rem, 3fr) minmax(12rem, 4fr) 10.4rem 4.9rem 4.7rem var(--p99) repeat(2, 4.7rem)
    5rem repeat(3, 4.4rem) var(--more,);
}
tbody tr { content-visibility: auto; contain-intrinsic-size: auto 3.1rem; }
tr[hidden] { display: none; }
th, td { padding: .34rem .45rem; text-align: right; min-width: 0; }
thead { position: sticky; top: 0; z-index: 1; background: var(--card); border-radius: .5rem .5rem 0 0; }
thead tr { border-bottom: 1px solid var(--line); }
thead th { color: var(--dim); font-size: .75rem; font-weight: 600; white-space: nowrap; }
thead th:nth-child(-n+3), tbody th, td.result, td.history { text-align: left; }
tbody tr + tr { border-top: 1px solid var(--line); }
tbody th { font-weight: 400; overflow-wrap: anywhere; line-height: 1.35; }
tbody th b { display: block; font-weight: 600; }
tbody th i { color: var(--dim); font-style: normal; }
tbody th i::before { content: "· "; }
td { white-space: nowrap; font-variant-numeric: tabular-nums; }
td.result { white-space: normal; color: var(--dim); }
td.result b { color: var(--ink); font-weight: 600; }
td.result p { margin: .1rem 0 0; }
td.result .good { color: var(--good); }
td.result a { color: inherit; }
td.p50 { font-weight: 600; }
td.none { color: var(--faint); font-weight: 400; }
td.bad { color: var(--bad); font-weight: 600; }
td.warn { color: var(--warn); font-weight: 600; }
td .badge { font-size: .95em; }
.failing { background: var(--bad-row); }
.failing td.failed { color: var(--bad); }
td.history { padding-top: .45rem; padding-bottom: .2rem; }
.line { display: block; width: 9.4rem; height: 1.25rem; overflow: visible; }
.line path {
  fill: none; stroke: var(--link); stroke-width: 1.25; stroke-linejoin: round;
  stroke-linecap: round; vector-effect: non-scaling-stroke;
}
.ticks { display: flex; justify-content: flex-end; width: 9.4rem; height: 1.05rem; }
.ticks > * {
  width: 3.3333%; border: solid transparent; border-width: .5rem .5px .1rem; background: var(--tick);
  background-clip: padding-box;
}
.ticks > .r {
  width: calc(var(--n) * 3.3333%); border-width: .5rem 0 .1rem; background: 0 0 / calc(100% / var(--n)) 100%
    linear-gradient(90deg, transparent .5px, var(--tick) .5px calc(100% - .5px), transparent 0);
  background-clip: padding-box;
}
.ticks > .f { border-top-width: 0; background-color: var(--tick-bad); }
.ticks > .s { border-top-width: .25rem; background-color: var(--tick-warn); }
.ticks > a:hover { background-color: var(--link); }
.empty { max-width: 50rem; }
pre { padding: .7rem .9rem; background: var(--card); border: 1px solid var(--line); overflow-x: auto; }
@media (max-width: 92rem) {
  table { --p99: ; }
  thead th:nth-child(6), td.p99 { display: none; }
}
@media (max-width: 87rem) {
  body { font-size: 16px; }
  #live { margin-left: 0; }
  thead { display: none; }
  table { background: none; border: 0; font-size: .94rem; }
  tbody {
    display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 21rem), 1fr));
    gap: .6rem; align-items: start;
  }
  tbody tr, tbody tr + tr {
    grid-template-columns: repeat(4, minmax(0, 1fr)); gap: .5rem .7rem;
    padding: .65rem .75rem; background: var(--card); border: 1px solid var(--line);
    border-radius: .5rem; contain-intrinsic-size: auto 12rem;
  }
  tbody tr.failing { border-color: var(--tick-bad); background: var(--bad-row); }
  tbody th, tbody td { padding: 0; text-align: left; }
  tbody th, td.result, td.history { grid-column: 1 / -1; }
  td.p99 { display: block; }
  td.none { display: none; }
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
