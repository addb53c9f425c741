// Send, schedule, and what may stand between: guards that ask, a network that is away, a second
// press. A mail is sent once: while an answer is missing nothing is sent anew, the same version is
// asked for again, and the server sends a version once.
import { announce, emit, find } from "../dom.js";
import { fragment } from "../http.js";
import { talk, Unreachable } from "./talk.js";

const AGAIN = 4000;

export class Send {
  constructor(composer) {
    this.composer = composer;
    this.form = composer.form;
    this.problems = find("[data-compose-problems]", this.form);
    this.problems.addEventListener("click", (event) => {
      if (event.target.closest("[data-compose-dismiss]")) { this.problems.replaceChildren(); composer.squire.focus(); }
    });
    this.online = () => { if (this.waiting) this.again(); };
    addEventListener("online", this.online);
  }

  destroy() {
    removeEventListener("online", this.online);
    clearTimeout(this.timer);
  }

  // `button`: the one pressed, whose formaction and value say what is wanted.
  async go(button) {
    if (this.isGoing) return;
    this.isGoing = true;
    this.busy(true);
    this.problems.replaceChildren();
    this.composer.commit();
    await this.composer.files.queue;
    const body = this.composer.body();
    if (button.name) body.set(button.name, button.value);
    this.when(body, button);
    await this.attempt(button.formAction, body);
  }

  when(body, button) {
    const menu = button.closest("[data-compose-schedule]");
    if (!menu) return;
    for (const name of ["date", "time", "zone"]) body.set(name, find(`[name=${name}]`, menu).value);
  }

  async attempt(url, body) {
    await this.composer.autosave.hold();
    body.set("version", this.composer.autosave.version);
    this.what = { url, body };
    try {
      const answer = await talk(url, { body, accept: "text/html", wait: 30_000 });
      this.waiting = false;
      this.composer.status.stopWaiting?.();
      await this.answered(answer);
    } catch (error) {
      if (!(error instanceof Unreachable)) throw error;
      this.wait();
    }
  }

  async answered({ status, html, data }) {
    if (status === 204 || status === 200 && !html.trim()) { await this.composer.sent(); return; }
    this.isGoing = false;
    this.busy(false);
    this.composer.autosave.release();
    if (status === 410 || data.gone) { this.composer.gone(data); return; }
    if (status === 409 && data.conflict) { this.composer.conflict(data); return; }
    if (!html.trim() || data.words) { this.composer.trouble("failed"); return; }
    this.problems.replaceChildren(fragment(html));
    // What was posted has been saved: its version is the one the next save is written on.
    this.composer.answered({ version: find("[data-compose-answer]", this.problems)?.dataset.version });
    this.problems.scrollIntoView({ block: "nearest" });
    const first = find("[data-compose-anyway], [data-compose-dismiss], a, button", this.problems);
    (first ?? this.composer.squire).focus();
    announce(find(".notice", this.problems)?.textContent.trim() ?? "");
  }

  // No answer: said, kept, and asked again, until it is answered or taken back.
  wait() {
    if (!this.waiting) announce(this.composer.words.of("waits"));
    this.waiting = true;
    this.composer.waits(() => this.takeBack());
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.again(), AGAIN);
  }

  again() {
    clearTimeout(this.timer);
    if (this.waiting && !this.asking) {
      this.asking = this.attempt(this.what.url, this.what.body).finally(() => { this.asking = null; });
    }
  }

  takeBack() {
    clearTimeout(this.timer);
    this.waiting = false;
    this.isGoing = false;
    this.busy(false);
    this.composer.autosave.release();
    this.composer.edited();
  }

  busy(isBusy) {
    const button = find("[data-compose-send]", this.form);
    this.form.toggleAttribute("data-sending", isBusy);
    button?.setAttribute("aria-disabled", String(isBusy));
  }

  async silence(button) {
    await talk(button.dataset.composeSilence, { method: "POST" }).catch(() => {});
    button.closest("li").remove();
    if (find("li", this.problems)) return;
    const anyway = find("[data-compose-anyway]", this.problems);
    if (anyway) this.go(anyway);
    else emit("compose:quiet");
  }
}
