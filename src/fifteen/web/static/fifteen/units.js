// Folds taps and counts units as the engine does, so that a screen shows a number while there is no network.
// Nobody signs that number: the engine counts again. What the law sets is in `numbers` (web/numbers.py).
const ATTENDED = ["one-on-one", "together", "group", "co-treatment"]; // modes that take all of a person
const CLOCK_TOLERANCE = 2000; // milliseconds by which the two clocks of a device may differ unnoticed
const UNSAID = { mode: "one-on-one", session: null, mono: null, boot: null, device: "" }; // of a tap

const refuse = (sentence) => { throw new Error(sentence); };
const isWhole = (amount) => Number.isSafeInteger(amount) && amount >= 0;
const by = (...keys) => (a, b) => keys.map((of) => (of(a) > of(b)) - (of(a) < of(b))).find(Boolean) ?? 0;
const sum = (families, what) => families.reduce((total, family) => total + family[what], 0);
const reached = (minutes, unit, from) => Math.floor((minutes + unit - from) / unit);

/** Count a day's units; while the payer's method is not known (null), none. `choose` settles a tie: the codes
 * that take a unit. The first of `allocations` is suggested; in pairs, for an object would sort the codes.
 * @param {[code: string, minutes: number][]} services
 * @param {object} numbers
 * @param {{method: "total"|"midpoint"|null, choose?: string[]}} how
 * @returns {{timedMinutes: number, timedUnits: number|null, units: Record<string, number>,
 *   documented: string[], tied: {codes: string[], choose: number}, allocations: [string, number][][]}}
 */
export function count(services, numbers, { method, choose = [] }) {
  if (!["total", "midpoint", null].includes(method)) refuse(`${method} is no method; use total or midpoint.`);
  const families = familiesOf(services, numbers);
  for (const family of families) family.units = alone(family, numbers, method);
  const pooled = families.filter((family) => family.pooled);
  const [equal, extra] = method === "total" ? shareTotal(pooled, numbers) : [[], 0];
  const codes = equal.map(({ base, addon, units }) => (addon && units ? addon : base));
  const tied = equal.length > extra ? { codes, choose: extra } : { codes: [], choose: 0 };
  const winners = equal.filter((family, at) => (choose.length ? choose.includes(codes[at]) : at < extra));
  if (choose.length && [choose, winners].some(({ length }) => length !== tied.choose))
    refuse(tied.choose ? `Choose ${extra} of ${codes.join(" ")}.` : "There is no tie; leave out the choice.");
  const answer = { timedMinutes: sum(pooled, "minutes"), tied };
  if (method === null) return { ...answer, timedUnits: null, units: {}, documented: [], allocations: [] };
  const named = (won) => families.flatMap((one) => spread(one, one.units + Number(won.includes(one))));
  const units = Object.fromEntries(named(winners));
  const idle = ({ base, addon, typed }) => (units[base] ? [addon].filter((it) => units[it] === 0) : typed);
  const absent = services.map(([code]) => code).filter((code) => numbers.absent.includes(code));
  const allocations = choices(equal, extra, numbers.most).map(named);
  const timedUnits = sum(pooled, "units") + extra;
  return { ...answer, timedUnits, units, documented: [...families.flatMap(idle), ...absent], allocations };
}

/** The services in force, in the order given; a base and its add-on are one pool of minutes. */
function familiesOf(services, numbers) {
  const families = services.length ? new Map() : refuse("No service was given; give at least one.");
  for (const [code, minutes] of services) {
    if (!isWhole(minutes)) refuse(`${code}: give whole minutes from 0 up.`);
    if (services.filter(([each]) => each === code).length > 1) refuse(`${code} is given twice; add it up.`);
    if (numbers.absent.includes(code)) continue;
    if (!Object.hasOwn(numbers.services, code)) refuse(`${code} is not in the service catalogue; check it.`);
    const [, pooled, time, base = code, addon] = numbers.services[code];
    const family = families.get(base) ?? { base, addon, pooled, time, minutes: 0, typed: [] };
    families.set(base, { ...family, minutes: family.minutes + minutes, typed: [...family.typed, code] });
  }
  return [...families.values()];
}

/** Units of a family by itself: untimed, by the midpoint, or by its whole time where CMS expects that. */
function alone({ base, time, minutes }, { whole, untimed }, method) {
  const [unit, from, step, next] = (method === "total" && whole[base]) || time || [];
  if (!step) return time ? reached(minutes, unit, from) : untimed;
  return minutes < from ? 0 : 1 + reached(Math.max(minutes - unit, 0), step, next);
}

/** Give pooled families the units of their total; return those that are equal and how many get one more. */
function shareTotal(pooled, { unit, counts_from: from }) {
  const rest = (family) => family.minutes % unit;
  for (const family of pooled) family.units = Math.floor(family.minutes / unit);
  const total = reached(sum(pooled, "minutes"), unit, from);
  const order = [...pooled].sort(by((one) => -rest(one), (one) => -one.minutes, (one) => one.base));
  const last = order.slice(0, total - sum(pooled, "units")).map(rest).pop();
  for (const family of order.filter((one) => rest(one) > last)) family.units += 1;
  return [order.filter((family) => rest(family) === last), total - sum(pooled, "units")];
}

