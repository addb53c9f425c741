// Bodies of mail stand in sandboxed frames where nothing runs; the page gives each its height and
// hears its keys, which the sandbox allows since the frame is of our own origin and has no script.
import { emit, findAll, find, on } from "./dom.js";

const BLANK = "about:blank";

function fit(frame) {
  const inside = frame.contentDocument;
  if (!inside?.documentElement || inside.URL === BLANK) return;
  const resize = () => {
    const height = Math.ceil(inside.documentElement.getBoundingClientRect().height);
    const bar = inside.documentElement.scrollWidth > frame.clientWidth ? 16 : 0;
    frame.style.setProperty("height", `${height + bar}px`);
  };
  resize();
  frame.classList.add("is-shown");
  new ResizeObserver(resize).observe(inside.documentElement);
  inside.addEventListener("keydown", (event) => {
    const { key, ctrlKey, altKey, metaKey, shiftKey } = event;
    const copy = new KeyboardEvent("keydown", { key, ctrlKey, altKey, metaKey, shiftKey, cancelable: true });
    emit("frame:key", copy);
    if (copy.defaultPrevented) event.preventDefault();
  });
  const theme = document.documentElement.dataset.theme;
  if (theme) inside.documentElement.style.setProperty("color-scheme", theme);
}

document.addEventListener("load", (event) => {
  if (event.target instanceof HTMLIFrameElement && event.target.matches("[data-frame-height]")) fit(event.target);
}, { capture: true });

for (const frame of findAll("[data-frame-height]")) {
  if (frame.contentDocument?.readyState === "complete") fit(frame);
}

// Consent, for this message: its images are loaded from elsewhere.
on("click", "[data-remote]", (event, link) => {
  event.preventDefault();
  const frame = find(`#${CSS.escape(link.dataset.frame)}`);
  if (frame) frame.src = link.dataset.remote;
  link.closest(".notice")?.remove();
});
