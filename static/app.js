// Nothing is stored in the browser. All works without this file, and this without htmx.
(() => {
  "use strict";

  const { parent, session: firstSession, sessionSeconds, launch, extend } = document.body.dataset;
  const framed = window.parent !== window;
  const host = parent || "*"; // unknown after a reload: all that can be told is reopen
  const SECONDS_TO_ANSWER = 3;
  const byId = (id) => document.getElementById(id);
  const page = byId("page");
  let session = firstSession;
  let dirty = false;

  const tell = (type, more) => {
    if (framed && (parent || type === "reopen")) window.parent.postMessage({ v: 1, type: `cash:${type}`, ...more }, host);
  };

  // Not to be sent again on reload.
  if (location.search.includes("token=")) history.replaceState(null, "", "/");

  // --- The session: a header; each answer brings a renewed token. ---
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

  // A minute before it ends the host is asked to vouch again; else the user is told.
  const alert = byId("alert");
  const show = (...ids) => {
    const words = ids.map((id) => byId(id)).filter(Boolean);
    alert.replaceChildren(...words.map((each) => each.content.cloneNode(true)));
    showReopen();
    hold();
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
  let renewedAt = Date.now();
  const keepTime = (seconds) => {
    if (!seconds) return;
    renewedAt = Date.now();
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
  const stay = async (asked) => {
    const body = new URLSearchParams({ csrf_token: document.querySelector('[name="csrf_token"]').value });
    const answer = await fetch(extend, { method: "POST", body, headers: { "X-Cash-Session": session } }).catch(() => null);
    if (answer?.ok) renew(answer.headers);
    else if (answer?.status === 401) end();
    else if (asked) show("offline", "session-ends");
  };
  document.addEventListener("input", () => {
    if (session && !ended && Date.now() - renewedAt > 60_000) {
      renewedAt = Date.now();
      stay(false);
    }
  });
  document.addEventListener("submit", (event) => {
    if (!ended) return;
    event.preventDefault();
    event.stopPropagation();
    show("session-ended");
  }, true);

  const choices = () => document.querySelectorAll("#settings [data-saved]");
  const value = (field) => (field.type === "checkbox" ? (field.checked ? "on" : "") : field.value);
  const label = (field) => document.querySelector(`label[for="${field.id}"]`).textContent.trim();
  const bar = () => document.querySelector(".save-bar");

  const showChanges = () => {
    const line = byId("changes");
    if (!line) {
      if (dirty) tell("dirty", { dirty: (dirty = false) });
      return;
    }
    const names = [...choices()].filter((field) => value(field) !== field.dataset.saved).map(label);
    if (line.dataset.login) names.unshift(line.dataset.login);
    const strong = document.createElement("strong");
    strong.textContent = line.dataset.unsaved;
    line.replaceChildren(...(names.length ? [strong, ` ${names.join(", ")}`] : []));
    byId("saved").hidden = names.length > 0;
    bar().classList.toggle("unsaved", names.length > 0 || Boolean(byId("back")));
    const undo = byId("undo");
    if (undo) undo.hidden = !window.htmx || names.length === (line.dataset.login ? 1 : 0);
    hold();
    if (dirty !== names.length > 0) {
      dirty = names.length > 0;
      tell("dirty", { dirty });
    }
  };

  const said = (which = "") => document.querySelectorAll(`:is(#problem, #done)${which}`);
  document.addEventListener("change", ({ target }) => {
    const other = byId(target.dataset.with);
    if (other) other.checked = target.checked;
    if (target.matches("[hx-trigger]")) for (const each of said()) each.dataset.old = "";
    showChanges();
  });
  document.addEventListener("click", (event) => {
    const { id, dataset } = event.target;
    if (id === "close-manual") closeManual();
    if (id === "extend") stay(true);
    if ("reopen" in dataset) tell("reopen");
    if (dataset.show) showPassword(event.target, byId(dataset.show).type === "password");
    if (dataset.copy) copy(event.target);
    const link = event.target.closest("a");
    if (link && "manual" in link.dataset && window.htmx && !event.ctrlKey && !event.metaKey) openManual(event, link);
    if (link?.closest("#manual nav")) goTo(event, link.hash);
  });
  document.addEventListener("keydown", ({ key }) => {
    if (key !== "Escape") return;
    const sure = document.querySelector(".disconnect[open]");
    if (sure) {
      sure.open = false;
      sure.querySelector("summary").focus();
    } else if (byId("manual")?.firstElementChild) closeManual();
  });

  // What waits stands at the edge of what is seen; of a frame only an observer knows that.
  // A rule: htmx would copy a style attribute into the answer.
  const sheet = new CSSStyleSheet();
  sheet.insertRule(":root {}");
  document.adoptedStyleSheets = [sheet];
  const seen = (name, pixels) => sheet.cssRules[0].style.setProperty(`--${name}`, `${pixels}px`);
  let watching = false;
  let held = false;
  const ANSWER = ".unsaved, #finish .notice, #saved:not(.past) .done";
  const waits = () => document.querySelector(`${ANSWER}, #alert > *, #manual > *`);
  const hold = () => {
    if (watching || !(held || waits())) return;
    watching = true;
    const eye = new IntersectionObserver(([{ intersectionRect: part }]) => {
      eye.disconnect();
      watching = false;
      place(part.height ? part : page.getBoundingClientRect());
      held = Boolean(waits());
      if (held) setTimeout(hold, 100);
    });
    eye.observe(page);
  };
  const place = ({ top, bottom }) => {
    const finish = byId("finish");
    const needed = finish && document.querySelector(ANSWER) ? finish.offsetTop + finish.offsetHeight - bottom : 0;
    const room = finish ? finish.offsetTop - finish.parentElement.offsetTop : 0;
    const up = Math.max(0, Math.min(needed, room));
    finish?.classList.toggle("held", up > 0);
    seen("up", -up);
    seen("down", Math.max(0, top - alert.offsetTop));
    seen("top", top);
    seen("height", bottom - top);
  };

  let opener;
  const openManual = (event, link) => {
    event.preventDefault();
    opener = link;
    const open = byId("manual-title") ? Promise.resolve() : window.htmx.ajax("GET", link.href, { target: "#manual", swap: "innerHTML" });
    open.then(() => goTo(event, link.hash));
  };
  const goTo = (event, hash) => {
    event.preventDefault();
    const paragraph = byId(hash.slice(1)) || byId("manual-title");
    const sheet = document.querySelector(".manual .body");
    if (!sheet) return;
    hold();
    sheet.scrollTop = hash ? paragraph.offsetTop - sheet.offsetTop - 8 : 0;
    paragraph.focus({ preventScroll: true });
  };
  const closeManual = () => {
    byId("manual").replaceChildren();
    (opener?.isConnected ? opener : byId(opener?.id) || byId("manual-link")).focus();
  };

  const showPassword = (button, shown) => {
    byId(button.dataset.show).type = shown ? "text" : "password";
    button.setAttribute("aria-pressed", shown);
  };
  document.addEventListener("submit", () => {
    for (const button of document.querySelectorAll("[data-show]")) showPassword(button, false);
  }, true);
  const copy = async (button) => {
    const source = byId(button.dataset.copy);
    const parts = source.querySelectorAll("li, pre");
    const text = [...(parts.length ? parts : [source])].map((each) => each.textContent).join("\n");
    // The clipboard may be closed to a frame of another site.
    await navigator.clipboard.writeText(text).catch(() => {
      const field = Object.assign(document.createElement("textarea"), { value: text, className: "quiet" });
      button.after(field);
      field.select();
      document.execCommand("copy");
      field.remove();
      button.focus();
    });
    button.textContent = status.textContent = button.dataset.done;
  };

  const lists = new WeakMap();
  document.addEventListener("input", ({ target }) => {
    const list = byId(target.dataset.filter);
    if (!list) return;
    if (!lists.has(list)) lists.set(list, [...list.options]);
    const chosen = list.value;
    const wanted = target.value.trim().toLowerCase();
    const fits = (option) => option.value === chosen || option.text.toLowerCase().includes(wanted);
    list.replaceChildren(...lists.get(list).filter(fits));
    list.value = chosen;
  });

  // Times of another zone than the server's.
  const { lang } = document.documentElement;
  const locale = lang === "en" ? "en-GB" : lang;
  const elsewhere = (element) => {
    const [, sign, hours, minutes] = /([+-])(\d\d):(\d\d)$/.exec(element.dateTime);
    return Number(`${sign}1`) * (hours * 60 + Number(minutes)) !== -new Date(element.dateTime).getTimezoneOffset();
  };
  const dayOf = (then) => {
    const now = new Date();
    if (then.toDateString() === now.toDateString()) return "";
    const year = then.getFullYear() === now.getFullYear() ? {} : { year: "numeric" };
    return then.toLocaleDateString(locale, { day: "numeric", month: "long", ...year });
  };
  const today = new Intl.RelativeTimeFormat(locale, { numeric: "auto" }).format(0, "day");
  const showTimes = () => {
    for (const element of [...document.querySelectorAll("time[datetime]")].filter(elsewhere)) {
      const then = new Date(element.dateTime);
      const time = then.toLocaleTimeString(locale, { hour: "2-digit", minute: "2-digit" });
      const day = dayOf(then);
      const { dataset } = element;
      const named = "clock" in dataset ? then.toLocaleDateString("sv") !== element.dateTime.slice(0, 10) : day || "today" in dataset;
      element.textContent = !named ? time : day ? `${day}, ${time}` : `${today} ${time}`;
    }
  };

  const arrived = () => {
    showReopen();
    for (const element of document.querySelectorAll("[data-event]")) {
      tell(element.dataset.event);
      delete element.dataset.event;
    }
    // autofocus is refused in a frame of another site.
    document.querySelector("[data-focus]")?.focus();
    for (const element of document.querySelectorAll("[data-focus]")) delete element.dataset.focus;
    const close = byId("close-manual");
    if (close && byId("cash")) close.hidden = false;
    showChanges();
    showTimes();
  };
  document.addEventListener("htmx:load", showChanges); // Undo needs htmx, which comes after us
  // A control that is gone hands its focus to its part of the page.
  let part = "";
  let scrolled = 0;
  const events = () => document.querySelector(".events");
  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    const { elt } = detail.requestConfig;
    if (detail.target.id !== "manual" && (!elt.closest("#log-form, #sync-form, #orders-form") || elt.id === "restore")) {
      // A choice is asked about a moment later: what was said meanwhile stays.
      for (const each of said(elt.matches("[hx-trigger]") ? "[data-old]" : "")) each.remove();
      byId("saved")?.classList.add("past");
    }
    scrolled = elt.matches(".event") ? events().scrollTop : 0;
    part = document.activeElement.closest("#connection, #choices, #sync, #log, #orders")?.id;
  });
  document.addEventListener("htmx:afterSettle", () => {
    if (scrolled) events().scrollTop = scrolled;
    arrived();
    if (document.activeElement !== document.body) return;
    const heading = byId({ choices: "save", sync: "sync-title", log: "log-title", orders: "orders-title" }[part]);
    (heading || byId("title"))?.focus();
  });
  // A form that the answer replaces waits too.
  const block = ({ detail }, wait) => {
    const forms = detail.elt.dataset.holds;
    if (!forms) return;
    for (const form of document.querySelectorAll(forms)) form.inert = wait && form !== detail.elt.closest("form");
  };
  const status = byId("status");
  let waiting = "";
  document.addEventListener("htmx:beforeRequest", (event) => {
    waiting = event.target.closest("[data-busy]")?.dataset.busy || "";
    if (waiting) status.textContent = waiting;
    block(event, true);
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    if (waiting && status.textContent === waiting) status.textContent = "";
    block(event, false);
  });
  const offline = () => show("offline");

  setInterval(() => {
    for (const element of document.querySelectorAll("[data-wait]")) {
      const left = Math.max(0, element.dataset.wait - 1);
      element.dataset.wait = left;
      element.textContent = `(${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")})`;
    }
  }, 1000);
  document.addEventListener("htmx:sendError", offline);
  document.addEventListener("htmx:timeout", offline);

  // scrollHeight would never shrink.
  new ResizeObserver(() => tell("height", { height: Math.ceil(page.getBoundingClientRect().height) })).observe(page);

  arrived();
})();
