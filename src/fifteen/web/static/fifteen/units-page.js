/**
 * The Units page, live: rows, search, the answer as it is typed, the link that holds it, and the count on the device
 * while there is no network. What counts is the server's answer; this file knows no rule.
 */
import { writing } from "./page.js";

const form = document.getElementById("ask");
const rows = document.getElementById("rows");
const panel = document.getElementById("answer");
const find = document.getElementById("find");
const found = document.getElementById("found");
const offline = document.getElementById("offline");
const blank = rows.querySelector(".line:last-of-type").cloneNode(true);
const labels = new Map([...document.querySelectorAll("#services option")].map((each) => [each.value, each.textContent]));
const wait = (ms) => new Promise((done) => setTimeout(done, ms));
const PAUSE = 30; // ms without a key before the answer is asked for; a stale question is taken back
const COMPLETE = /^[0-9A-Z]{5}$/;

// -- rows --------------------------------------------------------------------------------------------------

const lines = () => [...rows.querySelectorAll(".line:not(.head)")];
const cell = (line, name) => line.querySelector(`[name=${name}]`);
const empty = (line) => !["code", "min", "asst"].some((name) => cell(line, name).value.trim());

function addRow(code = "", min = "", asst = "") {
  let line = lines().find(empty);
  if (!line) {
    line = blank.cloneNode(true);
    line.querySelector(".error").hidden = true;
    const number = lines().length;
    line.setAttribute("aria-label", line.getAttribute("aria-label").replace(/\d+/, String(number + 1)));
    line.querySelector(".error").id = `error-${number}`;
    for (const input of line.querySelectorAll("input")) {
      input.value = "";
      input.removeAttribute("aria-invalid");
      input.removeAttribute("aria-describedby");
    }
    rows.append(line);
  }
  cell(line, "code").value = code;
  cell(line, "min").value = min;
  cell(line, "asst").value = asst;
  name(line);
  return line;
}

function clearRow(line) {
  for (const input of line.querySelectorAll("input")) input.value = "";
  if (lines().length > 4) line.remove();
  else rows.append(line);
  name(line);
}

/** The service's label beside its code. */
const name = (line) => {
  line.querySelector(".label-of span").textContent = labels.get(cell(line, "code").value.trim().toUpperCase()) ?? "";
};

/** Tap a service: its row if there is one, else a new one; the minutes come next. */
function tap(code) {
  const line = lines().find((each) => cell(each, "code").value.trim().toUpperCase() === code) ?? addRow(code);
  cell(line, "min").focus();
  cell(line, "min").select();
  ask();
}

// -- the question ------------------------------------------------------------------------------------------

const write = (value) => encodeURIComponent(value).replace(/%3A/g, ":").replace(/%2C/g, ",").replace(/%2B/g, "+");

/** The same short link that the server writes. */
function query() {
  const data = new FormData(form);
  const services = lines().filter((line) => !empty(line)).map((line) => {
    const [code, min, asst] = ["code", "min", "asst"].map((each) => cell(line, each).value.trim());
    return `${code}:${min}${asst ? `${min ? "+" : ""}${asst.replace(/a$/i, "")}a` : ""}`;
  });
  const parts = {
    s: services.join(","), payer: data.get("payer"), with: data.get("with"), method: data.get("method"),
    as: data.get("as"), on: data.get("on"), choose: data.get("choose"), locality: data.get("locality"),
    printed: data.get("printed"), lang: data.get("lang"),
  };
  return Object.entries(parts).filter(([, value]) => value).map(([key, value]) => `${key}=${write(value)}`).join("&");
}

/** Fill the form from a link. */
function apply(search) {
  const asked = new URLSearchParams(search);
  for (const line of lines()) clearRow(line);
  for (const part of (asked.get("s") ?? "").split(",").filter(Boolean)) {
    const [code, minutes = ""] = part.split(":");
    const [first, second = ""] = minutes.replace(" ", "+").split("+");
    const alone = /a$/i.test(first) && !second;
    addRow(code, alone ? "" : first, (alone ? first : second).replace(/a$/i, ""));
  }
  form.elements.payer.value = asked.get("payer") || "medicare";
  form.elements.with.value = asked.get("with") ?? "";
  form.elements.as.value = asked.get("as") || "PT";
  if (asked.get("on")) form.elements.on.value = asked.get("on");
  form.elements.locality.value = asked.get("locality") ?? "";
  for (const each of ["choose", "printed", "method"]) form.elements[each].value = asked.get(each) ?? "";
}

