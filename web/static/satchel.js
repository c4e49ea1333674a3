"use strict";
/* Comfort only: every page works without this file.
   Keys written on links and buttons press them; a form is sent once; Print opens the print dialog. */

const typesIn = (element) =>
  element.matches("textarea, select, input:not([type=checkbox]):not([type=radio]):not([type=submit])");

/* The field comes first: the browser sets it a moment after the page, and a quick hand's first digit would
   be taken for a number of the menu. */
const first = document.querySelector("[autofocus]");
if (first && document.activeElement === document.body) first.focus();

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey) return;
  const key = event.key.toLowerCase();
  if (typesIn(event.target) && key !== "escape") return;
  // the page comes before the menu: behind 0 the digits are those of the list that is shown
  const wanted = [...document.querySelectorAll("main [data-key]"), ...document.querySelectorAll("[data-key]")].find(
    (element) => element.dataset.key.toLowerCase() === key && !element.hidden
  );
  if (wanted) {
    event.preventDefault();
    if (typesIn(wanted)) { wanted.focus(); wanted.select(); } else { wanted.click(); }
  }
});

document.addEventListener("submit", (event) => {
  if (event.target.dataset.sent) { event.preventDefault(); return; }
  event.target.dataset.sent = "yes";
  for (const button of event.target.querySelectorAll("button")) button.setAttribute("aria-disabled", "true");
});

/* A page that comes back from the browser's memory may be sent again; the server still does it once. */
window.addEventListener("pageshow", () => {
  for (const form of document.forms) delete form.dataset.sent;
});

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.dataset.key = "p";
  button.addEventListener("click", () => window.print());
}
for (const note of document.querySelectorAll("[data-without-script]")) note.hidden = true;
