/**
 * The timeline, live: a pen draws intervals on the patients' lanes, keys and pointer move them, and the answer follows.
 * The list of rows is the one record: drawing writes into it, and what counts is the server's answer to it.
 */
import { writing } from "./page.js";

const form = document.getElementById("ask");
const rows = document.getElementById("rows");
const panel = document.getElementById("answer");
const drawing = document.getElementById("drawing");
const hint = document.getElementById("hint");
const undoButton = document.getElementById("undo");
const most = Number(rows.dataset.most);
const FIELDS = ["p", "code", "who", "start", "stop", "mode"];
const STANDARD = { p: "A", code: "", who: "T", start: "", stop: "", mode: "one" };
const DAY = 24 * 60;
const LEAST = 3; // rows that stay, empty or not
const PAUSE = 90; // ms without a change before the answer is asked for
const TAP = 4; // pixels within which a finger has not moved
const EDGE = 10; // pixels at either end of a bar that change one time
const wait = (ms) => new Promise((done) => setTimeout(done, ms));
const two = (number) => String(number).padStart(2, "0");
const shown = (minute) => `${two(Math.floor(minute / 60))}:${two(minute % 60)}`;

// -- rows --------------------------------------------------------------------------------------------------

const lines = () => [...rows.querySelectorAll(".span:not(.head)")];
const cell = (line, name) => line.querySelector(`[name=${name}]`);
const empty = (line) => !["code", "start", "stop"].some((name) => cell(line, name).value.trim());
const filled = () => lines().filter((line) => !empty(line));
const blank = clear(lines().at(-1).cloneNode(true));

function clear(line) {
  write(line, STANDARD);
  line.querySelector(".name").textContent = "";
  wrong(line, "");
  return line;
}

const read = (line) => Object.fromEntries(FIELDS.map((name) => [name, cell(line, name).value.trim()]));
function write(line, values) {
  for (const [name, value] of Object.entries(values)) cell(line, name).value = value;
}

function wrong(line, sentence) {
  const error = line.querySelector(".error");
  error.hidden = !sentence;
  error.textContent = sentence;
  for (const input of line.querySelectorAll("input")) {
    if (sentence) {
      input.setAttribute("aria-invalid", "true");
      input.setAttribute("aria-describedby", error.id);
    } else {
      input.removeAttribute("aria-invalid");
      input.removeAttribute("aria-describedby");
    }
  }
}

/** The ids and numbers of the rows follow their order. */
function number() {
  lines().forEach((line, place) => {
    line.id = `row-${place}`;
    line.setAttribute("aria-label", line.getAttribute("aria-label").replace(/\d+/, String(place + 1)));
    line.querySelector(".error").id = `error-${place}`;
    for (const input of line.querySelectorAll("[aria-describedby]")) input.setAttribute("aria-describedby", `error-${place}`);
  });
}

function addRow(values = {}) {
  let line = lines().find(empty);
  if (!line && lines().length < most) rows.append((line = blank.cloneNode(true)));
  if (line) write(line, { ...STANDARD, ...values });
  else say(hint.dataset.full);
  number();
  return line;
}

/** All rows as they stand, and the way back to them. */
const everything = () => filled().map(read);
function restore(values) {
  for (const line of lines()) clear(line);
  const spare = lines().slice(Math.max(LEAST, values.length + 1));
  for (const line of spare) line.remove();
  for (const each of values) addRow(each);
  if (!lines().some(empty) && lines().length < most) rows.append(blank.cloneNode(true));
  number();
}

const past = [];
function remember() {
  past.push(everything());
  if (past.length > 50) past.shift();
  undoButton.disabled = false;
}

function undo() {
  if (!past.length) return;
  restore(past.pop());
  undoButton.disabled = !past.length;
  ask(true);
  say(hint.dataset.undone);
}
undoButton.addEventListener("click", undo);

/** A short word on what just happened; the idle hint comes back with the next answer. */
function say(text, value = "") {
  hint.textContent = text.replace("%s", value);
}

// -- the question and its answer -----------------------------------------------------------------------------

