// Saves a second after one stops typing and every ten while one goes on; and at every pause in this
// browser first. A save names the version it was written on top of: what somebody else saved in the
// meantime (another tab, another device) is never overwritten unasked.
import { forget, keep } from "./local.js";
import { talk, Unreachable } from "./talk.js";

const PAUSE = 1000;
const LONGEST = 10_000;
const LOCAL = 250;
const AGAIN = [2000, 5000, 10_000, 30_000]; // ms between attempts while nobody answers

// `read()` gives the content; `post(content, version)` the body of a save; `show(state, answer)` is
// told "saving", "saved", "offline", "conflict", "gone", "refused".
export class Autosave {
  constructor({ user, draft, version, url, read, post, show }) {
    Object.assign(this, { user, draft, version, url, read, post, show });
    this.dirty = 0; // counts changes
    this.done = 0; // the change the server has
    this.keptAt = 0; // the change this browser has
    this.failures = 0;
    this.running = null;
    this.isStopped = false;
    this.isHeld = false;
    this.hide = () => { if (document.visibilityState === "hidden") this.flush(); };
    this.online = () => { this.failures = 0; this.flush(); };
    document.addEventListener("visibilitychange", this.hide);
    addEventListener("pagehide", this.hide);
    addEventListener("online", this.online);
  }

  changed() {
    if (this.isStopped) return;
    this.dirty += 1;
    this.since ??= Date.now();
    this.hereSince ??= Date.now();
    clearTimeout(this.localTimer);
    this.localTimer = setTimeout(() => this.keepHere(), Math.max(0, Math.min(LOCAL, this.hereSince + 2000 - Date.now())));
    if (!this.failures) this.later(Math.max(0, Math.min(PAUSE, this.since + LONGEST - Date.now())));
  }

  later(wait) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.flush(), wait);
  }

  get isClean() { return this.done === this.dirty; }

  async keepHere() {
    this.hereSince = null;
    this.keptAt = this.dirty;
    await keep(this.user, this.draft, { ...this.read(), version: this.version, at: Date.now() });
  }

  // Resolves to true when the server has all there is. One save runs at a time.
  async flush() {
    clearTimeout(this.timer);
    while (this.running) await this.running;
    if (this.isStopped || this.isHeld || this.isClean) return this.isClean;
    this.running = this.save();
    let isDone = false;
    try { isDone = await this.running; } finally { this.running = null; }
    return isDone && (this.isClean || this.flush());
  }

  async save() {
    const at = this.dirty;
    this.since = null;
    if (this.keptAt !== at) this.keepHere();
    this.show("saving");
    try {
      const answer = await talk(this.url, { body: this.post(this.read(), this.version), wait: 15_000 });
      return await this.take(answer, at);
    } catch (error) {
      if (!(error instanceof Unreachable)) throw error;
      this.show("offline");
      this.later(AGAIN[Math.min(this.failures, AGAIN.length - 1)]);
      this.failures += 1;
      return false;
    }
  }

  async take({ status, data }, at) {
    if (status === 200) {
      this.version = data.version;
      this.done = at;
      this.failures = 0;
      this.show("saved", data);
      if (this.isClean) await forget(this.user, this.draft);
      return true;
    }
    clearTimeout(this.timer);
    this.show({ 409: "conflict", 410: "gone" }[status] ?? "refused", data);
    return false;
  }

  // What is here is what the server has: nothing is to be saved.
  async settled() {
    this.done = this.dirty;
    await forget(this.user, this.draft);
  }

  // While it is being sent nothing is saved: a save under way ends first.
  async hold() {
    clearTimeout(this.timer);
    this.isHeld = true;
    while (this.running) await this.running;
  }

  release() { this.isHeld = false; }

  // Nothing more is saved: it has been sent, thrown away, or taken over by somebody else.
  async stop({ keepLocal = false } = {}) {
    this.isStopped = true;
    clearTimeout(this.timer);
    clearTimeout(this.localTimer);
    document.removeEventListener("visibilitychange", this.hide);
    removeEventListener("pagehide", this.hide);
    removeEventListener("online", this.online);
    if (!keepLocal) await forget(this.user, this.draft);
  }
}
