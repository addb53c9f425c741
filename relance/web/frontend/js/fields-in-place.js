// Fields edited where they are read: double click, the pencil, or Enter on it; Esc leaves them.
import htmx from "htmx";
import { emit, find, findAll, on, word } from "./dom.js";
import { fragment, request } from "./http.js";

const shownBefore = new WeakMap();
let isSaving = false;

async function ask(url, options) {
  try {
    return await request(url, options);
  } catch {
    emit("toast", { text: word("failed"), undo: "" });
    return null;
  }
}

function put(line, html) {
  line.replaceChildren(fragment(html));
  htmx.process(line);
  const first = find("[aria-invalid=true], input:not([type=hidden]):not([type=radio]), select, textarea", line);
  first?.focus();
  if (first instanceof HTMLInputElement) first.select();
}

async function open(line) {
  if (find("form", line)) return;
  for (const other of findAll("[data-field-form]")) cancel(other);
  const response = await ask(line.dataset.inPlace);
  if (!response) return;
  if (!response.ok) { location.assign(find("[data-edit-in-place]", line).href); return; }
  const html = await response.text();
  const place = line.isConnected ? line : find(`[data-in-place="${line.dataset.inPlace}"]`);
  if (!place) return;
  shownBefore.set(place, [...place.childNodes]);
  put(place, html);
}

function cancel(form) {
  const line = form.closest("[data-in-place]");
  if (!line) return;
  line.replaceChildren(...(shownBefore.get(line) ?? []));
  find("[data-edit-in-place]", line)?.focus({ preventScroll: true });
}

async function save(form) {
  const line = form.closest("[data-in-place]");
  const button = find("[type=submit]", form);
  button.disabled = true;
  isSaving = true;
  const response = await ask(form.action, { method: "POST", body: new FormData(form) });
  isSaving = false;
  button.disabled = false;
  if (!response) return;
  if (!response.ok) { emit("toast", { text: word("failed"), undo: "" }); return; }
  const html = await response.text();
  if (find("[data-field-form]", fragment(html))) { put(line, html); return; }
  const address = line.dataset.inPlace;
  const card = swap(html);
  if (!card?.contains(line)) cancel(form);
  find(`[data-in-place="${address}"] [data-edit-in-place]`)?.focus({ preventScroll: true });
}

// The new card in the place of the one that is shown, bare or with its head as that one is.
function swap(html) {
  const fresh = fragment(html).firstElementChild;
  const old = fresh && find(`#${fresh.id}`);
  if (!old) return null;
  const head = find(".card__h", fresh);
  if (!find(".card__h", old)) { head?.remove(); fresh.dataset.fieldsCard = old.dataset.fieldsCard; }
  const more = find("details", old)?.open;
  old.replaceWith(fresh);
  if (more && find("details", fresh)) find("details", fresh).open = true;
  htmx.process(fresh);
  return old;
}

async function refresh() {
  if (isSaving) return;
  for (const card of findAll("[data-fields-card]")) {
    if (find("form", card)) continue;
    const response = await ask(card.dataset.fieldsCard);
    if (response?.ok) swap(await response.text());
  }
}

on("dblclick", "[data-in-place]", (event, line) => {
  if (event.target.closest("form, a, button")) return;
  getSelection()?.removeAllRanges();
  open(line);
});
on("click", "[data-edit-in-place]", (event, pen) => {
  if (event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  open(pen.closest("[data-in-place]"));
});
on("click", "[data-field-cancel]", (_event, button) => cancel(button.closest("form")));
on("submit", "[data-field-form]", (event, form) => { event.preventDefault(); save(form); });
on("keydown", "[data-field-form]", (event, form) => {
  if (event.key !== "Escape" || event.isComposing) return;
  event.preventDefault();
  event.stopPropagation();
  cancel(form);
});
// What is shown anew waits while one writes in it: saving shows it anew again.
document.addEventListener("htmx:before:swap", (event) => {
  const source = event.detail.ctx?.sourceElement;
  if (source instanceof Element && find("[data-field-form]", source)) event.preventDefault();
});
document.addEventListener("record-saved", refresh);
document.addEventListener("undone", refresh);