const clean = (text) => text.replace(/[,;]/g, " ");
function link() {
  const data = new FormData(form);
  const intervals = everything().map((each) => {
    const parts = [each.p, each.code, each.who, `${each.start.replace(/-/g, ".")}-${each.stop.replace(/-/g, ".")}`];
    return [...parts, ...(each.mode === "one" ? [] : [each.mode])].map(clean).join(",");
  });
  const parts = {
    i: intervals.join(";"), payer: data.get("payer") === "medicare" ? "" : data.get("payer"),
    as: data.get("as") === "PT" ? "" : data.get("as"), on: data.get("on"), lang: data.get("lang"),
  };
  const safe = (text) => encodeURIComponent(text).replace(/%(3A|2C|3B)/g, decodeURIComponent);
  return Object.entries(parts).filter(([, value]) => value).map(([key, value]) => `${key}=${safe(value)}`).join("&");
}

/** The intervals that a link holds. */
const intervals = (search) => (new URLSearchParams(search).get("i") ?? "").split(";").filter(Boolean).map((part) => {
  const [p, code = "", who = "T", times = "", mode = "one"] = part.split(",");
  const [start, stop = ""] = times.split("-");
  return { p, code, who: who || "T", start, stop, mode: mode || "one" };
});

/** Fill the form from a link; the date and the rest stay as the link says. */
function apply(search) {
  const asked = new URLSearchParams(search);
  restore(intervals(search));
  form.elements.payer.value = asked.get("payer") || "medicare";
  form.elements.as.value = asked.get("as") || "PT";
  if (asked.get("on")) form.elements.on.value = asked.get("on");
  offerPen();
}

let running = new AbortController();
let asked = link();

async function ask(final = false, said = "") {
  const text = link();
  const unfinished = filled().some((line) => {
    const { code, start, stop, mode } = read(line);
    return !(start && stop && (code.length >= 5 || ["unskilled", "rest"].includes(mode)));
  });
  running.abort(); // an answer to older rows must not draw over newer ones
  if (text === asked && !final) return;
  panel.classList.add("waiting");
  if (unfinished && !final) return;
  running = new AbortController();
  const { signal } = running;
  try {
    await wait(PAUSE);
    if (signal.aborted) return;
    const answer = await fetch(`/timeline/answer?${text}`, { signal });
    if (!answer.ok) throw new TypeError(`answered ${answer.status}`);
    const html = await answer.text();
    if (!signal.aborted) show(html, said);
    asked = text;
  } catch (error) {
    if (error.name === "AbortError") return;
    panel.classList.remove("waiting");
    history.replaceState(null, "", `/timeline?${text}`);
    say(hint.dataset.offline);
  }
}

function show(html, said) {
  const page = new DOMParser().parseFromString(html, "text/html"); // the server's own page, escaped there
  const focused = document.activeElement?.closest?.("[data-row]")?.dataset.row;
  const open = [...document.querySelectorAll("#drawing details[open], #answer details[open]")].map(nameOf);
  const scrolled = drawing.querySelector(".tl-scroll").scrollLeft;
  const body = page.getElementById("answer-body");
  drawing.replaceChildren(page.getElementById("drawing-body"));
  panel.replaceChildren(body);
  panel.classList.remove("waiting");
  for (const each of document.querySelectorAll("#drawing details, #answer details")) each.open = open.includes(nameOf(each));
  drawing.querySelector(".tl-scroll").scrollLeft = scrolled;
  history.replaceState(null, "", body.dataset.link);
  const typed = filled();
  const spelled = intervals(new URL(body.dataset.link, location.href).search);
  for (const line of lines()) {
    const place = typed.indexOf(line);
    const sentence = panel.querySelector(`[data-wrong="${place}"] span`)?.textContent ?? "";
    wrong(line, sentence);
    // 815 becomes 08:15, but never under the fingers, and what cannot be read stays as typed.
    if (place >= 0 && !sentence && !line.contains(document.activeElement)) write(line, spelled[place]);
  }
  names();
  prepare();
  if (focused !== undefined) drawing.querySelector(`[data-row="${focused}"]`)?.focus({ preventScroll: true });
  say(said || hint.dataset.idle);
  document.getElementById("spoken").textContent = body.dataset.spoken;
}

const nameOf = (details) => (details.closest(".patient-card")?.querySelector("h2").id ?? "") + details.querySelector("summary").textContent;