let running = new AbortController();
let asked = "";

/** Ask for the answer to what stands in the form; `final` asks even for what looks unfinished. */
async function ask(final = false) {
  const text = query();
  if (text === asked && !final) return;
  const unfinished = lines().some((line) => {
    const code = cell(line, "code").value.trim().toUpperCase();
    return !empty(line) && (!COMPLETE.test(code) || !labels.has(code) || !(cell(line, "min").value.trim() || cell(line, "asst").value.trim()));
  });
  if (unfinished && !final) {
    panel.classList.add("waiting");
    return;
  }
  running.abort();
  running = new AbortController();
  const { signal } = running;
  await wait(final ? 0 : PAUSE);
  if (signal.aborted) return;
  try {
    const answer = await fetch(`/units/answer?${text}`, { signal });
    if (!answer.ok) throw new TypeError(`answered ${answer.status}`);
    show(await answer.text());
    offline.hidden = true;
  } catch (error) {
    if (error.name === "AbortError") return;
    await countHere();
  }
  asked = text;
}

function show(html) {
  const open = new Set([...panel.querySelectorAll("details[open] summary b")].map((each) => each.textContent));
  const told = [...panel.querySelectorAll("details.quietly")].map((each) => each.open);
  panel.innerHTML = html; // the server's own page, escaped there
  panel.querySelectorAll("details.quietly").forEach((each, number) => { each.open = told[number] ?? false; });
  for (const each of panel.querySelectorAll("details.code")) each.open = open.has(each.querySelector("b")?.textContent);
  panel.classList.remove("waiting");
  const body = document.getElementById("answer-body");
  history.replaceState(null, "", body.dataset.link);
  const typed = lines().filter((line) => !empty(line));
  for (const line of lines()) {
    const said = panel.querySelector(`[data-row="${typed.indexOf(line)}"]`);
    const error = line.querySelector(".error");
    error.hidden = !said;
    error.textContent = said?.textContent ?? "";
    for (const input of line.querySelectorAll("input")) {
      input.toggleAttribute("aria-invalid", Boolean(said));
      if (said) input.setAttribute("aria-invalid", "true");
      if (said) input.setAttribute("aria-describedby", error.id);
      else input.removeAttribute("aria-describedby");
    }
  }
}

// A choice, a method or what a guide printed belong to the minutes they were made for.
function changed() {
  for (const each of ["choose", "method", "printed"]) form.elements[each].value = "";
}

rows.addEventListener("input", (event) => {
  changed();
  name(event.target.closest(".line"));
  ask();
});
rows.addEventListener("change", (event) => {
  const line = event.target.closest(".line");
  const inside = line.contains(document.activeElement) && document.activeElement !== event.target;
  remember(cell(line, "code").value.trim().toUpperCase());
  setTimeout(() => ask(!inside && !line.contains(document.activeElement)));
});
form.addEventListener("change", (event) => {
  if (rows.contains(event.target)) return;
  if (event.target.name !== "locality") changed();
  ask(true);
});
form.addEventListener("submit", (event) => {
  event.preventDefault();
  ask(true);
});
form.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  if (button.name === "add") {
    event.preventDefault();
    tap(button.value);
  } else if (button.classList.contains("remove")) {
    const line = button.closest(".line");
    const next = line.nextElementSibling ?? line.previousElementSibling;
    clearRow(line);
    changed();
    ask(true);
    cell(next?.classList.contains("head") ? lines()[0] : (next ?? lines()[0]), "code").focus();
  } else if (button.id === "add-row") {
    cell(addRow(), "code").focus();
  }
});
rows.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.target.tagName !== "INPUT") return;
  event.preventDefault();
  const line = event.target.closest(".line");
  if (event.target.name === "code") {
    cell(line, "min").focus();
    return;
  }
  ask(true);
  const next = lines()[lines().indexOf(line) + 1];
  cell(next && empty(next) ? next : addRow(), "code").focus();
});

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-live], a[data-start]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  apply(new URL(link.href).search);
  ask(true).then(() => {
    panel.tabIndex = -1;
    panel.focus({ preventScroll: link.hasAttribute("data-live") });
  });
});

