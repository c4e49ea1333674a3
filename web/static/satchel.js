"use strict";
/* Comfort only: every page works without this file.
   One rule for Enter: accept and go to the next field; in the last one it presses the form's button.
   Shift+Enter goes back, Ctrl+Enter sends from anywhere, Esc leads out without loss.
   Keys written on links and buttons press them. A form is sent once; Print opens the print dialog.
   A page with keys of its own (the collection sheet) calls preventDefault, or stands in [data-own-keys]. */

const all = (wanted, within = document) => [...within.querySelectorAll(wanted)];
const typesIn = (element) =>
  element.matches("textarea, select, input:not([type=checkbox]):not([type=radio]):not([type=submit])");
const isText = (element) => element.matches("textarea, input:not([type=checkbox]):not([type=radio]):not([type=file])");
const isSeen = (element) => element.getClientRects().length > 0;

/* --- Enter ------------------------------------------------------------------------------------- */

/* The fields of a form in the order of the page; of radio buttons the chosen one stands for all. */
const fieldsOf = (form) =>
  [...form.elements].filter((element) => {
    if (!element.matches("input:not([type=hidden]):not([type=submit]):not([type=button]), select, textarea")) return false;
    if (element.disabled || element.readOnly || !isSeen(element)) return false;
    if (element.type !== "radio") return true;
    const alike = [...form.elements].filter((other) => other.type === "radio" && other.name === element.name);
    return element === (alike.find((other) => other.checked) || alike[0]);
  });

const mainButton = (form) => {
  const senders = [...form.elements].filter((element) => element.type === "submit" && !element.disabled && isSeen(element));
  return senders.find((button) => !button.matches(".quiet-button, .link")) || senders[0];
};

const send = (form) => {
  const button = mainButton(form);
  if (button) button.click(); else form.requestSubmit();
};

const enter = (field) => {
  field.focus();
  if (isText(field) && field.select) field.select();
};

const goOn = (field, step) => {
  const fields = fieldsOf(field.form);
  const place = fields.findIndex((other) =>
    other === field || (other.type === "radio" && other.name === field.name));
  const next = place < 0 && step < 0 ? fields[fields.length - 1] : fields[place + step];
  if (next) enter(next); else if (step > 0) send(field.form);
};

const pressEnter = (event) => {
  const at = event.target;
  const form = at.form || at.closest("form");
  if (event.ctrlKey) {
    const meant = form || document.querySelector("main form[method=post]") || document.querySelector("main form");
    if (!meant) return;
    event.preventDefault();
    if (!event.repeat) send(meant);
  } else if (form && at.matches("input, select, textarea") && at.type !== "submit") {
    event.preventDefault();
    if (event.altKey && at.matches("textarea")) at.setRangeText("\n", at.selectionStart, at.selectionEnd, "end");
    else if (!event.altKey && !event.repeat) goOn(at, event.shiftKey ? -1 : 1);
  } else if (form && event.shiftKey && at.matches("button, a")) {
    event.preventDefault();
    const last = fieldsOf(form).pop();
    if (last) enter(last);
  }
};

/* --- Dates: + and - move a whole date by a day; its name, and other calendars, stand beside it ------- */

const DATE = /^\s*(?:(\d{4})-(\d{1,2})-(\d{1,2})|(\d{1,2})[ ./-]+(\d{1,2})[ ./-]+(\d{4}))\s*$/;
const DAY = 864e5;
const plainDigits = (text) =>
  text.replace(/[\u0660-\u0669]/g, (digit) => digit.charCodeAt(0) - 0x660)
    .replace(/[\u0966-\u096f]/g, (digit) => digit.charCodeAt(0) - 0x966);

/* The years of the office's calendar around today: "2083 2026-04-14 31 31 32 …"; none where it is Gregorian. */
const calendar = document.querySelector("[data-years]");
const years = !calendar ? [] : calendar.dataset.years.split(";").map((line) => {
  const [year, first, ...months] = line.split(" ");
  return { year: +year, first: Date.parse(first) / DAY, months: months.map(Number) };
});

