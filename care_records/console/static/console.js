// What the pages do by themselves: clocks that run, fragments that carry the form token, news that does not count as use.
(() => {
  "use strict";

  const token = () => document.querySelector('meta[name="csrf-token"]').content;

  document.addEventListener("htmx:config:request", (event) => {
    const { request } = event.detail.ctx;
    if (request.method !== "GET") request.headers["X-CSRFToken"] = token();
    if (event.target.closest("[data-live]")) request.headers["Careline-Live"] = "1";
  });

  // A page that cannot get its news says so, instead of showing what was true a while ago.
  const isLive = (event) => event.target.closest?.("[data-live]:not([hx-sse\\:connect])");
  const stale = (event, is) => {
    const notice = document.getElementById("stale");
    if (notice && isLive(event)) notice.hidden = !is;
  };
  ["htmx:response:error", "htmx:error"].forEach((name) => document.addEventListener(name, (event) => stale(event, true)));
  document.addEventListener("htmx:after:swap", (event) => {
    if (event.detail.ctx?.response?.raw.ok) stale(event, false);
  });

  // Whoever types or reads for long is there all the same, and is not signed out.
  const HERE_MS = 5 * 60 * 1000;
  let said = Date.now();
  const here = () => {
    if (!document.getElementById("live") || Date.now() - said < HERE_MS) return;
    said = Date.now();
    fetch(document.getElementById("live").dataset.here, { method: "POST", headers: { "X-CSRFToken": token() } }).catch(() => {});
  };
  ["keydown", "pointerdown", "wheel"].forEach((name) => document.addEventListener(name, here, { passive: true }));

  const two = (number) => String(number).padStart(2, "0");

  const span = (seconds) => {
    const hours = Math.floor(seconds / 3600);
    const rest = `${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
    return hours ? `${hours}:${rest}` : rest;
  };

  const run = (timer) => {
    const seconds = Math.round((Date.now() - Date.parse(timer.dateTime)) / 1000);
    const down = timer.dataset.timer === "down";
    timer.classList.toggle("overdue", down && seconds > 0);
    timer.textContent = down && seconds > 0 ? `+${span(seconds)}` : span(Math.abs(seconds));
  };

  const runAll = () => document.querySelectorAll("[data-timer]").forEach(run);
  document.addEventListener("DOMContentLoaded", runAll);
  document.addEventListener("htmx:after:swap", runAll);
  setInterval(runAll, 1000);
})();
