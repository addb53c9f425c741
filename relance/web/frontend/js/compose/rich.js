// The editor on the pages of templates and signatures: the composer's, without its recipients.
// Form: [data-rich] with the hooks of the composer's text, [data-rich-html] for what is kept.
// A place for previews: [data-styled], whose styles the page's policy lets only a script set.
import { announce, emit, find, findAll } from "../dom.js";
import { stored } from "./editor.js";
import { Fields } from "./fields.js";
import { applyStyles } from "./styles.js";
import { Toolbar } from "./toolbar.js";
import { wordsOf } from "./words.js";
import { WritingPlace } from "./writing-place.js";

const LARGEST = 1_000_000; // bytes of a picture put into the text
const LONGEST = 2_000_000; // characters the server takes in one form, pictures of the text included
const PAUSE = 250;

class Rich {
  constructor(form) {
    this.form = form;
    this.words = wordsOf(form);
    this.place = new WritingPlace(form, this.words);
    this.squire = this.place.squire;
    this.kept = find("[data-rich-html]", form);
    this.kept.disabled = false;
    this.keep();
    this.squire.addEventListener("input", () => this.changed());
    form.addEventListener("submit", () => this.keep(), { capture: true });
    new Toolbar(form, this.squire, { words: this.words, pickImage: () => this.pickImage() });
    new Fields(form, this.squire, { words: this.words });
    this.place.drawChips(() => !this.isTouched);
    form.classList.add("is-live");
  }

  keep() {
    const html = stored(this.squire);
    if (html.length > LONGEST) { this.refuse(); this.squire.undo(); return; }
    this.kept.value = html;
  }

  refuse() {
    announce(this.words.of("too-large"));
    emit("toast", { text: this.words.of("too-large"), undo: "" });
  }

  changed() {
    if (this.place.isQuiet) return;
    this.isTouched = true;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => { this.keep(); emit("rich-changed", {}, this.form); }, PAUSE);
  }

  pickImage() {
    const input = Object.assign(document.createElement("input"), { type: "file", accept: "image/png,image/jpeg,image/gif,image/webp" });
    input.addEventListener("change", () => { if (input.files[0]) this.putImage(input.files[0]); });
    input.click();
  }

  putImage(file) {
    if (file.size > LARGEST) { this.refuse(); return; }
    const reader = new FileReader();
    reader.addEventListener("load", () => {
      const image = document.createElement("img");
      image.src = reader.result;
      image.alt = file.name.replace(/\.\w+$/, "");
      this.squire.insertHTML(image.outerHTML);
      this.squire.focus();
    });
    reader.readAsDataURL(file);
  }
}

function styled(place) {
  applyStyles(place);
  new MutationObserver(() => applyStyles(place)).observe(place, { childList: true, subtree: true });
}

export function rich() {
  for (const form of findAll("[data-rich]:not(.is-live)")) {
    if (!find("fieldset[disabled]", form)) new Rich(form);
  }
  findAll("[data-styled]").forEach(styled);
}
