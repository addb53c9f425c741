// Choosing documents for a mail: how many and how much, while choosing. The dialog opens over the
// composer; what was chosen is told as `documents:chosen` ({draft, documents}), and posted from here
// when nobody takes it.
import { emit, find, findAll, on } from "./dom.js";
import { fragment, request, text } from "./http.js";

const PAUSE = 200;
let timer = null;
let opener = null;

const picker = () => find("[data-document-picker]");
const form = () => picker() && (find("form[data-most]", picker()) ?? null);
const size = (bytes) => new Intl.NumberFormat(document.documentElement.lang, {
  style: "unit", unit: "megabyte", maximumFractionDigits: 1,
}).format(bytes / 1e6);

export async function openPicker(url, from = document.activeElement) {
  const response = await request(url);
  const dialog = response.ok && find("dialog", fragment(await response.text()));
  if (!dialog) { location.assign(url); return; }
  opener = from;
  document.body.append(dialog);
  dialog.addEventListener("close", () => { dialog.remove(); opener?.focus?.({ preventScroll: true }); });
  dialog.showModal();
  find("[data-pick-search]", dialog)?.focus();
  weigh();
}

// Chosen boxes survive a search: they are kept above the list that was found.
const ticked = () => findAll("[name=document]:checked", form());

function weigh() {
  const here = form();
  if (!here) return;
  const { most, limit, count, taken } = here.dataset;
  const chosen = ticked();
  const number = Number(count) + chosen.length;
  const bytes = Number(taken) + chosen.reduce((sum, box) => sum + Number(box.dataset.size), 0);
  const tooMany = number > Number(most);
  const tooLarge = bytes > Number(limit);
  const counted = find("[data-pick-count]", here);
  counted.textContent = counted.textContent.replace(/\d+/, number);
  counted.classList.toggle("danger", tooMany);
  find("[data-pick-size]", here).textContent = `${size(bytes)} / ${size(Number(limit))}`;
  find("[data-pick-size]", here).classList.toggle("danger", tooLarge);
  const meter = find("[data-pick-meter]", here);
  meter.value = Math.min(bytes, Number(limit));
  meter.classList.toggle("is-over", tooLarge);
  const go = find("[data-pick-go]", here);
  go.disabled = !chosen.length || tooMany || tooLarge;
  find("span", go).textContent = go.dataset.words.replace("{n}", chosen.length || "");
}

async function search() {
  const here = form();
  const box = here && find("[data-pick-search]", here);
  if (!box) return;
  const folder = find("[data-pick-folder]", here)?.value ?? "";
  const query = new URLSearchParams({ q: box.value, folder });
  const html = await text(`${box.dataset.pickSearch}&${query}`).catch(() => "");
  const list = html && find("[data-pick-list]", fragment(html));
  if (!list || !form()) return;
  for (const kept of ticked().reverse()) {
    find(`[name=document][value="${kept.value}"]`, list)?.closest("label").remove();
    list.prepend(kept.closest("label"));
  }
  find("[data-pick-list]", here).replaceWith(list);
}

on("click", "a[data-document-pick]", (event, link) => {
  if (event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  openPicker(link.href, link);
});
on("click", "[data-document-picker] [data-close]", (_event, button) => button.closest("dialog").close());
on("change", "[data-document-picker] [name=document]", weigh);
on("change", "[data-pick-folder]", search);
on("input", "[data-pick-search]", () => { clearTimeout(timer); timer = setTimeout(search, PAUSE); });
on("keydown", "[data-pick-search]", (event) => { if (event.key === "Enter") event.preventDefault(); });
on("submit", "[data-document-picker] form[data-most]", async (event, here) => {
  const dialog = here.closest("dialog");
  if (!dialog) return; // the page by itself posts as forms do
  event.preventDefault();
  const documents = ticked().map((box) => Number(box.value));
  const told = new CustomEvent("documents:chosen", {
    cancelable: true, detail: { draft: Number(dialog.dataset.documentPicker), documents },
  });
  if (document.dispatchEvent(told)) await send(here, documents);
  dialog.close();
});

async function send(here, documents) {
  const body = new URLSearchParams(documents.map((id) => ["document", id]));
  const answer = await request(here.getAttribute("action"), { method: "POST", body });
  const said = await answer.json().catch(() => ({}));
  emit("documents:attached", said);
  for (const words of said.errors ?? []) emit("toast", { text: words, undo: "" });
}
weigh();