function names() {
  const seen = {};
  for (const line of lines()) {
    const { p } = read(line);
    line.querySelector(".name").textContent = empty(line) ? "" : `${p}${(seen[p] = (seen[p] ?? 0) + 1)}`;
  }
}

// -- the list ------------------------------------------------------------------------------------------------

rows.addEventListener("input", () => { names(); ask(); });
let before = null;
rows.addEventListener("focusin", () => { before = everything(); });
rows.addEventListener("change", (event) => {
  if (before) {
    past.push(before);
    undoButton.disabled = false;
    before = everything();
  }
  const line = event.target.closest(".span");
  // Asked for good when the row is left: until then it may be half a row.
  setTimeout(() => ask(!line.contains(document.activeElement) || event.target.matches("select")));
});
form.addEventListener("change", (event) => {
  if (rows.contains(event.target)) return;
  if (event.target.name === "as") offerPen();
  ask(true);
});
form.addEventListener("submit", (event) => { event.preventDefault(); ask(true); });
form.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button?.classList.contains("remove")) {
    remove(button.closest(".span"));
    (lines().find(empty) ?? lines()[0]).querySelector("[name=code]").focus();
  } else if (button?.id === "add-row") {
    const line = addRow();
    if (line) cell(line, "p").focus();
  }
});
rows.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.target.tagName !== "INPUT") return;
  event.preventDefault();
  const order = [...event.target.closest(".span").querySelectorAll("input")];
  const next = order[order.indexOf(event.target) + 1];
  if (next) next.focus();
  else {
    ask(true);
    const line = addRow();
    if (line) cell(line, "code").focus();
  }
});

function remove(line) {
  remember();
  const said = `${line.querySelector(".name").textContent} ${read(line).code}`.trim();
  const kept = everything();
  kept.splice(filled().indexOf(line), empty(line) ? 0 : 1);
  restore(kept);
  ask(true, hint.dataset.removed.replace("%s", said));
}

document.addEventListener("click", (event) => {
  const focus = event.target.closest("[data-focus]");
  if (focus) {
    event.preventDefault();
    call(Number(focus.dataset.focus));
    return;
  }
  const chosen = event.target.closest("a[data-live], a[data-start]");
  if (!chosen || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  remember();
  apply(new URL(chosen.href).search);
  ask(true).then(() => {
    panel.tabIndex = -1;
    panel.focus({ preventScroll: true });
  });
});

/** Show a row and put the cursor on its start. */
function call(place) {
  const line = filled()[place];
  for (const each of lines()) each.classList.toggle("called", each === line);
  line?.scrollIntoView({ block: "center" });
  if (line) cell(line, "start").select();
}
rows.addEventListener("focusout", (event) => event.target.closest(".span")?.classList.remove("called"));

// -- the pen -------------------------------------------------------------------------------------------------

const pen = document.getElementById("pen");
const penMode = document.getElementById("pen-mode");
const penCode = document.getElementById("pen-code");
const picked = (name) => pen.querySelector(`[name=${name}]:checked`);

function offerPen() {
  const discipline = form.elements.as.value;
  for (const each of pen.querySelectorAll("[data-for]")) each.hidden = each.dataset.for !== discipline;
  const now = picked("pen-code");
  if (!now || now.closest("[hidden]")) pen.querySelector("label:not([hidden]) > [name=pen-code]").click();
}
pen.addEventListener("change", (event) => {
  if (event.target.name !== "pen-code") return;
  penMode.value = event.target.dataset.mode;
  penCode.value = "";
});
const withPen = (p, start, stop) => {
  const code = penCode.value.trim().toUpperCase() || picked("pen-code").value;
  const mode = code || ["unskilled", "rest"].includes(penMode.value) ? penMode.value : "unskilled";
  const alone = !code;
  return { p, code, who: alone ? "aide" : picked("pen-who").value, start: shown(start), stop: shown(stop), mode };
};

// -- drawing -------------------------------------------------------------------------------------------------

const svg = () => drawing.querySelector(".tl-svg");
const range = () => [Number(svg().dataset.start), Number(svg().dataset.stop)];
const clamp = (minute, low = 0, high = DAY - 1) => Math.min(Math.max(minute, low), high);
const share = (minute) => { const [from, to] = range(); return `${(100 * (minute - from)) / (to - from)}%`; };
const length = (minutes) => { const [from, to] = range(); return `${(100 * minutes) / (to - from)}%`; };

function minuteAt(event) {
  const box = svg().getBoundingClientRect();
  const [from, to] = range();
  return clamp(Math.round(from + ((event.clientX - box.left) / box.width) * (to - from)));
}

function node(name, attributes, text) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text) made.textContent = text;
  return made;
}

