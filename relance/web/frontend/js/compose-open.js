// Opens the composer: from any link or key, over the page; in place of the reply box; on its own
// page. Its script and style are fetched the first time, or while a conversation is being read.
import { emit, find, findAll, on, word } from "./dom.js";
import { showDialog } from "./dialog.js";
import { fragment, request } from "./http.js";
import { visit } from "./visit.js";

let loading = null;
let isOpening = false;
const replaced = new WeakMap(); // the form of a reply → the box it took the place of

function style() {
  const href = document.body.dataset.writingCss;
  if (find(`link[href="${href}"]`)) return null;
  const link = Object.assign(document.createElement("link"), { rel: "stylesheet", href });
  const done = new Promise((resolve) => { link.onload = resolve; link.onerror = resolve; });
  document.head.append(link);
  return done;
}

export function load() {
  loading ??= Promise.all([import(document.body.dataset.writingJs), style()]).then(([module]) => module)
    .catch((error) => { loading = null; throw error; });
  return loading;
}

async function fetchForm(url, options) {
  const response = await request(url, options);
  if (response.status === 204) return null; // said by what the answer triggers
  if (!response.ok) throw new Error(`${response.status}`);
  const content = fragment(await response.text());
  for (const element of findAll("[autofocus]", content)) element.removeAttribute("autofocus"); // the composer chooses
  return content;
}

// Once at a time; what fails is said, and nothing that was typed is lost.
async function opening(act) {
  if (isOpening) return;
  isOpening = true;
  try { await act(); } catch { emit("toast", { text: word("failed"), undo: "" }); } finally { isOpening = false; }
}

const inDialog = (url, options, from) => opening(async () => {
  const [content, { mount }] = await Promise.all([fetchForm(url, options), load()]);
  if (!content) return;
  showDialog(content, from);
  mount(find("#dialog form[data-compose]"));
});

const inPlace = (url, options, box) => opening(async () => {
  const first = find("[data-compose-first]", box);
  const [content, { mount }] = await Promise.all([fetchForm(url, options), load()]);
  const form = content && find("form[data-compose]", content);
  if (!form) return;
  replaced.set(form, box);
  const text = first?.value ?? "";
  box.replaceWith(form);
  mount(form, { text });
  if (first) first.value = "";
  form.scrollIntoView({ block: "nearest" });
});

const isPlain = (event) => !(event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);
const isLive = () => Boolean(document.body.dataset.writingJs);

on("click", "a[data-compose]", (event, link) => {
  if (!isPlain(event) || !isLive()) return;
  event.preventDefault();
  const url = new URL(link.href);
  const isByKey = event.detail === 0 && document.activeElement !== document.body;
  inDialog(url.pathname, { method: "POST", body: url.searchParams }, isByKey ? document.activeElement : link);
});
on("click", "a[data-compose-resume]", (event, link) => {
  if (!isPlain(event)) return;
  event.preventDefault();
  inPlace(link.dataset.url, {}, link.closest(".replybox"));
});

function reply(box, button) {
  const url = button?.getAttribute("formaction") ?? box.getAttribute("action");
  inPlace(url, { method: "POST", body: new URLSearchParams() }, box);
}
on("submit", "form[data-compose-opener]", (event, box) => { event.preventDefault(); reply(box, event.submitter); });
on("click", "[data-compose-first]", (_event, area) => reply(area.form));
on("input", "[data-compose-first]", (_event, area) => reply(area.form));

// R, A and F in a conversation: to the answer being written, or to a new one.
export function answer(kind) {
  const place = find("[data-compose-place]");
  const writing = place && find(".composer__edit", place);
  if (writing) writing.focus();
  else (find(`[data-compose-kind=${kind}]`, place ?? document) ?? find("[data-compose-kind=reply], [data-compose-resume]", place ?? document))?.click();
}

document.addEventListener("compose:open", ({ detail: { url, thread } }) => {
  const place = thread && find(`[data-compose-place="${thread}"] .replybox`);
  if (place) inPlace(`${url}${url.includes("?") ? "&" : "?"}as=reply`, {}, place);
  else inDialog(url, {}, document.activeElement);
});

// Sent or thrown away: the closed box comes back, or the page one came from.
document.addEventListener("compose:closed", ({ detail: { form } }) => {
  const box = replaced.get(form);
  const isOpener = box?.matches("[data-compose-opener]");
  if (isOpener) { form.replaceWith(box); find("#thread-scroll")?.focus({ preventScroll: true }); }
  else if (box) visit(location.pathname + location.search, { replace: true });
  else location.assign(find("[data-compose-close]", form.closest(".compfull"))?.href ?? "/");
});

async function shown() {
  find("form[data-compose-start]")?.requestSubmit();
  const forms = findAll("#main form[data-compose]");
  if (forms.length) {
    const { mount } = await load();
    for (const form of forms) mount(form);
  } else if (find("[data-compose-place]")) soon(() => load().catch(() => {}));
}

const soon = (act) => (window.requestIdleCallback ?? setTimeout)(act, { timeout: 3000 });

if (isLive()) {
  document.addEventListener("page:shown", shown);
  shown();
}
