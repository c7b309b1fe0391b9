// What the page needs beyond htmx: the session header, the frame's height, unsaved changes, focus.
// Nothing is stored in the browser. Without this file every form still works, and this file works without htmx.
(() => {
  "use strict";

  const { parent: host, session: firstSession, sessionSeconds, launch, extend } = document.body.dataset;
  const framed = host && window.parent !== window;
  const SECONDS_TO_ANSWER = 3;
  let session = firstSession;
  let dirty = false;

  const tell = (type, more) => {
    if (framed) window.parent.postMessage({ v: 1, type: `cash:${type}`, ...more }, host);
  };

  // A launch token in the address would be sent again on reload.
  if (location.search.includes("token=")) history.replaceState(null, "", "/");

  // --- The session travels as a header; each answer brings a renewed token. ---
  document.addEventListener("htmx:configRequest", (event) => {
    if (session) event.detail.headers["X-Cash-Session"] = session;
  });
  document.addEventListener("htmx:beforeOnLoad", (event) => {
    const { xhr } = event.detail;
    renew({ get: (name) => xhr.getResponseHeader(name) });
  });
  const renew = (headers) => {
    const renewed = headers.get("X-Cash-Session");
    if (!renewed) return;
    session = renewed;
    for (const field of document.querySelectorAll('input[name="session"]')) field.value = renewed;
    keepTime(headers.get("X-Cash-Session-Seconds"));
  };

  // --- The session ends by itself. A minute before, the host is asked to vouch for the user again;
  // when it does not, the user is told then, and when it has ended. ---
  const alert = document.getElementById("alert");
  const show = (...ids) => {
    const words = ids.map((id) => document.getElementById(id)).filter(Boolean);
    alert.replaceChildren(...words.map((each) => each.content.cloneNode(true)));
    showReopen();
    alert.querySelector("[tabindex]")?.focus();
  };
  const showReopen = () => {
    for (const button of document.querySelectorAll("[data-reopen]")) button.hidden = !framed;
  };
  let timers = [];
  let ended = false;
  const end = () => {
    ended = true;
    timers.forEach(clearTimeout);
    show("session-ended");
    for (const field of document.querySelectorAll('input[type="password"]')) field.value = "";
    tell("expired");
  };
  const keepTime = (seconds) => {
    if (!seconds) return;
    timers.forEach(clearTimeout);
    if (alert.querySelector("#extend")) alert.replaceChildren();
    timers = [
      setTimeout(tell, (seconds - 60) * 1000, "renew"),
      setTimeout(show, (seconds - 60 + SECONDS_TO_ANSWER) * 1000, "session-ends"),
      setTimeout(end, seconds * 1000),
    ];
  };
  keepTime(sessionSeconds);
  const vouched = async (token) => {
    const headers = { "X-Cash-Session": session, "X-Cash-Renew": "1" };
    const answer = await fetch(launch, { method: "POST", body: new URLSearchParams({ token }), headers }).catch(() => null);
    if (answer?.ok && !ended) renew(answer.headers);
  };
  window.addEventListener("message", ({ origin, source, data }) => {
    if (!framed || origin !== host || source !== window.parent) return;
    if (data?.v === 1 && data.type === "cash:launch" && typeof data.token === "string" && session) vouched(data.token);
  });
  const stay = async () => {
    const body = new URLSearchParams({ csrf_token: document.querySelector('[name="csrf_token"]').value });
    const answer = await fetch(extend, { method: "POST", body, headers: { "X-Cash-Session": session } }).catch(() => null);
    if (answer?.ok) renew(answer.headers);
    else if (answer?.status === 401) end();
    else show("offline", "session-ends");
  };
  // A form sent now would be answered by another page, and what was typed would be gone.
  document.addEventListener("submit", (event) => {
    if (!ended) return;
    event.preventDefault();
    event.stopPropagation();
    show("session-ended");
  }, true);

  // --- Unsaved changes: each choice knows what is saved. ---
  const choices = () => document.querySelectorAll("#settings [data-saved]");
  const value = (field) => (field.type === "checkbox" ? (field.checked ? "on" : "") : field.value);
  const label = (field) => document.querySelector(`label[for="${field.id}"]`).textContent.trim();

  const showChanges = () => {
    const line = document.getElementById("changes");
    if (!line) {
      if (dirty) tell("dirty", { dirty: (dirty = false) });
      return;
    }
    const names = [...choices()].filter((field) => value(field) !== field.dataset.saved).map(label);
    if (line.dataset.login) names.unshift(line.dataset.login);
    const strong = document.createElement("strong");
    strong.textContent = line.dataset.unsaved;
    if (names.length) line.replaceChildren(strong, ` ${names.join(", ")}`);
    else if (dirty && !line.querySelector(".done")) line.replaceChildren();
    document.getElementById("undo").hidden = !window.htmx || names.length === (line.dataset.login ? 1 : 0);
    if (dirty !== names.length > 0) {
      dirty = names.length > 0;
      tell("dirty", { dirty });
    }
  };

  document.addEventListener("change", showChanges);
  document.addEventListener("click", (event) => {
    if (event.target.id === "close-manual") closeManual();
    if (event.target.id === "extend") stay();
    if ("reopen" in event.target.dataset) tell("reopen");
  });

  // --- The manual opens above the settings, so that nothing typed is lost. ---
  const closeManual = () => {
    document.getElementById("manual").replaceChildren();
    document.querySelector(".manual-link").focus();
  };

  // --- Times in the zone of who looks; the server wrote them in its own. ---
  const { lang } = document.documentElement;
  const showTimes = () => {
    const today = new Date().toDateString();
    for (const element of document.querySelectorAll("time[datetime]")) {
      const then = new Date(element.dateTime);
      const day = then.toDateString() === today ? {} : { day: "numeric", month: "long" };
      element.textContent = then.toLocaleString(lang === "en" ? "en-GB" : lang, { ...day, hour: "2-digit", minute: "2-digit" });
    }
  };

  // --- After each answer. ---
  const arrived = () => {
    showReopen();
    for (const element of document.querySelectorAll("[data-event]")) {
      tell(element.dataset.event);
      delete element.dataset.event;
    }
    // The autofocus attribute is refused in a frame of another site.
    document.querySelector("[data-focus]")?.focus();
    for (const element of document.querySelectorAll("[data-focus]")) delete element.dataset.focus;
    // Only a manual that was opened above the settings can be closed.
    const close = document.getElementById("close-manual");
    if (close && document.getElementById("cash")) close.hidden = false;
    showChanges();
    showTimes();
  };
  document.addEventListener("htmx:load", showChanges); // Undo needs htmx, which comes after us
  // A control that is gone takes the focus with it: the part of the page it stood in gets it.
  let part = "";
  document.addEventListener("htmx:beforeSwap", () => {
    part = document.activeElement.closest("#connection, #choices, #log")?.id;
  });
  document.addEventListener("htmx:afterSettle", () => {
    arrived();
    if (document.activeElement !== document.body) return;
    const heading = document.getElementById({ choices: "save", log: "log-title" }[part]);
    (heading || document.getElementById("title"))?.focus();
  });
  // What is typed in a form that is replaced by the answer would be gone with it: that form waits too.
  const hold = ({ detail }, wait) => {
    const forms = detail.elt.dataset.holds;
    if (!forms) return;
    for (const form of document.querySelectorAll(forms)) form.inert = wait && form !== detail.elt.closest("form");
  };
  const status = document.getElementById("status");
  let waiting = "";
  document.addEventListener("htmx:beforeRequest", (event) => {
    waiting = event.target.closest("[data-busy]")?.dataset.busy || "";
    if (waiting) status.textContent = waiting;
    hold(event, true);
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    if (waiting && status.textContent === waiting) status.textContent = "";
    hold(event, false);
  });
  const offline = () => show("offline");

  // A wait counts down.
  setInterval(() => {
    for (const element of document.querySelectorAll("[data-wait]")) {
      const left = Math.max(0, element.dataset.wait - 1);
      element.dataset.wait = left;
      element.textContent = `(${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")})`;
    }
  }, 1000);
  document.addEventListener("htmx:sendError", offline);
  document.addEventListener("htmx:timeout", offline);

  // --- The frame grows with the page. A wrapper is measured: scrollHeight never shrinks. ---
  const page = document.getElementById("page");
  new ResizeObserver(() => tell("height", { height: Math.ceil(page.getBoundingClientRect().height) })).observe(page);

  arrived();
})();
