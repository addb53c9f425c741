// One message of a conversation: its menu, its other forms, its whole when it is large, on paper.
import htmx from "htmx";
import { announce, find, findAll, on } from "./dom.js";
import { fragment, post, text } from "./http.js";
import { goBack, visit } from "./visit.js";

const isPlain = (event) => !(event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);
const messageOf = (element) => element.closest("details.mail");

// Puts another form of the message in the place of what is shown: plain text, answered, loaded.
async function show(mail, url) {
  const inside = mail && find(".mail__inside", mail);
  const html = inside && (await text(url).catch(() => ""));
  if (!html) return;
  const hadFocus = inside.contains(document.activeElement);
  inside.replaceChildren(fragment(html));
  htmx.process(inside);
  mail.removeAttribute("data-load");
  if (hadFocus) find("summary", mail).focus({ preventScroll: true });
}

const own = (mail) => `/threads/${find("[data-conversation]").dataset.conversation}/messages/${mail.id.slice(1)}/`;

on("click", "[data-inside]", (event, link) => {
  if (!isPlain(event)) return;
  event.preventDefault();
  show(messageOf(link), link.dataset.inside);
});

on("click", ".mail__acts .menu a, .toolbar .menu a", (_event, link) => { link.closest("details.drop").open = false; });

// Acts that answer with a toast and, maybe, with what has changed.
on("submit", "[data-act-form]", (event, form) => {
  const url = event.submitter?.getAttribute("formaction");
  if (!url) return;
  event.preventDefault();
  const menu = form.closest("details.drop");
  if (menu) menu.open = false;
  post(url);
});

document.addEventListener("message-changed", ({ detail }) => {
  const mail = find(`#m${detail.message}`);
  if (mail?.open) show(mail, own(mail));
});
document.addEventListener("visit", ({ detail }) => visit(detail.url, { replace: true }));
document.addEventListener("go-back", () => goBack());

// Answering that message: in the reply box of the page.
on("submit", "[data-answer]", (event, form) => {
  const opener = find("form[data-compose-opener]");
  const menu = form.closest("details.drop");
  if (menu) menu.open = false;
  if (!opener || !event.submitter) return;
  event.preventDefault();
  const button = document.createElement("button");
  button.type = "submit";
  button.hidden = true;
  button.setAttribute("formaction", event.submitter.getAttribute("formaction"));
  opener.append(button);
  opener.requestSubmit(button);
  button.remove();
});

// A hidden frame prints itself: nothing in it can run, so the page asks it to.
on("click", "a[data-print]", (event, link) => {
  if (!isPlain(event)) return;
  event.preventDefault();
  const menu = link.closest("details.drop");
  if (menu) menu.open = false;
  for (const old of findAll("iframe.printing")) old.remove();
  const frame = Object.assign(document.createElement("iframe"), { className: "printing", src: link.href });
  frame.setAttribute("aria-hidden", "true");
  frame.addEventListener("load", () => { frame.contentWindow.focus(); frame.contentWindow.print(); }, { once: true });
  document.body.append(frame);
});

// A large message: a worker fetches it, the page hears how that ended.
on("submit", "[data-load-whole]", async (event, form) => {
  event.preventDefault();
  loading(form, true);
  if (!(await post(form.action))) loading(form, false);
});

function loading(form, is) {
  find("button", form).disabled = is;
  find(".load__bar", form).hidden = !is;
  if (is) find(".load__words", form).hidden = true;
}

document.addEventListener("live:message.loaded", ({ detail }) => {
  const form = find(`[data-load-whole="${detail.copy}"]`);
  if (!form) return;
  if (detail.outcome === "loaded") { visitAgain(detail); return; }
  loading(form, false);
  const words = find(".load__words", form);
  words.textContent = words.dataset[detail.outcome] ?? "";
  words.hidden = false;
  announce(words.textContent);
});

// What was loaded may have another sender, another place: the conversation is read again.
function visitAgain(detail) {
  const here = Number(find("[data-conversation]")?.dataset.conversation ?? 0);
  if (here) visit(`/threads/${detail.thread ?? here}/?open=${detail.copy}`, { replace: true, thread: detail.thread ?? here });
}
