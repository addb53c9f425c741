// The panel beside a conversation: its tabs, open or not, kept fresh; mails opened in their place.
import htmx from "htmx";
import { emit, find, findAll, on } from "./dom.js";
import { fragment, post, text } from "./http.js";

const panel = () => find("#ctx");
const tabs = () => findAll("[role=tab]", panel() ?? document.createElement("div"));
const isWide = () => find(".conv")?.classList.contains("is-wide");

// The next tab; a closed panel opens first.
export function nextTab() {
  if (isWide()) { togglePanel(); return; }
  const all = tabs();
  const at = all.findIndex((tab) => tab.getAttribute("aria-selected") === "true");
  all[(at + 1) % all.length]?.click();
}

export function togglePanel() {
  const place = panel();
  if (!place) return;
  const closed = find(".conv").classList.toggle("is-wide");
  post(place.dataset.panelState, { closed: closed ? "1" : "0" });
  find(closed ? ".show-panel" : "#ctx [data-panel-toggle]")?.focus({ preventScroll: true });
}

on("click", "[data-panel-toggle]", togglePanel);

// Arrows move along the tabs, as in any list of tabs.
on("keydown", "#ctx [role=tab]", (event, tab) => {
  const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  const all = tabs();
  const to = by ? all[(all.indexOf(tab) + by + all.length) % all.length] : { Home: all[0], End: all.at(-1) }[event.key];
  if (!to) return;
  event.preventDefault();
  to.click();
});
// The tab that was chosen keeps the focus when its panel has come.
let chosen = "";
on("click", "#ctx [role=tab]", (_event, tab) => { chosen = tab.id; });
document.addEventListener("htmx:after:swap", () => {
  if (!chosen) return;
  if (document.activeElement === document.body || panel()?.contains(document.activeElement)) find(`#${chosen}`)?.focus({ preventScroll: true });
  chosen = "";
});

const isBusy = () => panel().contains(document.activeElement?.closest("input, textarea, select")) || find("[data-field-form]", panel()) !== null;

// What is shown is asked for again; lists that keep themselves fresh stay as they are.
let isStale = false; // it was to be asked for again, and somebody was writing in it
async function refreshPanel() {
  const url = panel() && find("[data-panel-url]", panel())?.dataset.panelUrl;
  if (!url) return;
  isStale = isBusy();
  const html = isStale ? "" : await text(url).catch(() => "");
  const place = panel();
  if (place && isBusy()) isStale = true;
  if (!html || !place || isStale) return;
  const fresh = fragment(html);
  for (const empty of findAll(".related[hx-get]", fresh)) {
    const full = findAll(".related[hx-get]", place).find((one) => one.getAttribute("hx-get") === empty.getAttribute("hx-get"));
    if (full?.childElementCount) empty.replaceWith(full);
  }
  const scrolled = find(".ctx__scroll", place)?.scrollTop ?? 0;
  const focused = document.activeElement?.id;
  place.replaceChildren(fresh);
  htmx.process(place);
  find(".ctx__scroll", place)?.scrollTo({ top: scrolled, behavior: "instant" });
  if (focused && document.activeElement === document.body) find(`#${CSS.escape(focused)}`)?.focus({ preventScroll: true });
}

const thread = () => Number(find("[data-conversation]")?.dataset.conversation ?? 0);
// What was saved is announced while its form is still there: a moment later the form is gone.
let due = 0;
const refreshSoon = () => { clearTimeout(due); due = setTimeout(refreshPanel, 80); };
document.addEventListener("threads:changed", ({ detail }) => { if (detail.threads.includes(thread())) refreshSoon(); });
document.addEventListener("panel-changed", refreshSoon);
document.addEventListener("record-saved", refreshSoon);
on("focusout", "#ctx", () => { if (isStale) refreshSoon(); });

// A mail of the open conversation is opened where it stands.
on("click", "a[data-open-mail]", (event, link) => {
  const mail = find(`#m${link.dataset.openMail}`);
  if (!mail || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  mail.closest("details.olderrun")?.setAttribute("open", "");
  mail.open = true;
  mail.scrollIntoView({ block: "start", behavior: "smooth" });
  find("summary", mail)?.focus({ preventScroll: true });
  emit("sheet:close");
}, { capture: true });

// A fold whose inside is fetched when it is first opened.
on("toggle", "details[data-load-inside]", async (_event, fold) => {
  if (!fold.open) return;
  const url = fold.dataset.loadInside;
  fold.removeAttribute("data-load-inside");
  const html = await text(url).catch(() => "");
  if (html) find(":scope > :not(summary)", fold)?.replaceChildren(fragment(html));
}, { capture: true });
