// A folder that changes while one looks at it is read again, keeping the scroll and the cursor.
import htmx from "htmx";
import { find } from "./dom.js";
import { moveTo, current } from "./cursor.js";
import { fragment, text } from "./http.js";

document.addEventListener("live:folder.changed", async ({ detail }) => {
  const list = find("#rows[data-folder]");
  if (!list || !detail.uses?.includes(list.dataset.folder)) return;
  const html = await text(location.pathname + location.search).catch(() => "");
  const fresh = html && find("#rows", fragment(html));
  if (!fresh || !list.isConnected) return;
  const [top, cursor] = [list.scrollTop, current()?.dataset.thread];
  list.replaceChildren(...fresh.childNodes);
  htmx.process(list);
  list.scrollTop = top;
  if (cursor) moveTo(find(`[data-thread="${cursor}"]`, list), { focus: false });
});