/** The first `most` ways to take `size` of `items`, in their order. */
function choices(items, size, most) {
  if (!size || items.length < size) return size ? [] : [[]];
  const found = choices(items.slice(1), size - 1, most).map((more) => [items[0], ...more]);
  return found.length < most ? [...found, ...choices(items.slice(1), size, most - found.length)] : found;
}

/** A family's `total` units as those of the base, at most one, and of the add-on that follows it. */
function spread({ base, addon, typed }, total) {
  const beyond = addon ? Math.max(total - 1, 0) : 0;
  return [[base, total - beyond], ...(beyond || typed.includes(addon) ? [[addon, beyond]] : [])];
}

/** Fold taps, TimerEvents of the engine but `wall` in milliseconds. Order and repetition change nothing.
 * @param {object[]} taps
 * @returns {{intervals: {id: string, service: string|null, patient: string, people: string[], mode: string,
 *   session: string|null, start: number, stop: number|null}[], findings: string[]}}
 */
export function fold(taps) {
  const [open, intervals, found] = [new Map(), [], []];
  const find = (what, { id }) => found.push([id, what]);
  const stop = (key, at) => open.has(key) && Object.assign(open.get(key), { stop: at }) && open.delete(key);
  const kept = settled(taps, find).sort(by((tap) => tap.at, (tap) => tap.id));
  for (const now of new Set(kept.map((tap) => tap.at))) {
    // At one instant what is open stops, then what starts starts; a stop left over ends a span of no length.
    const late = kept.filter((tap) => tap.at === now && tap.kind === "stop" && !stop(tap.key, now));
    for (const tap of kept.filter((each) => each.at === now && each.kind === "start")) {
      if (open.has(tap.key)) { find("fold.started-twice", tap); continue; }
      for (const [key, running] of [...open].filter(([, each]) => givesWay(each, tap))) {
        stop(key, now);
        if (running.people.some((each) => !tap.people.includes(each))) find("fold.together-ended", tap);
      }
      const { id, service, patient, people, mode, session } = tap;
      open.set(tap.key, { id, service, patient, people, mode, session, start: now, stop: null });
      intervals.push(open.get(tap.key));
    }
    for (const tap of late) if (!stop(tap.key, now)) find("fold.stop-without-start", tap);
  }
  return { intervals, findings: found.sort(by(([id]) => id, ([, what]) => what)).map(([, what]) => what) };
}

/** Does attended time that is running end when `tap` starts? Not where both are one group or co-treatment. */
function givesWay(running, tap) {
  const same = running.mode === tap.mode && tap.session !== null && running.session === tap.session;
  const one = tap.mode === "group" || (tap.mode === "co-treatment" && running.patient === tap.patient);
  const attended = ATTENDED.includes(running.mode) && ATTENDED.includes(tap.mode);
  return attended && !(same && one) && running.people.some((each) => tap.people.includes(each));
}

/** Each tap once, at its instant: by the device's own count within one run of it, else by its clock. */
function settled(taps, find) {
  const texts = new Map(taps.map((tap) => ({ ...UNSAID, ...tap })).map((tap) => [written(tap), tap]));
  const all = [...texts.keys()].sort().map((text) => texts.get(text));
  const kept = all.filter((tap, at) => tap.id !== all[at - 1]?.id); // of one id the first in order of text
  const other = new Set(all.filter((tap) => !kept.includes(tap)).map((tap) => tap.id));
  for (const id of other) find("fold.id-used-twice", { id });
  const run = ({ mono, boot, device }) => mono !== null && boot !== null && JSON.stringify([device, boot]);
  const counted = kept.filter(run).sort(by((tap) => tap.mono, (tap) => tap.id));
  return kept.map((tap) => {
    const anchor = counted.find((each) => run(each) === run(tap));
    const at = anchor ? anchor.wall + tap.mono - anchor.mono : tap.wall;
    if (Math.abs(tap.wall - at) > CLOCK_TOLERANCE) find("fold.clock-jumped", tap);
    const key = [tap.patient, tap.service ?? "", [...tap.people].sort(), tap.mode, tap.session ?? ""];
    return { ...tap, at, key: JSON.stringify(key) };
  });
}

/** The tap as a text that sorts like the engine's: Python's date and people, null where it writes None. */
function written({ id, patient, service, people, kind, wall, mode, session, mono, boot, device }) {
  if (!isWhole(wall) || !isWhole(mono ?? 0)) refuse(`Tap ${id}: give wall and mono in whole milliseconds.`);
  const who = people.map((each) => `'${each}'`).join(", ") + (people.length > 1 ? "" : ",") + ")";
  const clock = new Date(wall).toISOString().replace(/(:00)?\.000Z$/, "").match(/\d+/g).map(Number);
  return JSON.stringify([id, patient, service, who, kind, ...clock, null, mode, session, mono, boot, device]);
}
