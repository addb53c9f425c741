// A mailbox that is being imported, counted while one watches.
import { find } from "./dom.js";
import { reloadSoon } from "./reload-list.js";

document.addEventListener("live:sync.progress", ({ detail }) => {
  const notice = find(`[data-import="${detail.account}"]`);
  if (!notice) return;
  find("[data-import-count]", notice).textContent = `${detail.done} / ${detail.total}`;
  const bar = find("[data-import-bar]", notice);
  bar.max = detail.total || 1;
  bar.value = detail.done;
  if (detail.total && detail.done >= detail.total) notice.remove();
});
// A mailbox that breaks or comes back changes what stands above the list.
document.addEventListener("live:sync.state", () => {
  if (find("#mail-notices")) reloadSoon();
});
