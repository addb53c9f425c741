// Images in the text: pasted, dropped there or chosen; each goes to the server at once and is shown
// from there, so that a mail being written never carries them twice.
import { find, findAll } from "../dom.js";

const SHOWN = /^image\/(png|jpe?g|gif|webp)$/;
export const isImage = (file) => SHOWN.test(file.type);
const named = (file) => (file.name ? file : new File([file], `image.${file.type.split("/")[1]}`, { type: file.type }));

async function fileOf(image) {
  const blob = await (await dataBlob(image.getAttribute("src")));
  const type = blob.type.split("/")[1] ?? "png";
  return new File([blob], `${image.alt || "image"}.${type}`, { type: blob.type });
}

// Not fetch(): the page's policy lets it ask our own server only.
async function dataBlob(url) {
  const [, type, data] = /^data:([^;,]+);base64,(.*)$/s.exec(url) ?? [];
  const bytes = Uint8Array.from(atob(data ?? ""), (sign) => sign.charCodeAt(0));
  return new Blob([bytes], { type });
}

export class Images {
  constructor(squire, files, { changed }) {
    Object.assign(this, { squire, files, changed });
    const root = squire.getRoot();
    squire.addEventListener("pasteImage", ({ detail }) => {
      const images = [...detail.clipboardData.items].filter((item) => item.kind === "file").map((item) => item.getAsFile()).filter(isImage);
      this.add(images);
    });
    squire.addEventListener("willPaste", () => setTimeout(() => this.takeOver()));
    root.addEventListener("paste", (event) => this.pasteFiles(event), { capture: true });
    root.addEventListener("drop", (event) => this.drop(event), { capture: true });
  }

  add(files) { this.files.add(files.map(named), { more: { inline: "1" } }); }

  pick() {
    const input = Object.assign(document.createElement("input"), { type: "file", accept: "image/png,image/jpeg,image/gif,image/webp", multiple: true });
    input.addEventListener("change", () => this.add([...input.files]));
    input.click();
  }

  // Files that are no images become attachments.
  pasteFiles(event) {
    const files = [...event.clipboardData.files];
    const others = files.filter((file) => !isImage(file));
    if (!others.length || event.clipboardData.types.includes("text/html")) return;
    event.preventDefault();
    event.stopPropagation();
    this.files.add(others);
    this.add(files.filter(isImage));
  }

  drop(event) {
    const files = [...(event.dataTransfer?.files ?? [])];
    if (!files.length || !files.every(isImage)) return;
    event.preventDefault(); // the composer's own drop leaves it alone then
    const at = document.caretRangeFromPoint?.(event.clientX, event.clientY);
    if (at && this.squire.getRoot().contains(at.startContainer)) this.squire.setSelection(at);
    this.add(files);
  }

  // The server has it: it stands where the cursor is, or where its pasted data stood.
  insert(images, { failed = false } = {}) {
    if (failed) find("img[data-uploading]", this.squire.getRoot())?.remove();
    for (const { url, name } of images) {
      const waiting = find("img[data-uploading]", this.squire.getRoot());
      if (waiting) {
        waiting.setAttribute("src", url);
        waiting.removeAttribute("data-uploading");
      } else this.squire.insertImage(url, { alt: name });
    }
    this.changed();
  }

  // Pasted HTML may hold images as data: each is made a file of the mail.
  async takeOver() {
    for (const image of findAll("img[src^='data:']:not([data-uploading])", this.squire.getRoot())) {
      const file = await fileOf(image);
      image.setAttribute("data-uploading", "");
      this.add([file]);
    }
  }
}
