// The life of a composer on its page: put there, driven by keys, left with everything kept.
import { emit, find, on } from "../dom.js";
import { ask } from "./ask.js";
import { Composer } from "./composer.js";
import { toStart } from "./editor.js";
import { talk } from "./talk.js";

const composers = new Map(); // form → Composer

const of = (element) => composers.get(element?.closest?.("form[data-compose]")) ?? composers.get(element?.closest?.("dialog, .compfull")?.querySelector("form[data-compose]"));

// `text`: what was already typed in a reply box. Resolves when one can write.
export function mount(form, { text = "" } = {}) {
  if (composers.has(form)) return composers.get(form);
  const composer = new Composer(form);
  composers.set(form, composer);
  form.closest("dialog")?.addEventListener("close", () => leave(composer), { once: true });
  focus(composer);
  if (text) composer.squire.insertPlainText(text);
  composer.versions.restore();
  return composer;
}

// Where one would go on: to whom, about what, or what to say.
function focus({ form, people, subject, squire }) {
  const isReply = form.dataset.kind.startsWith("reply");
  if (!isReply && !people[0].people.length) people[0].input.focus();
  else if (!isReply && !subject.value) subject.focus();
  else toStart(squire);
}

async function leave(composer) {
  if (!composers.delete(composer.form)) return;
  if (!composer.isUntouched) { await composer.leave(); return; }
  composer.destroy();
  await composer.autosave.stop();
  await talk(composer.form.dataset.discard, { body: new URLSearchParams({ empty: "1" }) }).catch(() => {});
}

// It has gone: sent, scheduled or thrown away.
function left(composer) {
  composers.delete(composer.form);
  composer.destroy();
  const { form } = composer;
  const dialog = form.closest("dialog");
  if (dialog) dialog.close();
  else emit("compose:closed", { form });
}

async function discard(composer) {
  const { words, form } = composer;
  if (!composer.isUntouched) {
    const answer = await ask({ title: words.of("discard"), choices: [["", words.of("cancel")], ["yes", words.of("discard-do"), true]] });
    if (!answer) return;
  }
  await composer.autosave.hold();
  const { status } = await talk(form.dataset.discard, { method: "POST" }).catch(() => ({}));
  if (status !== 204 && status !== 200) { composer.autosave.release(); composer.trouble("refused"); return; }
  await composer.autosave.stop();
  left(composer);
}

document.addEventListener("documents:chosen", (event) => {
  const composer = [...composers.values()].find((one) => Number(one.id) === event.detail.draft);
  if (!composer) return;
  event.preventDefault();
  composer.files.documents(event.detail.documents);
});
document.addEventListener("compose:left", ({ detail }) => left(detail.composer));
document.addEventListener("compose:saved", ({ detail }) => preview(detail.composer));
document.addEventListener("page:shown", () => {
  for (const [form, composer] of composers) if (!form.isConnected) leave(composer);
});

on("submit", "form[data-compose]", (event, form) => {
  const composer = of(form);
  if (!composer) return;
  event.preventDefault();
  const button = event.submitter ?? find("[data-compose-send]", form);
  if (!button || button.matches("[data-compose-remove]")) return;
  if (button.matches("[data-compose-discard]")) discard(composer);
  else if (button.matches("[data-compose-silence]")) composer.send.silence(button);
  else if (button.matches("[data-compose-step], [data-compose-recipient]")) preview(composer, button.value);
  else if (button.matches("[data-compose-plain]")) composer.autosave.flush();
  else composer.send.go(button);
});

on("click", "[data-compose-expand], a[data-compose-close]", async (event, link) => {
  const composer = of(link);
  if (!composer || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  await leave(composer);
  location.assign(link.href);
});

on("keydown", "form[data-compose]", (event, form) => {
  const composer = of(form);
  if (!composer || event.isComposing || !(event.ctrlKey || event.metaKey)) return;
  const act = { Enter: () => (event.shiftKey ? composer.schedule.open() : find("[data-compose-send]", form)?.click()), m: () => composer.insert.templates() }[event.key];
  if (!act) return;
  event.preventDefault();
  event.stopPropagation();
  act();
}, { capture: true });

async function preview(composer, number = "") {
  const place = find("[data-compose-preview]");
  if (!place || composer.form.dataset.shape !== "page") return;
  const body = composer.body();
  if (number) body.set("n", number);
  const { html, status } = await talk(composer.form.dataset.preview, { body, accept: "text/html" }).catch(() => ({}));
  if (status !== 200) return;
  const template = document.createElement("template");
  template.innerHTML = html;
  place.replaceChildren(template.content);
}

// One that is being written says so to whoever leaves the page with something not kept anywhere.
addEventListener("beforeunload", (event) => {
  if ([...composers.values()].some((one) => one.autosave.keptAt < one.autosave.dirty || one.files.isBusy)) event.preventDefault();
});
