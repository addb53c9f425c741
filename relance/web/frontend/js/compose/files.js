// Attachments: chosen, dropped on the composer or pasted; one after the other, with how far they
// have come and what they make together, known to be too much before anything is sent.
import { announce, find } from "../dom.js";
import { fragment } from "../http.js";
import { element, icon } from "./draw.js";
import { upload } from "./upload.js";
import { talk } from "./talk.js";

export class Files {
  constructor(form, { words, changed, insertImages }) {
    Object.assign(this, { form, words, changed, insertImages });
    this.place = find("[data-compose-files]", form);
    this.pending = element("ul", { className: "files files--pending", attributes: { hidden: "" } });
    this.troubles = element("div", { className: "composer__filetroubles", attributes: { role: "alert" } });
    this.place.after(this.pending, this.troubles);
    this.queue = Promise.resolve();
    this.waiting = 0;
    this.pick();
    this.dropTarget();
    this.place.addEventListener("click", (event) => this.removeClicked(event));
  }

  pick() {
    const input = find("[data-compose-file]", this.form);
    input?.addEventListener("change", () => {
      this.add([...input.files]);
      input.value = "";
    });
  }

  get limit() { return Number(this.form.dataset.limit || Infinity); }
  get used() { return Number(this.form.dataset.used || 0); }
  get isBusy() { return this.waiting > 0; }

  add(files, { more = {} } = {}) {
    this.troubles.replaceChildren();
    for (const file of files) {
      if ((this.used + this.onTheWay() + file.size) > this.limit) this.refuse(file.name, this.words.of("too-large"));
      else this.send(file, more);
    }
  }

  onTheWay() { return [...this.pending.children].reduce((sum, row) => sum + Number(row.dataset.size ?? 0), 0); }

  // Said beside the files and kept there, in red, until the next ones.
  refuse(name, why) {
    const row = element("p", { className: "err" }, icon("alert"), element("span", { text: name ? `${name}: ${why}` : why }));
    this.troubles.append(row);
  }

  send(file, more) {
    const aborting = new AbortController();
    const bar = element("progress", { attributes: { max: "1", value: "0", "aria-label": file.name } });
    const stop = element("button", { className: "icon-btn", attributes: { type: "button", "aria-label": `${this.words.of("remove")} ${file.name}` } }, icon("x"));
    const row = element("li", { className: "file", attributes: { "data-size": String(file.size) } },
      element("div", { className: "grow" }, element("div", { className: "file__n ellip", text: file.name }), bar), stop);
    stop.addEventListener("click", () => { aborting.abort(); row.remove(); this.settle(); });
    this.pending.append(row);
    this.waiting += 1;
    this.settle();
    const sent = this.queue.then(() => this.one(file, more, { bar, signal: aborting.signal }));
    this.queue = sent.finally(() => { this.waiting -= 1; row.remove(); this.settle(); });
    return this.queue;
  }

  settle() { this.pending.hidden = this.pending.children.length === 0; }

  async one(file, more, { bar, signal }) {
    if (signal.aborted) return;
    try {
      const { data } = await upload(this.form.dataset.files, { file, ...more }, { signal, progress: (part) => { bar.value = part; } });
      this.take(data, file.name);
      if (more.inline && !data.files?.length) this.insertImages([], { failed: true });
    } catch (error) {
      if (error.name !== "AbortError") this.refuse(file.name, this.words.of("upload-failed"));
      if (more.inline) this.insertImages([], { failed: true });
    }
  }

  // What the server says of the files, after any change of them.
  take(data, name = "") {
    if (data.html !== undefined) this.place.replaceChildren(fragment(data.html));
    if (data.used !== undefined) this.form.dataset.used = data.used;
    this.total(data);
    for (const error of data.errors ?? []) this.refuse("", error);
    if (data.html === undefined) this.refuse(name, this.words.of("upload-failed"));
    const images = (data.files ?? []).filter((one) => one.inline);
    if (images.length) this.insertImages(images);
    if (data.files?.length) announce(data.files.map((one) => one.name).join(", "));
    this.changed(data);
  }

  total({ total, over }) {
    const place = find("[data-compose-total]", this.form);
    if (!place || total === undefined) return;
    place.textContent = total;
    place.classList.toggle("danger", Boolean(over));
  }

  async documents(ids) {
    this.troubles.replaceChildren();
    const body = new URLSearchParams(ids.map((id) => ["document", id]));
    const { data } = await talk(this.form.dataset.files, { body }).catch(() => ({ data: {} }));
    this.take(data);
  }

  async removeClicked(event) {
    const button = event.target.closest("[data-compose-remove]");
    if (!button) return;
    event.preventDefault();
    this.troubles.replaceChildren();
    const { data } = await talk(button.dataset.composeRemove, { method: "POST" }).catch(() => ({ data: {} }));
    this.take(data);
    find("[data-compose-remove]", this.place)?.focus();
  }

  dropTarget() {
    const area = this.form.closest("dialog, .composer") ?? this.form;
    const holdsFiles = (event) => event.dataTransfer?.types.includes("Files");
    let depth = 0;
    const mark = (by) => { depth = Math.max(0, depth + by); area.classList.toggle("is-dropping", depth > 0); };
    area.addEventListener("dragenter", (event) => { if (holdsFiles(event)) { event.preventDefault(); mark(1); } });
    area.addEventListener("dragleave", (event) => { if (holdsFiles(event)) mark(-1); });
    area.addEventListener("dragover", (event) => { if (holdsFiles(event)) { event.preventDefault(); event.dataTransfer.dropEffect = "copy"; } });
    area.addEventListener("drop", (event) => {
      mark(-depth);
      if (!holdsFiles(event) || event.defaultPrevented) return;
      event.preventDefault();
      this.add([...event.dataTransfer.files]);
    });
  }
}
