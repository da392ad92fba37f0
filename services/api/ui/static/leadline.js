// Says on the first page how many alerts have changed since it was made. Without it nothing is lost.
"use strict";
(() => {
  const note = document.getElementById("changes");
  if (!note || !window.EventSource) return;
  const changed = new Set();
  let last = note.dataset.after;
  let source = null;
  const AGAIN_MS = 5000;

  function pass(event) {
    last = event.lastEventId || last;
  }

  function tell(event) {
    pass(event);
    let alert = last;
    try {
      alert = JSON.parse(event.data).data.alert_id || alert;
    } catch {
      // One more change, of whatever it is.
    }
    changed.add(alert);
    const said = changed.size === 1 ? note.dataset.one : note.dataset.many;
    note.firstElementChild.textContent = said.replace("{count}", changed.size);
    note.hidden = false;
  }

  // A browser has few connections to a host: pages that nobody looks at hold none.
  function listen() {
    if (document.hidden) {
      source?.close();
      source = null;
    } else if (!source) {
      source = new EventSource(`/v1/stream?after=${last}`);
      source.addEventListener("alert", tell);
      // No news here, but whoever listens again need not be sent them again.
      source.addEventListener("signal", pass);
      source.addEventListener("run", pass);
      source.addEventListener("error", retry);
    }
  }

  // A browser tries again by itself where nobody answers, but never after a refusal, such as a
  // proxy's while the service starts anew.
  function retry() {
    if (source?.readyState !== EventSource.CLOSED) return;
    source = null;
    setTimeout(listen, AGAIN_MS);
  }

  document.addEventListener("visibilitychange", listen);
  listen();
})();
