#pragma once

#include <string_view>

namespace inferometer::web {

/// The stylesheet of the status page. On a narrow screen each row of the table becomes a card.
inline constexpr std::string_view k_status_style = R"(
:root {
  color-scheme: light dark;
  --page: #f5f6f8; --card: #fff; --ink: #1a2230; --dim: #596475; --line: #e1e5eb; --link: #1f55c4;
  --good: #116b3c; --good-fill: #e2f4e9; --bad: #b3231b; --bad-fill: #fde9e7; --bad-row: #fff7f6;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #10141a; --card: #181e27; --ink: #e5e9f0; --dim: #98a3b3; --line: #29313d; --link: #8db2ff;
    --good: #74d6a0; --good-fill: #143424; --bad: #ff9d93; --bad-fill: #421d1a; --bad-row: #211b20;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; padding: 1.5rem; max-width: 90rem; background: var(--page); color: var(--ink);
  font: 15px/1.45 system-ui, sans-serif;
}
a { color: var(--link); }
header { display: flex; flex-wrap: wrap; align-items: baseline; gap: .25rem 1rem; }
h1 { margin: 0; font-size: 1.5rem; letter-spacing: -.01em; }
header p { margin: 0; color: var(--dim); }
nav { display: flex; flex-wrap: wrap; gap: .25rem 1rem; margin: .5rem 0 1.25rem; }
.overview { margin: 0 0 1.25rem; font-size: 1.1rem; }
.overview strong.bad { color: var(--bad); }
table {
  width: 100%; border-collapse: separate; border-spacing: 0; background: var(--card);
  border: 1px solid var(--line); border-radius: .6rem; overflow: hidden;
}
th, td { padding: .5rem .7rem; text-align: left; vertical-align: top; }
thead th { color: var(--dim); font-size: .8rem; font-weight: 600; white-space: nowrap; }
thead tr:first-child th { padding-bottom: 0; }
thead .number, td.number { text-align: right; }
td { border-top: 1px solid var(--line); }
td.number { white-space: nowrap; font-variant-numeric: tabular-nums; }
td.name { min-width: 7.5rem; overflow-wrap: anywhere; }
td.result { color: var(--dim); }
.failing td { background: var(--bad-row); }
.badge {
  display: inline-block; padding: 0 .5em; border: 1px solid var(--line); border-radius: 1em;
  font-size: .85rem; font-weight: 600; white-space: nowrap;
}
.badge.good { color: var(--good); background: var(--good-fill); border-color: transparent; }
.badge.bad { color: var(--bad); background: var(--bad-fill); border-color: transparent; }
time { white-space: nowrap; }
.detail { display: block; max-width: 40rem; font-size: .85rem; overflow-wrap: anywhere; }
footer { margin-top: 1.25rem; color: var(--dim); font-size: .9rem; }
code { overflow-wrap: anywhere; }
@media (max-width: 60rem) {
  body { padding: 1rem; }
  thead { display: none; }
  table, tbody { display: block; background: none; border: 0; }
  tr {
    display: grid; grid-template-columns: repeat(3, minmax(0, 1fr)); gap: .6rem .8rem;
    margin-bottom: .8rem; padding: .8rem; background: var(--card); border: 1px solid var(--line);
    border-radius: .6rem;
  }
  tr.failing { border-color: var(--bad); }
  td, td.number, .failing td { padding: 0; border: 0; background: none; text-align: left; }
  td::before {
    content: attr(data-label); display: block; color: var(--dim); font-size: .75rem; font-weight: 600;
  }
  td.name { min-width: 0; }
  td.result { grid-column: 1 / -1; }
}
)";

}  // namespace inferometer::web