function preview(lane, start, stop) {
  const hit = lane.querySelector(".hit");
  const y = Number(hit.getAttribute("y"));
  const height = Number(hit.getAttribute("height"));
  const [from, to] = range();
  const late = start > (from + to) / 2;
  const text = start === stop ? shown(start) : `${shown(start)}–${shown(stop)} · ${stop - start} min`;
  const shape = start === stop
    ? node("line", { x1: share(start), x2: share(start), y1: y, y2: y + height })
    : node("rect", { x: share(start), width: length(stop - start), y: y + 1, height: height - 2, rx: 5 });
  const words = node("text", { x: share(late ? stop : start), y: y - 6, "text-anchor": late ? "end" : "start" }, text);
  document.getElementById("preview").replaceChildren(shape, words);
}
const noPreview = () => document.getElementById("preview")?.replaceChildren();

const barOf = (place) => svg().querySelector(`.patient [data-row="${place}"]`);
const span = (bar) => [Number(bar.dataset.start), Number(bar.dataset.stop)];

/** Put new times into a row and its bar at once; the server's drawing follows. */
function retime(place, start, stop) {
  const line = filled()[place];
  write(line, { start: shown(start), stop: shown(stop) });
  const bar = barOf(place);
  Object.assign(bar.dataset, { start, stop });
  for (const part of bar.querySelectorAll(":scope > .body, :scope > svg")) {
    part.setAttribute("x", share(start));
    part.setAttribute("width", length(stop - start));
  }
  for (const part of bar.querySelectorAll(".once")) part.remove(); // where it is in two places is asked anew
}

const words = (place, start, stop) => {
  const line = filled()[place];
  return `${line.querySelector(".name").textContent} ${read(line).code} ${shown(start)}–${shown(stop)}, ${stop - start} min`;
};

let waiting = null; // a start that was tapped and has no stop yet

drawing.addEventListener("pointerdown", (event) => {
  if (event.button !== 0 || !event.isPrimary) return;
  const lane = event.target.closest(".lane.patient");
  if (!lane) return;
  const bar = event.target.closest(".bar");
  if (bar) hold(event, bar, lane);
  else if (event.target.closest(".hit")) sketch(event, lane);
});

/** Draw a new interval: by dragging, or by a tap for its start and another for its stop. */
function sketch(event, lane) {
  const first = minuteAt(event);
  const begun = event.clientX;
  const patient = lane.dataset.patient;
  const ends = (now) => [Math.min(first, now), Math.max(first, now)];
  follow(event, lane.querySelector(".hit"), {
    move: (each) => {
      if (Math.abs(each.clientX - begun) > TAP) waiting = null;
      if (!waiting) preview(lane, ...ends(minuteAt(each)));
    },
    done: (each) => {
      let [start, stop] = ends(minuteAt(each));
      if (Math.abs(each.clientX - begun) <= TAP) {
        if (waiting?.patient !== patient || waiting.minute === first) {
          waiting = { patient, minute: first };
          preview(lane, first, first);
          say(hint.dataset.start, shown(first));
          return;
        }
        [start, stop] = [Math.min(waiting.minute, first), Math.max(waiting.minute, first)];
      }
      waiting = null;
      noPreview();
      if (start === stop) return;
      remember();
      const line = addRow(withPen(patient, start, stop));
      if (!line) return;
      names();
      ask(true, words(filled().indexOf(line), start, stop));
    },
  });
}

