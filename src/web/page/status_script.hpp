#pragma once

#include <string_view>

namespace inferometer::web {

/// What the status page does beyond a page without scripts: it fetches itself anew and replaces
/// only the rows that changed, so that scroll position, focus and selection stay; filters while one
/// types; keeps relative times true; and says so when the daemon no longer answers.
inline constexpr std::string_view k_status_script = R"js(
'use strict';
(() => {
  const get = (id) => document.getElementById(id);
  const live = get('live');
  const input = document.querySelector('input[name=filter]');
  const skew = Date.parse(document.body.dataset.now) - Date.now();
  let period = 1000 * document.body.dataset.refresh;
  let timer = 0;
  let request = null;
  let silentSince = 0;
  let next = Date.now() + period;

  const span = (seconds) =>
    seconds < 60 ? `${seconds} s` : seconds < 3600 ? `${Math.floor(seconds / 60)} min`
    : seconds < 86400 ? `${Math.floor(seconds / 3600)} h` : `${Math.floor(seconds / 86400)} d`;

  const showTimes = () => {
    const now = Date.now() + skew;
    for (const time of document.querySelectorAll('time')) {
      const seconds = Math.floor((now - Date.parse(time.dateTime)) / 1000);
      const words = seconds < 0 ? `in ${span(-seconds)}` : `${span(seconds)} ago`;
      if (time.textContent !== words) time.textContent = words;
    }
  };

  const words = (text) => text.toLowerCase().replaceAll('_', ' ');
  const showMatches = () => {
    const rows = document.querySelectorAll('tbody tr');
    const asked = input ? words(input.value).split(' ') : [];
    let shown = 0;
    for (const row of rows) {
      const text = words(`${row.className}\n${row.cells[0].textContent}\n${row.cells[1].textContent}`);
      row.hidden = !asked.every((word) => text.includes(word));
      shown += row.hidden ? 0 : 1;
    }
    const count = get('count');
    if (count) count.textContent = asked.join('') ? `${shown} shown` : '';
  };

  const replace = (id, fresh) => {
    const from = fresh.getElementById(id);
    const to = get(id);
    if (from && to && from.innerHTML !== to.innerHTML) to.innerHTML = from.innerHTML;
  };

  // What a row says apart from how long ago it was.
  const lasting = (row) => row.innerHTML.replace(/>[^<]*<\/time>/g, '>');
  const key = (row) => row.cells[0].textContent;

  const replaceRows = (fresh) => {
    const to = document.querySelector('tbody');
    const from = fresh.querySelector('tbody');
    const head = document.querySelector('thead');
    if (!to || !from || head.innerHTML !== fresh.querySelector('thead').innerHTML) {
      replace('targets', fresh);
      return;
    }
    const had = new Map([...to.rows].map((row) => [key(row), row]));
    let at = to.firstElementChild;
    for (const row of [...from.rows]) {
      const old = had.get(key(row));
      had.delete(key(row));
      const same = old && old.className === row.className && lasting(old) === lasting(row);
      if (same && old === at) {
        at = at.nextElementSibling;
        continue;
      }
      to.insertBefore(same ? old : row, at);
      if (old && !same) {
        if (old === at) at = at.nextElementSibling;
        old.remove();
      }
    }
    for (const row of had.values()) row.remove();
  };

  const take = (text) => {
    const fresh = new DOMParser().parseFromString(text, 'text/html');
    if (!fresh.getElementById('targets')) throw new Error('not the page');
    document.title = fresh.title;
    document.querySelector('link[rel=icon]').href = fresh.querySelector('link[rel=icon]').href;
    for (const id of ['about', 'notes', 'totals']) replace(id, fresh);
    replaceRows(fresh);
    period = 1000 * fresh.body.dataset.refresh;
    silentSince = 0;
  };

  const showLive = () => {
    const silence = silentSince && Date.now() - silentSince;
    document.body.classList.toggle('stale', silence > 5000);
    live.textContent = silence > 5000
      ? `no answer for ${span(Math.floor(silence / 1000))}: this is what was then`
      : `live, every ${span(period / 1000)}`;
  };

  const refresh = async () => {
    clearTimeout(timer);
    request?.abort();
    const mine = request = new AbortController();
    const limit = setTimeout(() => mine.abort(), 15000);
    try {
      const reply = await fetch(location.href, {
        headers: {Accept: 'text/html'}, cache: 'no-store', signal: mine.signal});
      const text = await reply.text();
      if (mine !== request) return;
      if (!reply.ok) throw new Error(reply.statusText);
      take(text);
      showMatches();
      showTimes();
    } catch {
      if (mine !== request) return;
      silentSince ||= Date.now();
    } finally {
      clearTimeout(limit);
    }
    plan(period);
  };

  const plan = (delay) => {
    clearTimeout(timer);
    next = Date.now() + delay;
    timer = setTimeout(() => (busy() ? plan(1000) : refresh()), delay);
  };

  // The page is hidden, or a selection would be replaced.
  const busy = () => document.hidden || !getSelection().isCollapsed;

  input?.addEventListener('input', () => {
    const url = new URL(location.href);
    url.search = input.value ? `?filter=${encodeURIComponent(input.value)}` : '';
    history.replaceState(null, '', url);
    showMatches();
    plan(300);
  });
  input?.form.addEventListener('submit', (event) => {
    event.preventDefault();
    refresh();
  });
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden && Date.now() >= next) refresh();
  });
  document.documentElement.classList.add('scripted');
  showTimes();
  showMatches();
  showLive();
  setInterval(() => {
    if (document.hidden) return;
    showLive();
    showTimes();
  }, period / 5);
  plan(period);
})();
)js";

/// Base64 of its SHA-256 digest, for a Content-Security-Policy.
inline constexpr std::string_view k_status_script_sha256 =
    "oTqilbvm7sT70c0CkiB5l7JGTuPTEzEDfySfjj4wqVY=";

}  // namespace inferometer::web
