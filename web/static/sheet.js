"use strict";
/* The collection sheet under ten fingers. Without this file the page is a plain form.

   A row box takes a row's number; Enter walks through the row; Esc or - comes back to the box. Each cell is sent
   by itself when it is left, one request at a time, and no key waits for an answer: what a key does costs the
   same on 12 rows as on 120. Amounts are whole minor units and are never added up here, for the clerk types the
   cash that was counted first and sees the total of the sheet after it. */

(() => {
  const form = document.getElementById("sheet");
  if (!form || form.dataset.readonly) return;
  const box = document.getElementById("row"), cash = document.getElementById("cash");
  const told = document.getElementById("told"), panel = document.getElementById("panel");
  const saving = document.getElementById("saving");
  const say = form.dataset, digits = Number(say.digits), mirrored = document.dir === "rtl";
  const kept = `sheet ${say.number}`;

  /* --- rows, read once: each field knows its row ----------------------------------------------------- */

  const rows = new Map(), order = [], places = new WeakMap();
  for (const tr of form.querySelectorAll("tbody tr[data-line]")) {
    const row = { name: tr.dataset.name, line: Number(tr.dataset.line), at: order.length, mark: null, cells: [], columns: [] };
    for (const input of tr.querySelectorAll("input")) {
      input.was = input.value;
      if (input.dataset.mark) row.mark = input;
      else { row.columns[Number(input.dataset.column)] = input; row.cells.push(input); }
      places.set(input, row);
    }
    rows.set(row.line, row);
    order.push(row);
  }
  box.closest(".strip-field").hidden = false;

  /* --- what is told ---------------------------------------------------------------------------------- */

  const fill = (text, facts) => text.replace(/\{(\w+)\}/g, (_, name) => facts[name]);

  const tell = (text, tone = "plain") => {
    told.textContent = text;
    told.className = `told tone-${tone}`;
  };

  let speaker = null;
  const beep = () => {
    if (!window.AudioContext) return;
    speaker = speaker || new AudioContext();
    const sound = speaker.createOscillator(), volume = speaker.createGain();
    volume.gain.value = 0.05;
    sound.frequency.value = 220;
    sound.connect(volume).connect(speaker.destination);
    sound.start();
    sound.stop(speaker.currentTime + 0.08);
  };

  const refuse = (text) => { tell(text, "refused"); beep(); };

  /* --- amounts --------------------------------------------------------------------------------------- */

  /* What was typed with our digits and a point; grouping and spaces go. */
  const plain = (typed) => {
    const text = typed.replace(/[\u0660-\u0669\u06f0-\u06f9\u0966-\u096f]/g, (digit) => {
      const code = digit.charCodeAt(0);
      return code - (code < 0x6f0 ? 0x660 : code < 0x966 ? 0x6f0 : 0x966);
    }).replace(/\u066b/g, ".").replace(/[\s\u066c]/g, "");
    return /^\d{1,3}(,\d{3})+(\.\d*)?$/.test(text) ? text.replaceAll(",", "") : text.replace(/^(\d*),(\d*)$/, "$1.$2");
  };

  /* Whole minor units of such a text, null where it is no amount. */
  const minorOf = (text) => {
    const found = /^(\d*)(?:\.(\d*))?$/.exec(text);
    if (!found || !(found[1] || found[2])) return null;
    const part = (found[2] || "").replace(/0+$/, "");
    const minor = Number((found[1] || "0") + part.padEnd(digits, "0"));
    return part.length > digits || !Number.isSafeInteger(minor) ? null : minor;
  };

  /* Nothing is expected in a withdrawal or a fine: a blank there says that no money moved. */
  const wordless = { withdrawal: "out", charge: "fine" };
  const stateOf = (input) => {
    if (!input.value) return "";
    const minor = minorOf(input.value), due = Number(input.dataset.due);
    if (minor === null) return "wrong";
    if (minor === due) return "";
    return wordless[input.dataset.kind] || (!minor ? "unpaid" : minor < due ? "less" : "more");
  };

  const isMuch = (input, minor) => {
    const { kind, now, owed } = input.dataset;
    if (kind === "loan") return minor > 3 * Number(now) || minor > Number(owed);
    return kind === "savings" && Number(now) > 0 && minor > 3 * Number(now);
  };

  /* --- saving: one request at a time, with everything that waits ------------------------------------- */

  const waiting = new Map();
  let flight = null, pause = 500, wakers = [];
  const signs = { saving: "…", saved: "✓", failed: "✗" };

  const show = (input, state) => {
    const cell = input.parentElement;
    cell.dataset.save = state;
    cell.dataset.sign = signs[state];
    cell.title = say[state];
    if (input.dataset.mark) return;
    const name = stateOf(input);
    cell.dataset.state = name;
    cell.querySelector(".word").textContent = name ? form.getAttribute(`data-word-${name}`) : "";
  };

  const isBusy = () => flight !== null || waiting.size > 0;

  /* Shows how saving stands, and keeps in this tab what is not saved, should the log-in run out. */
  const note = () => {
    const open = [...(flight || []), ...waiting];
    saving.textContent = open.length ? say.saving : say.allSaved;
    if (open.length) sessionStorage.setItem(kept, JSON.stringify(open.map(([input, text]) => [input.name, text])));
    else { sessionStorage.removeItem(kept); for (const wake of wakers.splice(0)) wake(); }
  };

  const keep = (input) => {
    if (input.value === input.was) return;
    input.was = input.value;
    waiting.set(input, input.value);
    show(input, "saving");
    const row = places.get(input);
    if (row.mark) row.mark.placeholder = row.cells.some((one) => minorOf(one.value)) ? "P" : "";
    if (panel.firstChild) panel.replaceChildren();
    send();
  };

  const leave = () => {
    note();
    window.removeEventListener("beforeunload", hold);
    location.href = say.login;
  };

  const ask = async (fields) => {
    const answer = await fetch(form.action, {
      method: "POST", body: new URLSearchParams(fields), redirect: "manual",
      headers: { "X-CSRFToken": form.elements.csrf_token.value, "X-Sheet": "1" },
    });
    if (answer.type === "opaqueredirect") leave();
    if (answer.status === 422) refuse((await answer.json()).told);
    if (!answer.ok) throw new Error(`answered ${answer.status}`);
    return answer;
  };

  const send = async () => {
    if (flight || !waiting.size) return;
    flight = new Map(waiting);
    waiting.clear();
    note();
    try {
      await ask([["do", "cells"], ...[...flight].map(([input, text]) => [input.name, text])]);
      pause = 500;
      for (const input of flight.keys()) if (!waiting.has(input)) show(input, "saved");
      flight = null;
    } catch {
      for (const [input, text] of flight) {
        if (!waiting.has(input)) waiting.set(input, text);
        show(input, "failed");
        input.parentElement.querySelector(".word").textContent = say.failed;
      }
      if (!told.textContent) tell(say.retry, "refused");
      await new Promise((wake) => setTimeout(wake, pause));
      pause = Math.min(2 * pause, 8000);
      flight = null;
    }
    note();
    send();
  };

  const allSaved = () => new Promise((wake) => { if (isBusy()) wakers.push(wake); else wake(); });

  const hold = (event) => { if (isBusy()) event.preventDefault(); };
  window.addEventListener("beforeunload", hold);

  for (const [name, text] of JSON.parse(sessionStorage.getItem(kept) || "[]")) {
    const input = form.elements[name];
    if (input) { input.value = text; keep(input); }
  }

  /* --- walking --------------------------------------------------------------------------------------- */

  const enter = (input) => { input.focus(); input.select(); };
  const home = () => { box.value = ""; enter(box); };

  const goTo = (text) => {
    const found = /^(\d+)(?:\.(\d+))?$/.exec(text);
    const row = found && rows.get(Number(found[1]));
    const input = row && (row.cells[found[2] ? Number(found[2]) - 1 : 0] || (found[2] ? null : row.mark));
    if (!input) { refuse(fill(say.noRow, { row: text })); box.select(); return; }
    tell(row.name);
    box.value = "";
    enter(input);
  };

  /* Whether what is typed may stand. An amount far above the due is asked for once: Enter again says yes. */
  const accepts = (input) => {
    if (input.dataset.mark || input.value === input.was) return true;
    input.value = plain(input.value);
    if (!input.value) return true;
    const line = places.get(input).line, minor = minorOf(input.value);
    if (minor !== null && (input.sure === input.value || !isMuch(input, minor))) return true;
    input.sure = input.value;
    refuse(fill(minor === null ? say.noAmount : say.sure, { row: line, amount: input.value, due: input.placeholder }));
    input.select();
    return false;
  };

  const step = (input, by) => {
    const row = places.get(input), next = row.cells[row.cells.indexOf(input) + by];
    if (next) enter(next); else home();
  };

  const climb = (input, by) => {
    const column = input.dataset.column;
    for (let at = places.get(input).at + by; order[at]; at += by) {
      const beside = column === undefined ? order[at].mark : order[at].columns[Number(column)];
      if (beside) { tell(order[at].name); enter(beside); return; }
    }
    if (by < 0) home();
  };

  const isBlank = (input) => !input.value && !wordless[input.dataset.kind];

  const nextBlank = () => {
    for (const row of order) {
      const blank = row.cells.find(isBlank);
      if (blank) { tell(row.name); enter(blank); return; }
    }
    tell(say.noneBlank, "good");
  };

  /* --- attendance, all as due, taking back ------------------------------------------------------------ */

  const done = [];
  const change = (input, text) => {
    done.push([[input, input.was]]);
    input.value = text;
    keep(input);
  };

  /* A letter on the row: P present, A absent, L on leave; P after L makes LP, late. */
  const attend = (row, letter) => {
    if (!row || !row.mark) { refuse(fill(say.noRow, { row: box.value })); return; }
    const mark = letter === "P" && row.mark.value === "L" ? "LP" : letter;
    if (mark !== row.mark.value) change(row.mark, mark);
    tell(`${row.name} · ${mark}`);
  };

  const acceptAll = () => {
    const blank = order.flatMap((row) => row.cells).filter(isBlank);
    for (const input of blank) { input.value = input.placeholder; keep(input); }
    if (blank.length) done.push(blank.map((input) => [input, ""]));
    tell(fill(say.accepted, { count: blank.length }), "good");
  };

  const undo = () => {
    const last = done.pop();
    for (const [input, text] of last || []) { input.value = text; keep(input); }
    tell(last ? fill(say.undone, { count: last.length }) : say.noUndo);
  };

  /* --- the check --------------------------------------------------------------------------------------- */

  let checking = false;
  const check = async () => {
    if (checking) return;
    checking = true;
    cash.value = plain(cash.value);
    tell(say.checking);
    await allSaved();
    try {
      panel.innerHTML = await (await ask([["do", "check"], ["cash", cash.value]])).text();
      tell("");
      const post = panel.querySelector("[data-first]");
      if (post) post.focus(); else { beep(); if (cash.value) home(); }
    } catch { refuse(say.retry); }
    checking = false;
  };

  /* --- keys -------------------------------------------------------------------------------------------- */

  const inBox = (event) => {
    const key = event.key, text = plain(box.value);
    if (key === "Enter" && !event.shiftKey) { if (text) goTo(text); else { tell(""); enter(cash); } }
    else if (key === "+") acceptAll();
    else if (key === "*") nextBlank();
    else if (key === "-" || key === "Backspace" && !box.value) undo();
    else if (/^[pal]$/i.test(key) && text) { attend(rows.get(Number(text)), key.toUpperCase()); box.select(); }
    else if (key === "ArrowDown" && order.length) goTo(String(order[0].line));
    else if (key === "Escape" && box.value) home();
    else return false;
    return true;
  };

  const inCash = (event) => {
    const key = event.key, whole = cash.selectionEnd - cash.selectionStart === cash.value.length;
    if (key === "Enter" && !event.shiftKey && cash.value) check();
    else if (key === "Enter" || key === "Escape" || key === "-" && !whole) home();
    else return false;
    return true;
  };

  const leaveCell = (input, go) => {
    if (!accepts(input)) return;
    if (input.value !== input.was) change(input, input.value);
    go();
  };

  const inCell = (event) => {
    const input = event.target, key = event.key, length = input.value.length, isMark = Boolean(input.dataset.mark);
    const whole = input.selectionEnd - input.selectionStart === length;
    const forward = mirrored ? "ArrowLeft" : "ArrowRight", backward = mirrored ? "ArrowRight" : "ArrowLeft";
    if (key === "Enter") leaveCell(input, () => step(input, event.shiftKey ? -1 : 1));
    else if (key === "Escape" || key === "-") leaveCell(input, home);
    else if (key === "ArrowDown") leaveCell(input, () => climb(input, 1));
    else if (key === "ArrowUp") leaveCell(input, () => climb(input, -1));
    else if (key === forward && (whole || input.selectionStart === length)) leaveCell(input, () => step(input, 1));
    else if (key === backward && (whole || input.selectionEnd === 0)) leaveCell(input, () => step(input, -1));
    else if (key === "+" && !isMark) { input.value = input.placeholder; leaveCell(input, () => step(input, 1)); }
    else if (key === "*" && !isMark) { input.value = ""; leaveCell(input, () => input.select()); }
    else if (/^[pal]$/i.test(key)) attend(places.get(input), key.toUpperCase());
    else return key.length === 1 && (isMark || /[a-z ]/i.test(key));
    return true;
  };

  const atOnce = (event) => {
    const input = event.target, post = panel.querySelector("[data-first]");
    if (places.has(input) && !accepts(input)) return;
    if (places.has(input) && input.value !== input.was) change(input, input.value);
    if (post && panel.firstChild) post.click(); else if (cash.value) check(); else enter(cash);
  };

  form.addEventListener("keydown", (event) => {
    const target = event.target;
    if (event.isComposing || event.altKey || event.metaKey || event.ctrlKey && event.key !== "Enter") return;
    let taken = true;
    if (event.ctrlKey) atOnce(event);
    else if (target === box) taken = inBox(event);
    else if (target === cash) taken = inCash(event);
    else if (places.has(target)) taken = inCell(event);
    else if ((event.key === "Escape" || event.key === "-") && panel.contains(target)) home();
    else taken = false;
    if (taken) { event.preventDefault(); event.stopPropagation(); }
  });

  /* A cell that is left by mouse or Tab is saved as well. */
  form.addEventListener("focusout", (event) => {
    const input = event.target;
    if (!places.has(input) || input.value === input.was) return;
    change(input, input.dataset.mark ? input.value.trim().toUpperCase() : plain(input.value));
  });
  form.addEventListener("focusin", (event) => { if (places.has(event.target)) event.target.select(); });

  form.addEventListener("click", (event) => {
    const button = event.target.closest("button[name=do]");
    if (!button || button.value === "post") return;
    event.preventDefault();
    if (button.value === "accept") { acceptAll(); home(); } else check();
  });
  form.addEventListener("submit", () => window.removeEventListener("beforeunload", hold));

  note();
  if (!panel.querySelector("[data-first]")) home();
})();