// -- search ------------------------------------------------------------------------------------------------

let at = -1;
const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

function search() {
  const words = plain(find.value).split(/\s+/).filter(Boolean);
  const hits = [...labels].filter(([code, label]) => words.every((word) => plain(code).startsWith(word) || plain(label).includes(word)));
  const counts = used();
  const common = [...document.getElementById("common").children].map((chip) => chip.value);
  const rank = (code) => -(counts[code] ?? 0) * 100 + (common.includes(code) ? common.indexOf(code) : common.length);
  hits.sort(([one], [other]) => rank(one) - rank(other));
  found.replaceChildren(...hits.slice(0, 8).map(([code, label], number) => {
    const item = document.createElement("li");
    item.role = "option";
    item.id = `found-${number}`;
    item.dataset.code = code;
    item.append(Object.assign(document.createElement("b"), { textContent: code }), label);
    return item;
  }));
  if (!hits.length) {
    found.append(Object.assign(document.createElement("li"), { className: "none", textContent: find.dataset.none }));
    found.lastChild.role = "option";
    found.lastChild.setAttribute("aria-disabled", "true");
  }
  pick(words.length && hits.length ? 0 : -1);
  found.hidden = !words.length;
  find.setAttribute("aria-expanded", String(!found.hidden));
}

function pick(place) {
  at = place;
  [...found.children].forEach((item, number) => item.setAttribute("aria-selected", String(number === place)));
  if (found.children[place]) found.children[place].scrollIntoView({ block: "nearest" });
  if (place >= 0) find.setAttribute("aria-activedescendant", `found-${place}`);
  else find.removeAttribute("aria-activedescendant");
}

function take(item) {
  if (!item?.dataset.code) return;
  find.value = "";
  search();
  tap(item.dataset.code);
}

find.setAttribute("role", "combobox");
find.setAttribute("aria-controls", "found");
find.setAttribute("aria-expanded", "false");
find.setAttribute("aria-autocomplete", "list");
find.addEventListener("input", search);
find.addEventListener("keydown", (event) => {
  const many = found.querySelectorAll("[data-code]").length;
  if (event.key === "ArrowDown" && many) pick((at + 1) % many);
  else if (event.key === "ArrowUp" && many) pick((at + many - 1) % many);
  else if (event.key === "Enter") take(found.children[at]);
  else if (event.key === "Escape") { find.value = ""; search(); } else return;
  event.preventDefault();
});
find.addEventListener("blur", () => setTimeout(() => { found.hidden = true; find.setAttribute("aria-expanded", "false"); }, 150));
found.addEventListener("pointerdown", (event) => {
  event.preventDefault();
  take(event.target.closest("li"));
});
document.addEventListener("keydown", (event) => {
  if (event.key === "/" && !writing(event)) {
    event.preventDefault();
    find.focus();
  } else if (event.altKey && event.code === "KeyC") {
    event.preventDefault();
    copy("link");
  }
});

// -- own most used first: kept on this device, codes and counts only ------------------------------------------

function used() {
  try { return JSON.parse(localStorage.getItem("fifteen-used")) ?? {}; } catch { return {}; }
}

function remember(code) {
  if (!labels.has(code)) return;
  const counts = used();
  counts[code] = (counts[code] ?? 0) + 1;
  try { localStorage.setItem("fifteen-used", JSON.stringify(counts)); } catch {}
}

function arrange() {
  const chips = document.getElementById("common");
  const first = [...chips.children];
  const counts = used();
  const mine = Object.keys(counts).filter((code) => labels.has(code)).sort((one, other) => counts[other] - counts[one]);
  for (const code of mine.slice(0, first.length)) {
    if (first.some((chip) => chip.value === code)) continue;
    const chip = first[0].cloneNode(true);
    chip.value = code;
    chip.title = labels.get(code);
    chip.querySelector("b").textContent = code;
    chip.querySelector("span").textContent = labels.get(code);
    first.push(chip);
  }
  first.sort((one, other) => (counts[other.value] ?? 0) - (counts[one.value] ?? 0));
  chips.replaceChildren(...first.slice(0, chips.children.length));
}

