// One composer: puts its parts together, and knows what is written.
import { announce, emit, find, findAll } from "../dom.js";
import { Autosave } from "./autosave.js";
import { bodyOf, contentOf, fill, tell } from "./contents.js";
import { isEmpty, putSignature } from "./editor.js";
import { Fields } from "./fields.js";
import { Files } from "./files.js";
import { Images } from "./images.js";
import { Insert } from "./insert.js";
import { People } from "./people.js";
import { Schedule } from "./schedule.js";
import { Send } from "./send.js";
import { Status } from "./status.js";
import { Suggest } from "./suggest.js";
import { Toolbar } from "./toolbar.js";
import { Versions } from "./versions.js";
import { wordsOf } from "./words.js";
import { WritingPlace } from "./writing-place.js";

export class Composer {
  constructor(form) {
    Object.assign(this, { form, id: form.dataset.compose, user: document.body.dataset.user, words: wordsOf(form) });
    this.status = new Status(form, this.words);
    this.subject = find("[data-compose-subject]", form);
    this.sender = find("[data-compose-sender]", form);
    this.quoted = find("[name=has_quote]", form);
    this.lines();
    this.write();
    this.insert = new Insert(this);
    this.schedule = new Schedule(form);
    this.send = new Send(this);
    this.versions = new Versions(this);
    this.autosave = new Autosave({
      user: this.user, draft: this.id, version: find("[name=version]", form).value, url: form.dataset.save,
      read: () => this.content(), post: (...parts) => this.toBody(...parts), show: (...told) => this.told(...told),
    });
    for (const control of [this.subject, this.sender, this.quoted]) control?.addEventListener("input", () => this.changed());
    this.place.drawChips(() => this.autosave.dirty === 0);
    form.classList.add("is-live");
  }

  lines() {
    const given = JSON.parse(find("[name=people]", this.form).value || "{}");
    this.people = findAll("[data-compose-line]", this.form).map((row) => new People(row, { words: this.words, changed: () => this.changed() }));
    for (const line of this.people) {
      line.set(given[line.role] ?? []);
      line.suggest = new Suggest(line, { url: this.form.dataset.suggest });
    }
    for (const button of findAll("[data-compose-show]", this.form)) {
      button.addEventListener("click", () => this.show(button.dataset.composeShow).input.focus());
    }
  }

  show(role) {
    const line = this.people.find((one) => one.role === role);
    line.row.hidden = false;
    find(`[data-compose-show=${role}]`, this.form)?.setAttribute("hidden", "");
    return line;
  }

  write() {
    const { form, words } = this;
    this.place = new WritingPlace(form, words);
    this.squire = this.place.squire;
    this.squire.addEventListener("input", () => this.changed());
    this.place.root.addEventListener("compose:lost-images", ({ detail }) => this.trouble("lost-images", { n: detail.count }));
    this.files = new Files(form, { words, changed: (data) => this.answered(data), insertImages: (...found) => this.images.insert(...found) });
    this.images = new Images(this.squire, this.files, { changed: () => this.changed() });
    this.toolbar = new Toolbar(form, this.squire, { words, pickImage: () => this.images.pick() });
    this.fields = new Fields(form, this.squire, { words });
  }

  content() { return contentOf(this); }
  toBody(content, version) { return bodyOf(content, version, this.form.dataset.shape); }
  body() { return this.toBody(this.content(), this.autosave.version); }

  fill(content) { return fill(this, content); }

  changed() {
    if (!this.place.isQuiet) this.edited();
  }

  edited() {
    this.form.toggleAttribute("data-unsaved", true);
    this.autosave.changed();
  }

  // What stands half typed is meant.
  commit() { for (const line of this.people) line.commit(); }

  // Anything the server says of the draft besides the answer to a save.
  answered(data) {
    if (data.version !== undefined) this.autosave.version = data.version;
  }

  told(state, data = {}) {
    this.status.show(state, data);
    if (state === "conflict") this.conflict(data);
    else if (state === "gone") this.gone(data);
    else if (state === "saved") {
      tell(this, data);
      this.form.toggleAttribute("data-unsaved", !this.autosave.isClean);
      emit("compose:saved", { composer: this });
    }
  }

  trouble(name, values) {
    this.files.refuse("", this.words.of(name, values));
    announce(this.words.of(name, values));
  }

  sign(html, { isSwitch }) {
    const has = find(".signature", this.place.root);
    putSignature(this.squire, has && !isSwitch ? "" : html);
    this.changed();
  }

  conflict({ current }) { return this.versions.choose(this.content(), current); }

  // Sent or deleted elsewhere: what is written here stays to be copied.
  async gone(data) {
    await this.autosave.stop({ keepLocal: true });
    this.status.show("gone", data);
    announce(data.words ?? "");
  }

  waits(cancel) { this.status.waits(cancel); }

  async sent() {
    await this.autosave.stop();
    emit("compose:left", { composer: this, why: "sent" });
  }

  get isUntouched() { return this.autosave.dirty === 0 && isEmpty(this.squire) && this.form.dataset.kind === "new"; }

  // Leaves with everything kept, here at least.
  async leave() {
    this.commit();
    if (!this.autosave.isClean) await this.autosave.keepHere();
    const isSaved = await this.autosave.flush();
    await this.autosave.stop({ keepLocal: !isSaved });
    this.destroy();
  }

  destroy() {
    this.send.destroy();
    this.insert.destroy();
    this.squire.destroy();
  }
}