const gregorian = (year, month, day) => {
  const instant = new Date(Date.UTC(year, month - 1, day));
  return instant.getUTCMonth() === month - 1 ? instant.getTime() / DAY : null;
};
const numberOf = (year, month, day) => {
  if (!calendar) return gregorian(year, month, day);
  const known = years.find((other) => other.year === year);
  if (!known || !(day >= 1 && day <= known.months[month - 1])) return null;
  return known.first + known.months.slice(0, month - 1).reduce((sum, days) => sum + days, 0) + day - 1;
};
const partsOf = (number) => {
  if (!calendar) {
    const instant = new Date(number * DAY);
    return [instant.getUTCFullYear(), instant.getUTCMonth() + 1, instant.getUTCDate()];
  }
  for (const { year, first, months } of years) {
    let rest = number - first;
    if (rest < 0) continue;
    for (let month = 0; month < months.length; rest -= months[month], month += 1)
      if (rest < months[month]) return [year, month + 1, rest + 1];
  }
  return null;
};
const dayTyped = (field) => {
  const found = DATE.exec(plainDigits(field.value));
  if (!found) return null;
  return found[1] ? gregorian(+found[1], +found[2], +found[3]) : numberOf(+found[6], +found[5], +found[4]);
};

const showBeside = (field) => {
  const beside = document.getElementById(`${field.id}-beside`);
  if (!beside) return;
  const number = dayTyped(field);
  const parts = number === null ? null : partsOf(number);
  const named = number === null ? "" : new Intl.DateTimeFormat(document.documentElement.lang, {
    day: "numeric", month: "short", year: "numeric", timeZone: "UTC", calendar: "gregory",
  }).format(number * DAY);
  const own = calendar && parts ? `${parts[2]} ${calendar.dataset.months.split(",")[parts[1] - 1]} ${parts[0]} · ` : "";
  beside.textContent = own + named;
};
const moveDay = (event) => {
  const number = dayTyped(event.target);
  const parts = number === null ? null : partsOf(number + (event.key === "+" ? 1 : -1));
  if (!parts) return;
  event.preventDefault();
  event.target.value = parts.reverse().join(" ");
  event.target.dispatchEvent(new Event("input", { bubbles: true }));
};
document.addEventListener("input", (event) => { if (event.target.matches("[data-day]")) showBeside(event.target); });

/* --- The keys of a page ------------------------------------------------------------------------- */

const keysShown = document.getElementById("keys");
const showKeys = () => {
  const list = keysShown.querySelector("[data-keys-here]");
  list.replaceChildren(...all("main [data-key]").filter(isSeen).map((element) => {
    const line = document.createElement("li");
    const key = document.createElement("kbd");
    key.textContent = element.dataset.key === "Escape" ? "Esc" : element.dataset.key.toUpperCase();
    const words = (element.labels && element.labels[0]) || element;
    const own = [...words.childNodes].filter((part) => part.nodeName !== "KBD").map((part) => part.textContent);
    line.append(key, ` ${own.join("").trim()}`);
    return line;
  }));
  keysShown.showModal();
};

const press = (key) => {
  // the page comes before the menu: behind 0 the digits are those of the list that is shown
  const wanted = [...all("main [data-key]"), ...all("[data-key]")].find(
    (element) => element.dataset.key.toLowerCase() === key && !element.hidden
  );
  if (wanted && isText(wanted)) enter(wanted); else if (wanted) {
    startLeaving(wanted);
    wanted.click();
  }
  return Boolean(wanted);
};

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing || event.metaKey) return;
  if (document.querySelector("dialog[open]")) return;
  if (sending || leaving) { if (event.key.length === 1 || event.key === "Enter") typedAhead(event); return; }
  if (event.key === "Enter") {
    if (!event.target.closest("[data-own-keys]")) pressEnter(event);
    return;
  }
  if (event.ctrlKey || event.altKey) return;
  if (event.target.matches("[data-day]") && "+-".includes(event.key)) { moveDay(event); return; }
  const key = event.key.toLowerCase();
  if (typesIn(event.target) && key !== "escape" && key !== "f1") return;
  if (key === "?" && keysShown) { event.preventDefault(); showKeys(); return; }
  if (press(key)) event.preventDefault();
});

/* --- Sending, and what is typed while the server answers ------------------------------------------- */

const AHEAD = "satchel.ahead";
const LEFT = "satchel.left ";
const AHEAD_MS = 15000;
let sending = false;
let leaving = false;