// -- take it with you --------------------------------------------------------------------------------------

async function copy(what) {
  const text = what === "link" ? new URL(document.getElementById("answer-body").dataset.link, location.href).href
    : document.getElementById("note-text")?.textContent;
  const status = panel.querySelector(".copied");
  if (!text || !status) return;
  try {
    await navigator.clipboard.writeText(text);
    status.textContent = panel.dataset.copied;
  } catch {
    status.textContent = `${panel.dataset.notCopied} ${text}`;
  }
}

panel.addEventListener("click", (event) => {
  const button = event.target.closest("[data-copy], [data-print]");
  if (button?.dataset.copy) copy(button.dataset.copy);
  else if (button) print();
});
let closed = [];
addEventListener("beforeprint", () => {
  closed = [...panel.querySelectorAll("details:is(.code, .quietly):not([open])")];
  for (const each of closed) each.open = true;
});
addEventListener("afterprint", () => { for (const each of closed) each.open = false; });

// -- without a network -------------------------------------------------------------------------------------

/** Count on this device by the numbers that were fetched; it says so, and only in the days they hold for. */
async function countHere() {
  offline.hidden = false;
  panel.classList.remove("waiting");
  const page = document.getElementById("offline-answer").content.cloneNode(true);
  const part = (each) => page.querySelector(`[data-part=${each}]`);
  history.replaceState(null, "", `/units?${query()}`);
  page.querySelector("#answer-body").dataset.link = `/units?${query()}`;
  try {
    const { count } = await import("./units.js");
    const numbers = await (await fetch("/units/numbers.json")).json();
    const payer = form.elements.payer.value;
    const method = form.elements.method.value || numbers.payers[payer]?.[1];
    const on = form.elements.on.value;
    if (on < numbers.since || (numbers.until && on >= numbers.until)) throw new Error(part("when").textContent);
    if (!method) throw new Error(part("unknown").textContent);
    const services = lines().filter((line) => !empty(line)).map((line) => [
      cell(line, "code").value.trim().toUpperCase(), whole(cell(line, "min").value) + whole(cell(line, "asst").value),
    ]);
    if (!services.length) throw new Error(part("nothing").textContent);
    const answer = count(services, numbers, { method });
    part("number").textContent = Object.values(answer.units).reduce((sum, units) => sum + units, 0);
    part("timed").textContent = answer.timedMinutes;
    part("tie").hidden = !answer.tied.choose;
    part("tied").textContent = answer.tied.codes.join(", ");
    const line = part("line");
    for (const each of Object.keys(answer.units)) {
      const row = line.cloneNode(true);
      const typed = services.find(([code]) => code === each);
      row.querySelector("b").textContent = each;
      row.querySelector("[data-part=label]").textContent = labels.get(each) ?? "";
      row.querySelector("[data-part=minutes]").textContent = typed ? typed[1] : "";
      row.querySelector("[data-part=units]").textContent = answer.units[each];
      row.querySelector("[data-part=none]").hidden = answer.units[each] > 0;
      row.classList.toggle("none", !answer.units[each]);
      line.before(row);
    }
    line.remove();
    part("problem").remove();
  } catch (error) {
    part("counted").remove();
    part("sentence").textContent = error.message;
  }
  panel.replaceChildren(page);
}

function whole(text) {
  const written = text.trim() || "0";
  if (!/^\d{1,7}$/.test(written)) throw new Error(document.getElementById("offline-answer").content.querySelector("[data-part=minutes-wrong]").textContent.replace("…", written));
  return Number(written);
}

addEventListener("online", () => ask(true));
addEventListener("offline", () => { offline.hidden = false; });

// -- at the start ------------------------------------------------------------------------------------------

for (const line of lines()) {
  cell(line, "code").removeAttribute("list"); // the search knows more than the browser's list
  name(line);
}
arrange();
const shell = new URL(panel.querySelector("#answer-body").dataset.link, location.href);
const here = new URLSearchParams(location.search);
if (here.get("s") && here.get("s") !== shell.searchParams.get("s")) {
  apply(location.search); // an empty page that was kept on the device, opened for a link
  ask(true);
} else {
  asked = query();
  history.replaceState(null, "", shell.href);
  if (!navigator.onLine) ask(true);
}
panel.dataset.ready = "yes";
