// How the draft stands, in words: saved at, saving, kept in this browser, waiting to leave.
import { find } from "../dom.js";
import { element, icon } from "./draw.js";

const SLOW = 800; // ms: a quick save needs no "saving"

export class Status {
  constructor(form, words) {
    this.form = form;
    this.words = words;
    this.place = find("[data-compose-saved]", form.closest("dialog, .composer, .compfull") ?? form);
  }

  show(state, data = {}) {
    clearTimeout(this.timer);
    if (state === "saving") { this.timer = setTimeout(() => this.say(this.words.of("saving")), SLOW); return; }
    const said = {
      saved: data.saved || this.words.of("saved"), offline: this.words.of("offline"), restored: this.words.of("restored"),
      gone: data.words, refused: data.words || this.words.of("refused"), "both-kept": this.words.of("both-kept"),
      conflict: data.words || this.words.of("conflict"),
    }[state];
    this.say(said ?? "", ["offline", "gone", "refused", "conflict"].includes(state));
  }

  say(text, isBad = false) {
    if (!this.place) return;
    this.place.textContent = text;
    this.place.classList.toggle("is-bad", isBad);
  }

  // The mail is about to leave and nobody answers: nothing is changed meanwhile, one may take it back.
  waits(cancel) {
    if (this.waiting) return;
    const button = element("button", { className: "btn btn--s", text: this.words.of("stop-waiting"), attributes: { type: "button" } });
    this.waiting = element("div", { className: "notice composer__waits", attributes: { role: "status" } }, icon("offline"), element("span", { className: "grow", text: this.words.of("waits") }), button);
    const others = [...this.form.children].filter((child) => !child.inert);
    for (const child of others) child.inert = true;
    this.stopWaiting = () => {
      for (const child of others) child.inert = false;
      this.waiting?.remove();
      this.waiting = null;
    };
    button.addEventListener("click", () => { this.stopWaiting(); cancel(); });
    this.form.append(this.waiting);
    button.focus();
  }
}
