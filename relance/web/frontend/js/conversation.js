// The open conversation: handled, left for the next one, and kept fresh while it is read.
import htmx from "htmx";
import { emit, find, findAll, on } from "./dom.js";
import { neighbours } from "./cursor.js";
import { fragment, post, text } from "./http.js";
import { keptList, goBack, visit } from "./visit.js";

const thread = () => Number(find("[data-conversation]")?.dataset.conversation ?? 0);
const rowIn = (root) => root && find(`[data-thread="${thread()}"]`, root);

export async function actOnConversation(verb) {
  const id = thread();
  const { next, previous } = neighbours(id);
  if (verb === "seen") {
    markRows("is-unread", true);
    goBack();
    await post(`/threads/${id}/unread/`);
    return;
  }
  const rows = [rowIn(keptList()), rowIn(find("#main .side"))].filter(Boolean);
  for (const row of rows) row.hidden = true;
  const done = post(`/threads/${id}/${verb}/`);
  openRow(next ?? previous);
  if (!(await done)) for (const row of rows) row.hidden = false;
}

function markRows(name, on_) {
  for (const root of [keptList(), find("#main")]) rowIn(root)?.classList.toggle(name, on_);
}

function openRow(row) {
  if (!row) { goBack(); return; }
  const link = find("a[data-visit]", row);
  visit(link.getAttribute("href"), { replace: true, thread: Number(row.dataset.thread) });
}

export function stepConversation(by) {
  const { next, previous } = neighbours(thread());
  const row = by > 0 ? next : previous;
  if (row) openRow(row);
}

function shown() {
  const id = thread();
  if (!id) return;
  markRows("is-unread", false);
  const { rows, at } = neighbours(id);
  const known = at >= 0;
  find("#position").textContent = known ? `${at + 1} / ${rows.length}` : "";
  for (const button of findAll("[data-step]")) {
    button.hidden = !known;
    button.disabled = known && !rows[at + Number(button.dataset.step)];
  }
  again();
  requestAnimationFrame(settle); // once the body's frame has been asked for
}

function settle() {
  find(".side .is-open")?.scrollIntoView({ block: "nearest" });
  const last = findAll("#messages details.mail[open]").at(-1);
  const pane = find("#thread-scroll");
  if (findAll("#messages details.mail").length > 1 && last && pane) pane.scrollTop = last.offsetTop - pane.offsetTop - 96;
  if (pane && document.activeElement === document.body) pane.focus({ preventScroll: true });
}

document.addEventListener("page:shown", shown);
on("click", "[data-step]", (_event, button) => stepConversation(Number(button.dataset.step)));
on("submit", "[data-thread-act]", (event, form) => {
  event.preventDefault();
  const verb = form.dataset.threadAct;
  actOnConversation(verb === "unread" ? "seen" : verb);
});

// A folded message is fetched when it is first opened.
on("toggle", "details.mail[data-load]", async (_event, mail) => {
  if (!mail.open) return;
  const url = mail.dataset.load;
  mail.removeAttribute("data-load");
  find(".mail__inside", mail).replaceChildren(fragment(await text(url)));
}, { capture: true });

// Only messages that are not there yet are added: what is being read stays as it is.
async function refreshMessages() {
  const holder = find("#messages");
  const html = holder && (await text(holder.dataset.messages).catch(() => ""));
  if (!html) return;
  for (const mail of findAll("details.mail", fragment(html))) {
    if (find(`#${mail.id}`)) continue;
    const track = mail.nextElementSibling?.matches(".track") ? mail.nextElementSibling : "";
    holder.append(mail, track);
    unseen = true;
  }
  readIfLooking();
}

let unseen = false; // messages came while the conversation was open
function readIfLooking() {
  if (!unseen || document.visibilityState !== "visible" || !thread()) return;
  unseen = false;
  post(`/threads/${thread()}/read/`);
}
document.addEventListener("visibilitychange", readIfLooking);

async function refreshOutgoing() {
  const list = find("#outgoing");
  const html = list && (await text(list.dataset.outgoing).catch(() => ""));
  if (!html) return;
  for (const fresh of [...fragment(html).children]) {
    const old = fresh.id && find(`#${fresh.id}`);
    if (!old || old.contains(document.activeElement)) continue;
    old.replaceWith(fresh);
    htmx.process(fresh);
  }
  again();
}

let waiting;
// While something can be taken back, its button goes when the time is over.
function again() {
  clearTimeout(waiting);
  const ends = findAll("[data-refresh-at]").map((mail) => Date.parse(mail.dataset.refreshAt)).filter((at) => at > Date.now());
  if (ends.length) waiting = setTimeout(refreshOutgoing, Math.min(...ends) - Date.now() + 500);
}

document.addEventListener("threads:changed", ({ detail }) => {
  if (!detail.threads.includes(thread())) return;
  refreshMessages().then(refreshOutgoing);
});
document.addEventListener("live:folder.changed", () => {
  if (find("#outgoing > *")) refreshMessages().then(refreshOutgoing);
});
document.addEventListener("live:outgoing.changed", ({ detail }) => {
  if (detail.thread === thread()) refreshMessages().then(refreshOutgoing);
});
document.addEventListener("outgoing-acted", refreshOutgoing);
document.addEventListener("undone", () => { if (thread()) visit(location.pathname, { replace: true }); });
if (thread()) addEventListener("load", () => emit("page:shown", { thread: thread() }));