/* A key that leads to another page: a quick hand types on before it is there. A file leads nowhere. */
const startLeaving = (link) => {
  if (!link.matches("a[href]:not([download], [target], [href^='#'], [href*='.pdf'])")) return;
  leaving = true;
  setTimeout(() => { leaving = false; }, AHEAD_MS);
};
const typedAhead = (event) => {
  if (event.repeat || event.ctrlKey || event.altKey) return;
  event.preventDefault();
  keepAhead(event.key);
};
const keepAhead = (key) => {
  const kept = JSON.parse(sessionStorage.getItem(AHEAD) || '{"keys":[]}');
  // Enter alone may be a key that bounced: it must not confirm a page that nobody has seen
  if (key === "Enter" && !kept.keys.length) return;
  sessionStorage.setItem(AHEAD, JSON.stringify({ keys: [...kept.keys, key], at: Date.now() }));
};
const typeWhatCameAhead = () => {
  const kept = JSON.parse(sessionStorage.getItem(AHEAD) || "null");
  sessionStorage.removeItem(AHEAD);
  if (!kept || Date.now() - kept.at > AHEAD_MS) return;
  for (const key of kept.keys) {
    const at = document.activeElement;
    if (sending || leaving) keepAhead(key);
    else if (key === "Enter") { if (at.form && typesIn(at)) goOn(at, 1); }
    else if (isText(at)) {
      at.setRangeText(key, at.selectionStart, at.selectionEnd, "end");
      at.dispatchEvent(new Event("input", { bubbles: true }));
    } else press(key.toLowerCase());
  }
};

document.addEventListener("submit", (event) => {
  if (event.defaultPrevented) return;
  if (event.target.dataset.sent) { event.preventDefault(); return; }
  event.target.dataset.sent = "yes";
  sessionStorage.removeItem(LEFT + location.pathname);
  for (const button of all("button", event.target)) button.setAttribute("aria-disabled", "true");
  sending = true;
  setTimeout(() => { sending = false; }, AHEAD_MS);
});

/* A page that comes back from the browser's memory may be sent again; the server still does it once. */
window.addEventListener("pageshow", (event) => {
  if (event.persisted) leaving = false;
  sending = false;
  for (const form of document.forms) {
    delete form.dataset.sent;
    for (const button of all("button", form)) button.removeAttribute("aria-disabled");
  }
});

/* --- Out without loss: what was typed and not sent is there again when the page is ------------------ */

const isKept = (field) => field.name && !field.readOnly && field.matches(
  "textarea, select, input:not([type=hidden]):not([type=password]):not([type=file]):not([type=submit])");
const stateOf = (field) => (field.matches("[type=radio], [type=checkbox]") ? String(field.checked) : field.value);
const keyOf = (field) => (field.type === "radio" || field.type === "checkbox" ? `${field.name} ${field.value}` : field.name);
const formsKept = () => all("main form[method=post]").filter((form) => !form.closest("[data-own-keys]"));
const began = new Map();

window.addEventListener("pagehide", () => {
  if (sending) return;
  const left = {};
  for (const [field, state] of began) if (stateOf(field) !== state) left[keyOf(field)] = stateOf(field);
  if (Object.keys(left).length) sessionStorage.setItem(LEFT + location.pathname, JSON.stringify(left));
});
const putBack = () => {
  const left = JSON.parse(sessionStorage.getItem(LEFT + location.pathname) || "{}");
  sessionStorage.removeItem(LEFT + location.pathname);
  for (const form of formsKept()) {
    for (const field of [...form.elements].filter(isKept)) {
      began.set(field, stateOf(field));
      const was = left[keyOf(field)];
      if (was === undefined) continue;
      if (field.matches("[type=radio], [type=checkbox]")) field.checked = was === "true"; else field.value = was;
      for (const note of all("[data-put-back]")) note.hidden = false;
    }
  }
};

/* --- When the page is there ------------------------------------------------------------------------- */

if (document.body.matches(".bare")) {
  for (const name of Object.keys(sessionStorage)) if (name.startsWith(LEFT)) sessionStorage.removeItem(name);
} else putBack();

/* The field comes first: the browser sets it a moment after the page, and a quick hand's first digit would
   be taken for a number of the menu. */
const first = document.querySelector("[autofocus]");
if (first && (document.activeElement === document.body || document.activeElement === first)) {
  if (first.closest("[role=search]")) first.focus(); else enter(first);
}
all("[data-day]").forEach(showBeside);
/* A paper that was asked for and counted: the browser prints it as soon as it is there. */
if (document.querySelector("[data-print-now]")) addEventListener("load", () => setTimeout(() => window.print()));

for (const button of all("[data-print]")) {
  button.hidden = false;
  button.dataset.key = "p";
  button.addEventListener("click", () => window.print());
}
for (const note of all("[data-without-script]")) note.hidden = true;
for (const note of all("[data-with-script]")) note.hidden = false;
typeWhatCameAhead();
