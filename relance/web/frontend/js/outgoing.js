// The lists of drafts, scheduled and sent mail: read again when something in them changed, with the
// scroll and the cursor where they were; the seconds left to take a mail back are counted down.
import htmx from "htmx";
import { find, findAll } from "./dom.js";
import { fragment, text } from "./http.js";

const GATHER = 150; // ms: an act and the event it causes are one change
let timer = null;
let ticking = null;

const list = () => find("#main [data-outgoing-list]");
const soon = () => { timer ??= setTimeout(refresh, GATHER); };

async function refresh() {
  timer = null;
  counts();
  const here = list();
  if (!here) return;
  const html = await text(location.pathname + location.search).catch(() => "");
  const page = html && fragment(html);
  const fresh = page && find("[data-outgoing-list]", page);
  if (!fresh || !here.isConnected) return;
  const line = find(".is-focus[data-line] [data-line-open]", here)?.getAttribute("href");
  const held = here.contains(document.activeElement);
  const top = here.scrollTop;
  here.replaceChildren(...fresh.childNodes);
  const head = find(".page-head", page);
  if (head) find("#main .page-head").replaceWith(head);
  htmx.process(find("#main"));
  here.scrollTop = top;
  const same = line && find(`[data-line-open][href="${line}"]`, here);
  same?.closest("[data-line]").classList.add("is-focus");
  if (held) (same ?? here).focus({ preventScroll: true });
  tick();
}

async function counts() {
  if (!find("#rail-drafts")) return;
  const html = await text("/outgoing/counts/").catch(() => "");
  for (const fresh of html ? findAll("[id]", fragment(html)) : []) find(`#${fresh.id}`)?.replaceWith(fresh);
}

function tick() {
  clearTimeout(ticking);
  const waiting = findAll("[data-countdown]");
  for (const state of waiting) {
    const left = Math.ceil((new Date(state.dataset.countdown) - Date.now()) / 1000);
    if (left > 0) find("span", state).textContent = state.dataset.words.replace("{n}", left);
  }
  if (waiting.length) ticking = setTimeout(tick, 500);
}

for (const name of ["live:outgoing.changed", "outgoing-acted", "undone"]) document.addEventListener(name, soon);
document.addEventListener("live:folder.changed", ({ detail }) => {
  if (!detail.uses?.some((use) => use === "drafts" || use === "sent")) return;
  if (list()?.dataset.folder) counts(); // folder-list.js reads that one again
  else soon();
});
document.addEventListener("page:shown", tick);
tick();
