// What the bar puts in: a template, the signature.
import { find } from "../dom.js";
import { fragment } from "../http.js";
import { ask } from "./ask.js";
import { isEmpty, put } from "./editor.js";
import { talk } from "./talk.js";

export class Insert {
  constructor(composer) {
    this.composer = composer;
    this.form = composer.form;
    const button = find("[data-compose-insert=template]", this.form);
    button?.addEventListener("click", () => this.toggle(button));
    find("[data-compose-insert=signature]", this.form)?.addEventListener("click", () => this.signature());
    this.form.addEventListener("click", (event) => this.chosen(event));
    this.beside = (event) => { if (!event.target.closest?.(".drop")) this.close(); };
    document.addEventListener("pointerdown", this.beside);
    this.form.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !this.opened) return;
      event.preventDefault();
      event.stopPropagation();
      this.close(true);
    }, { capture: true });
    find("[data-compose-sender]", this.form)?.addEventListener("change", () => this.signature({ onlyIfThere: true }));
  }

  destroy() { document.removeEventListener("pointerdown", this.beside); }

  // Ctrl M.
  templates() { find("[data-compose-insert=template]", this.form)?.click(); }

  async toggle(button) {
    const wasOpen = this.opened === button;
    this.close();
    if (wasOpen) return;
    const menu = find("[data-compose-menu=template]", this.form);
    const { html, status } = await talk(this.form.dataset.templates, { accept: "text/html" }).catch(() => ({}));
    if (status !== 200) { this.composer.trouble("upload-failed"); return; }
    menu.replaceChildren(fragment(html));
    menu.setAttribute("role", "menu");
    menu.hidden = false;
    button.setAttribute("aria-expanded", "true");
    this.opened = button;
    find(".menu__item", menu)?.focus();
  }

  close(isBack = false) {
    const button = this.opened;
    if (!button) return;
    this.opened = null;
    button.setAttribute("aria-expanded", "false");
    find("[data-compose-menu=template]", this.form).hidden = true;
    if (isBack) button.focus();
  }

  chosen(event) {
    const template = event.target.closest("[data-compose-template]");
    if (template) { this.close(); this.template(template.dataset.composeTemplate); }
  }

  async template(url) {
    const { composer } = this;
    const { words, squire } = composer;
    if (!isEmpty(squire)) {
      const answer = await ask({ title: words.of("replace-title"), text: words.of("replace"), choices: [["", words.of("cancel")], ["yes", words.of("replace-do"), true]] });
      if (!answer) return;
    }
    await composer.autosave.flush();
    const { status, data } = await talk(url, { method: "POST" }).catch(() => ({}));
    if (status !== 200) { composer.trouble("upload-failed"); return; }
    await composer.fields.load();
    put(squire, data.html ?? "", { replace: true });
    const subject = find("[data-compose-subject]", this.form);
    if (data.subject && subject) subject.value = data.subject;
    composer.answered(data);
    if (typeof data.files === "string") composer.files.take({ ...data, html: data.files, files: [] });
    composer.edited();
    squire.focus();
  }

  async signature({ onlyIfThere = false } = {}) {
    const root = this.composer.squire.getRoot();
    const old = find(".signature", root);
    if (onlyIfThere && !old) return;
    const sender = find("[data-compose-sender]", this.form)?.value ?? "";
    const { status, data } = await talk(`${this.form.dataset.signature}?${new URLSearchParams({ sender })}`).catch(() => ({}));
    if (status !== 200) return;
    this.composer.sign(data.html ?? "", { isSwitch: onlyIfThere });
    this.composer.answered(data);
  }
}
