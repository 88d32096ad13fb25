// Keeps a page up to date: after an event of the server it reads the page again, and replaces
// the parts that have changed. Without it everything works; it has to be reloaded then.
"use strict";
(() => {
  const body = document.body;
  const connection = document.getElementById("connection");
  const announce = document.getElementById("announce");
  const pause = 1500; // between two refreshes, in ms
  const kinds = ["job", "divergence", "stage", "audit", "resync"];

  const error = document.querySelector("[data-focus]");
  if (error) error.focus();

  for (const form of document.forms) {
    form.addEventListener("submit", (event) => {
      if (form.dataset.sent) event.preventDefault();
      form.dataset.sent = "yes";
      if (event.submitter) event.submitter.setAttribute("aria-busy", "true");
    });
  }
  window.addEventListener("pageshow", () => {
    for (const form of document.forms) delete form.dataset.sent;
    for (const button of document.querySelectorAll("[aria-busy]")) button.removeAttribute("aria-busy");
  });

  if (!body.dataset.events || !window.EventSource) return;
  let events = null;
  let retry = 1000;
  let updated = new Date();

  function say(state, words) {
    if (connection.dataset.state === state && state !== "lost") return;
    connection.dataset.state = state;
    connection.querySelector(".connection-text").textContent = words;
    body.classList.toggle("stale", state === "lost");
  }

  // replace puts new contents into a part, and keeps the focus and what was scrolled.
  function replace(old, fresh) {
    if (old.outerHTML === fresh.outerHTML) return;
    const focused = old.contains(document.activeElement) ? document.activeElement : null;
    const scrolled = [...old.querySelectorAll(".wide")].map((e) => e.scrollLeft);
    const href = focused && focused.getAttribute("href");
    old.replaceWith(fresh);
    fresh.querySelectorAll(".wide").forEach((e, i) => { e.scrollLeft = scrolled[i] || 0; });
    if (href) {
      const again = [...fresh.querySelectorAll("a")].find((a) => a.getAttribute("href") === href);
      if (again) again.focus({ preventScroll: true });
    }
  }

  let waiting = null;
  let isReading = false;
  let wanted = false;
  async function refresh() {
    waiting = null;
    if (isReading) { wanted = true; return; }
    isReading = true;
    try {
      const answer = await fetch(location.href, { headers: { Accept: "text/html" }, cache: "no-store" });
      if (answer.redirected) { location.reload(); return; }
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (answer.ok) {
        for (const part of document.querySelectorAll("[data-live]")) {
          const other = fresh.getElementById(part.id);
          if (other) replace(part, document.adoptNode(other));
        }
        document.title = fresh.title;
        updated = new Date();
      }
    } catch {
      lost();
    } finally {
      isReading = false;
      if (wanted) { wanted = false; soon(); }
    }
  }
  function soon(after = pause) {
    if (waiting === null) waiting = setTimeout(refresh, after);
  }

  function lost() {
    say("lost", "Disconnected; this is from " + updated.toLocaleTimeString([], { hour12: false }));
  }
  function received(event) {
    let e = {};
    try { e = JSON.parse(event.data); } catch { return; }
    if (body.dataset.job && e.job && e.job !== body.dataset.job) return;
    if (e.text && e.kind !== "job") announce.textContent = e.text;
    soon();
  }
  function connect() {
    if (document.hidden || events) return;
    events = new EventSource(body.dataset.events);
    events.onopen = () => { retry = 1000; say("live", "Live"); soon(0); };
    events.onmessage = received;
    for (const kind of kinds) events.addEventListener(kind, received);
    events.onerror = () => {
      lost();
      if (events && events.readyState === EventSource.CLOSED) {
        events = null;
        setTimeout(connect, retry);
        retry = Math.min(2 * retry, 30000);
      }
    };
  }
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) return connect();
    if (events) events.close();
    events = null;
  });
  window.addEventListener("offline", lost);
  connect();

  setInterval(() => { if (!document.hidden && connection.dataset.state === "live") soon(0); }, 30000);
  (function poll() {
    const part = document.querySelector("[data-poll]");
    if (!part) return;
    setTimeout(() => refresh().then(poll), Number(part.dataset.poll));
  })();
})();
