// Two versions of one draft: what this browser kept against what the server has, and what is written
// here against what was saved elsewhere meanwhile.
import { announce } from "../dom.js";
import { keepApart, settle } from "./conflict.js";
import { kept } from "./local.js";

export class Versions {
  constructor(composer) { this.composer = composer; }

  // What this browser kept and the server never had comes back, unless the draft moved on since.
  async restore() {
    const { composer } = this;
    const here = await kept(composer.user, composer.id);
    if (!here || this.isSame(here)) return;
    if (String(here.version) === String(composer.autosave.version)) {
      await composer.fill(here);
      composer.status.show("restored");
      announce(composer.words.of("restored"));
      composer.edited();
    } else await this.choose(here, { ...composer.content(), version: composer.autosave.version }, { isLocal: true });
  }

  isSame(other) {
    const ours = this.composer.content();
    const isAlike = ["subject", "html", "sender", "has_quote"].every((name) => ours[name] === other[name]);
    return isAlike && JSON.stringify(ours.people) === JSON.stringify(other.people);
  }

  async choose(mine, current, more) {
    if (this.isChoosing) return;
    this.isChoosing = true;
    const { composer } = this;
    const choice = await settle(composer.words, mine, current, more);
    this.isChoosing = false;
    if (!choice) return; // later: both stay where they are
    if (choice === "both" && !(await keepApart(mine, (...parts) => composer.toBody(...parts)))) {
      composer.trouble("upload-failed");
      return;
    }
    composer.autosave.version = current.version;
    await composer.fill(choice === "mine" ? mine : current);
    if (choice === "mine") {
      composer.edited();
      await composer.autosave.flush();
    } else {
      await composer.autosave.settled();
      composer.status.show(choice === "both" ? "both-kept" : "saved", current);
    }
  }
}
