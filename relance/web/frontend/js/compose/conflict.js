// The same draft was changed elsewhere: neither version is lost, one says which goes on here.
import { find } from "../dom.js";
import { fragment, request } from "../http.js";
import { ask } from "./ask.js";
import { element } from "./draw.js";

const plain = (html) => {
  const text = new DOMParser().parseFromString(html.replace(/<\/(p|div|li|h\d)>|<br[^>]*>/gi, " $&"), "text/html").body.textContent;
  return text.replace(/\s+/g, " ").trim().slice(0, 240);
};

const side = (title, html) =>
  element("section", { className: "conflict__side" }, element("h3", { text: title }), element("p", { className: "soft", text: plain(html) || "–", attributes: { dir: "auto" } }));

// Resolves to "both", "mine", "theirs" or "" (later). `mine` and `current` are contents.
export function settle(words, mine, current, { isLocal = false } = {}) {
  const body = element("div", { className: "conflict" }, side(words.of(isLocal ? "kept-here" : "mine"), mine.html), side(words.of("theirs"), current.html));
  return ask({
    title: words.of("conflict"),
    body,
    choices: [["theirs", words.of("take-theirs")], ["mine", words.of("take-mine")], ["both", words.of("take-both"), true]],
  });
}

// `mine` becomes a draft of its own. Resolves to true when the server has it.
export async function keepApart(mine, toBody) {
  const url = find("a[data-compose-new]")?.getAttribute("href") ?? "/compose/";
  const opened = await request(url, { method: "POST", body: new URLSearchParams() }).catch(() => null);
  const form = opened?.ok && find("form[data-compose]", fragment(await opened.text()));
  if (!form) return false;
  const body = toBody(mine, find("[name=version]", form).value);
  body.delete("sender");
  const saved = await request(form.dataset.save, { method: "POST", body, accept: "application/json" }).catch(() => null);
  return Boolean(saved?.ok);
}
