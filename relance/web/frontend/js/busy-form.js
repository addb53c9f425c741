// A form that takes a while says so: its button is told what it waits for, and pressed once.
document.addEventListener("submit", (event) => {
  const form = event.target.closest("form[data-busy]");
  if (!form) return;
  if (form.dataset.sent) return event.preventDefault();
  form.dataset.sent = "yes";
  form.setAttribute("aria-busy", "true");
  const button = event.submitter ?? form.querySelector("button:not([type=button])");
  if (button) button.textContent = form.dataset.busy;
});

// Coming back with the browser's own history finds the form ready again.
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});