/** Move a bar, or one of its ends. */
function hold(event, bar, lane) {
  const place = Number(bar.dataset.row);
  const [start, stop] = span(bar);
  const box = bar.querySelector(".body").getBoundingClientRect();
  const edge = Math.min(EDGE, box.width / 4);
  const part = event.clientX < box.left + edge ? "start" : event.clientX > box.right - edge ? "stop" : "all";
  const from = minuteAt(event);
  const was = everything();
  let changed = false;
  bar.focus({ preventScroll: true });
  follow(event, bar, {
    move: (each) => {
      const by = minuteAt(each) - from;
      if (!by && !changed) return;
      changed = true;
      bar.classList.add("held");
      const low = part === "stop" ? start : part === "all" ? clamp(start + by, 0, DAY - 1 - (stop - start)) : clamp(start + by, 0, stop - 1);
      const high = part === "start" ? stop : part === "all" ? low + stop - start : clamp(stop + by, start + 1);
      retime(place, low, high);
      preview(lane, low, high);
    },
    done: () => {
      bar.classList.remove("held");
      noPreview();
      if (!changed) return say(bar.dataset.said); // a narrow bar has no room for its words
      past.push(was);
      undoButton.disabled = false;
      ask(true, words(place, ...span(bar)));
    },
    lost: () => {
      bar.classList.remove("held");
      restore(was);
      ask(true);
    },
  });
}

function follow(event, target, { move, done, lost = () => {} }) {
  event.preventDefault();
  running.abort(); // the drawing must not change under the finger
  target.setPointerCapture(event.pointerId);
  const stop = new AbortController();
  const listen = (name, act) => target.addEventListener(name, (each) => each.pointerId === event.pointerId && act(each), { signal: stop.signal });
  move(event);
  listen("pointermove", move);
  listen("pointerup", (each) => { stop.abort(); done(each); });
  listen("pointercancel", () => { stop.abort(); noPreview(); lost(); });
}

drawing.addEventListener("keydown", (event) => {
  const bar = event.target.closest?.(".patient .bar");
  if (!bar) return;
  const place = Number(bar.dataset.row);
  const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (by) {
    const [start, stop] = span(bar);
    const low = event.shiftKey ? start : clamp(start + by, 0, DAY - 1 - (stop - start));
    const high = event.shiftKey ? clamp(stop + by, start + 1) : low + stop - start;
    remember();
    retime(place, low, high);
    ask(false, words(place, low, high));
  } else if (event.key === "Delete" || event.key === "Backspace") {
    const next = Math.max(place - 1, 0);
    remove(filled()[place]);
    drawing.querySelector(`[data-row="${next}"]`)?.focus();
  } else if (event.key === "Enter") call(place);
  else return;
  event.preventDefault();
});

document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key === "z" && !writing(event)) {
    event.preventDefault();
    undo();
  } else if (event.altKey && event.code === "KeyC") {
    event.preventDefault();
    copy();
  } else if (event.key === "Escape" && waiting) {
    waiting = null;
    noPreview();
    say(hint.dataset.idle);
  }
});

/** With scripts the bars are controls of their own. */
function prepare() {
  svg().setAttribute("role", "group");
  for (const bar of svg().querySelectorAll(".patient .bar")) {
    bar.setAttribute("tabindex", "0");
    bar.setAttribute("role", "button");
    bar.setAttribute("aria-label", bar.dataset.said);
  }
  waiting = null;
}

// -- take it with you ----------------------------------------------------------------------------------------

async function copy() {
  const text = new URL(document.getElementById("answer-body").dataset.link, location.href).href;
  const status = panel.querySelector(".copied");
  if (!status) return;
  try {
    await navigator.clipboard.writeText(text);
    status.textContent = panel.dataset.copied;
  } catch {
    status.textContent = `${panel.dataset.notCopied} ${text}`;
  }
}
panel.addEventListener("click", (event) => {
  const button = event.target.closest("[data-copy], [data-print]");
  if (button?.hasAttribute("data-copy")) copy();
  else if (button) print();
});
let closed = [];
addEventListener("beforeprint", () => {
  closed = [...document.querySelectorAll("#answer details.code:not([open]), .as-table:not([open])")];
  for (const each of closed) each.open = true;
});
addEventListener("afterprint", () => { for (const each of closed) each.open = false; });
addEventListener("online", () => ask(true));

// -- at the start --------------------------------------------------------------------------------------------

offerPen();
prepare();
say(hint.dataset.idle);
panel.dataset.ready = "yes";
