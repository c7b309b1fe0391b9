// Runs beside the script of the README and looks over its shoulder.
{
  const form = document.getElementById("try");
  const messages = document.getElementById("messages");
  const stage = document.querySelector(".stage");
  const text = (tag, words) => Object.assign(document.createElement(tag), { textContent: words });
  const clock = () => new Date().toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });

  // --- Messages: those of one kind in a row are one line, with the last one's time. ---
  const note = (arrow, { type, v, ...more }) => {
    const told = Object.keys(more).length ? JSON.stringify(more).replaceAll('"', "") : "";
    const line = document.createElement("li");
    const before = messages.firstElementChild;
    const again = before?.dataset.type === type ? Number(before.dataset.times) + 1 : 1;
    if (again > 1) before.remove();
    Object.assign(line.dataset, { type, times: again });
    line.append(text("time", clock()), " ", text("b", `${arrow} ${type}`), again > 1 ? ` ${again}× ` : " ", text("code", told));
    messages.prepend(line);
  };
  addEventListener("message", ({ origin, source, data }) => {
    if (origin === page && source === frame.contentWindow && data?.v === 1) note("←", data);
  });

  // --- The token: URL-safe base64 of JSON, packed where it starts with a point. ---
  const read = async (token) => {
    const [payload] = token.replace(/^\./, "").split(".");
    const bytes = Uint8Array.from(atob(payload.replaceAll("-", "+").replaceAll("_", "/")), (each) => each.charCodeAt(0));
    const stream = new Blob([bytes]).stream();
    return new Response(token.startsWith(".") ? stream.pipeThrough(new DecompressionStream("deflate")) : stream).json();
  };
  const showToken = async (token) => {
    const claims = Object.entries(await read(token)).flatMap(([name, value]) => [text("dt", name), text("dd", value)]);
    document.getElementById("claims").replaceChildren(...claims);
    document.getElementById("signed").textContent = `Signed ${clock()}; good once, for 60 seconds.`;
  };
  const sign = newToken;
  newToken = async () => {
    const token = await sign();
    note("→", { type: "a new launch token" });
    showToken(token);
    return token;
  };
  note("→", { type: "launch" });
  showToken(launch.elements.token.value);

  // --- The frame's width and the colours follow at once; the address keeps them. ---
  form.addEventListener("change", ({ target }) => {
    if (target.name === "lang") return form.requestSubmit();
    if (target.name === "width") stage.dataset.width = target.value;
    if (target.name === "scheme") document.documentElement.style.colorScheme = target.value;
    history.replaceState(null, "", `?${new URLSearchParams(new FormData(form))}`);
  });

  // --- What happens elsewhere leaves the frame alone. ---
  form.addEventListener("submit", async (event) => {
    const button = event.submitter;
    if (!button || !("stay" in button.dataset)) return;
    event.preventDefault();
    await fetch(button.formAction, { method: "POST", body: new URLSearchParams(new FormData(form)), redirect: "manual" });
    for (const each of button.parentElement.querySelectorAll("[aria-pressed]")) each.ariaPressed = each === button;
    button.closest("section").querySelector(".see").textContent = button.dataset.see;
    if (button.formAction.endsWith("/session/soon")) reopen();
  });
  document.getElementById("second").addEventListener("click", (event) => {
    if (open(event.currentTarget.href, "second", "popup,width=820,height=900")) event.preventDefault();
  });
  for (const button of document.querySelectorAll("[data-copy]")) {
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(button.closest("section").querySelector("pre").textContent);
      button.textContent = "Copied";
    });
  }
}
