// Files dropped on [data-drop-files] go through the form it names, as if they had been chosen there.
import { announce, find, on } from "./dom.js";

const hasFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
let over = null;

function mark(place) {
  if (over !== place) over?.classList.remove("is-over");
  over = place;
  over?.classList.add("is-over");
}

on("dragover", "[data-drop-files]", (event, place) => {
  if (!hasFiles(event)) return;
  event.preventDefault();
  event.dataTransfer.dropEffect = "copy";
  mark(place);
});
document.addEventListener("dragleave", (event) => { if (over && !over.contains(event.relatedTarget)) mark(null); });
on("drop", "[data-drop-files]", (event, place) => {
  if (!hasFiles(event)) return;
  event.preventDefault();
  mark(null);
  const form = find(place.dataset.dropFiles);
  const input = form && find("input[type=file]", form);
  if (!input || !event.dataTransfer.files.length) return;
  input.files = event.dataTransfer.files;
  announce([...input.files].map((file) => file.name).join(", "));
  form.requestSubmit();
});
