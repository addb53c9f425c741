// How many conversations are unread, in the tab's title.
import { find } from "./dom.js";

function write() {
  const count = Number(document.body.dataset.unread || 0);
  const bare = document.title.replace(/^\(\d+\) /, "");
  document.title = count && find("[data-board], [data-list], [data-conversation]") ? `(${count}) ${bare}` : bare;
}

document.addEventListener("unread:changed", write);
document.addEventListener("page:shown", write);
write();
