// Draws what /_sandbox/live tells, whenever it tells something new. Text comes in by textContent
// only, so that no name of a list or metric can become markup.

const SAMPLE_MS = 500;
const SAMPLES = 120; // a minute of history
const RATE_SAMPLES = 4; // a rate is over two seconds
const WINDOWS = [[1, "second", "Second"], [60, "minute", "Minute"], [86400, "day", "Day"]];

const at = (id) => document.getElementById(id);
const number = new Intl.NumberFormat("en");
const rough = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });
const sum = (values) => values.reduce((total, value) => total + value, 0);

// ---- elements -------------------------------------------------------------------------------

function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

function cell(attributes, ...children) {
  return element("td", { role: "cell", ...attributes }, ...children);
}

// An operation's name may break after an underscore.
function identifier(text) {
  return text.split(/(?<=_)/).flatMap((part) => [part, element("wbr")]).slice(0, -1);
}

// The rows of a table, one for each thing; those that did not change are left alone, so that
// nobody's place in them, or selection, is lost.
const drawn = new WeakMap();
function rows(body, things, key, cells) {
  const known = new Map([...body.children].map((row) => [row.dataset.key, row]));
  const wanted = things.map((thing) => {
    const name = String(key(thing));
    const row = known.get(name) ?? element("tr", { role: "row", "data-key": name });
    const content = JSON.stringify(thing);
    if (drawn.get(row) !== content) {
      row.replaceChildren(...cells(thing));
      drawn.set(row, content);
    }
    return row;
  });
  const same = wanted.length === body.children.length
    && wanted.every((row, index) => row === body.children[index]);
  if (!same) body.replaceChildren(...wanted);
}

// ---- figures --------------------------------------------------------------------------------

const answered = (view, wanted) => sum(Object.values(view.requests).flatMap(({ statuses }) =>
  Object.entries(statuses).filter(([status]) => wanted(Number(status))).map(([, count]) => count)));

const FIGURES = [
  ["profiles", "Profiles", (view) => view.profiles],
  ["events", "Events", (view) => view.events],
  ["requests", "Requests", (view) => answered(view, () => true)],
  ["rows", "Rows taken", (view) => sum(Object.values(view.requests).map(({ rows }) => rows))],
  ["throttled", "Throttled (429)", (view) => answered(view, (status) => status === 429), "alarm"],
  ["errors", "Errors, cuts", (view) => answered(view, (status) => status === 0 || (status >= 400 && status !== 429)), "alarm"],
].map(([id, name, count, kind]) => ({ id, name, count, kind, history: [] }));

function makeFigures() {
  const space = "http://www.w3.org/2000/svg";
  for (const figure of FIGURES) {
    const chart = document.createElementNS(space, "svg");
    for (const [key, value] of [["viewBox", `0 0 ${SAMPLES - 1} 20`], ["preserveAspectRatio", "none"], ["aria-hidden", "true"]]) {
      chart.setAttribute(key, value);
    }
    figure.line = chart.appendChild(document.createElementNS(space, "polyline"));
    figure.value = element("dd", { class: "count", id: figure.id }, "0");
    figure.rate = element("dd", { class: "rate" }, "0 a second");
    figure.tile = element("div", figure.kind ? { class: figure.kind } : {},
      element("dt", {}, figure.name), figure.value, figure.rate, element("dd", {}, chart));
    at("figures").append(figure.tile);
  }
}

// Takes a sample of every count, so that a standstill shows as one.
function sample(view) {
  for (const figure of FIGURES) {
    const count = figure.count(view);
    if (count < figure.history.at(-1)) figure.history.length = 0; // it was reset
    figure.history.push(count);
    if (figure.history.length > SAMPLES + 1) figure.history.shift();
    const steps = figure.history.slice(1).map((value, index) => value - figure.history[index]);
    const recent = steps.slice(-RATE_SAMPLES);
    const rate = recent.length ? sum(recent) * 1000 / (SAMPLE_MS * recent.length) : 0;
    setText(figure.rate, `${rough.format(rate)} a second`);
    const most = Math.max(1, ...steps);
    figure.line.setAttribute("points", steps.map((step, index) =>
      `${SAMPLES - steps.length + index},${(19 - 18 * step / most).toFixed(1)}`).join(" "));
  }
}

function drawFigures(view) {
  for (const figure of FIGURES) {
    const count = figure.count(view);
    setText(figure.value, number.format(count));
    figure.tile.toggleAttribute("data-any", count > 0);
  }
}

// ---- tables ---------------------------------------------------------------------------------

function gravity(status) {
  if (status === 429) return "near";
  return status === 0 || status >= 400 ? "bad" : "good";
}

function chip(status, count) {
  const name = status === 0 ? "cut" : String(status);
  return element("span", { class: `chip ${gravity(status)}` }, count === undefined ? name : `${name} × ${number.format(count)}`);
}

function bar(operation, { caller, used, limit }, unit) {
  const share = Math.min(1, used / limit);
  const level = share === 1 ? "bad" : share >= 0.8 ? "near" : "good";
  const fill = element("div", { class: "fill" });
  fill.style.width = `${share * 100}%`;
  const track = element("div", {
    class: "track", role: "meter", "aria-valuemin": 0, "aria-valuemax": limit, "aria-valuenow": Math.min(used, limit),
    "aria-label": `${operation}: requests this ${unit}, ${caller}`,
  }, fill);
  return element("div", { class: `window ${level}` }, element("span", {}, `${caller} ${number.format(used)} of ${number.format(limit)}`), track);
}

function operationCells([operation, { total, rows: taken, statuses }, windows]) {
  const chips = Object.entries(statuses).map(([status, count]) => chip(Number(status), count));
  const bars = WINDOWS.map(([seconds, unit, name]) => {
    const alike = windows.filter((window) => window.seconds === seconds);
    const bars = alike.map((window) => bar(operation, window, unit));
    return bars.length
      ? cell({ "data-name": name }, element("div", { class: "windows" }, ...bars))
      : cell({ "data-name": name, class: "none" });
  });
  return [
    cell({ class: "id" }, ...identifier(operation === "none" ? "(no operation)" : operation)),
    cell({ class: "number", "data-name": "Requests" }, number.format(total)),
    cell({ class: "number", "data-name": "Rows" }, number.format(taken)),
    cell({ "data-name": "Answered" }, element("div", {}, ...chips)),
    ...bars,
  ];
}

const failureCells = ({ at: moment, operation, status }) => [
  cell({}, moment.slice(11, 19)),
  cell({ class: "id" }, ...identifier(operation)),
  cell({}, chip(status)),
];

const faultCells = ({ kind, operation, struck, times }) => [
  cell({ class: "id" }, ...identifier(kind)),
  cell({ class: "id" }, ...(operation ? identifier(operation) : ["any"])),
  cell({ class: "number" }, times === null ? number.format(struck) : `${number.format(struck)} of ${number.format(times)}`),
];

const JOBS = [
  ["jobs", "Profile imports"], ["catalog_jobs", "Catalog"], ["coupon_code_jobs", "Coupon codes"],
  ["suppression_jobs", "Suppressions"],
];
const STAGES = [
  ["queued", "Queued"], ["processing", "Processing"], ["complete", "Complete"], ["cancelled", "Cancelled"],
  ["completed_rows", "Rows done"], ["failed_rows", "Rows failed"],
];

const jobCells = ([, kind, counts]) => [
  cell({}, kind),
  ...STAGES.map(([stage, name]) => {
    const alarm = stage === "failed_rows" && counts[stage] > 0 ? " bad" : "";
    return cell({ class: `number${alarm}`, "data-name": name }, number.format(counts[stage]));
  }),
];

function andMore(id, { more }) {
  at(id).hidden = more === 0;
  setText(at(id), `and ${number.format(more)} more`);
}

function draw(view) {
  drawFigures(view);
  setText(at("limits"), view.limits ? "against their limits" : "rate limits are off");
  const operations = Object.entries(view.requests)
    .map(([operation, counts]) => [operation, counts, view.windows[operation] ?? []]);
  rows(at("operations-rows"), operations, ([operation]) => operation, operationCells);
  rows(at("failures-rows"), view.failures, (failure) => failure.number, failureCells);
  rows(at("faults-rows"), view.faults.map((fault, index) => ({ ...fault, index })), ({ index }) => index, faultCells);
  at("clear-faults").hidden = view.faults.length === 0;
  const jobs = JOBS.map(([name, kind]) => [name, kind, view[name]]).filter(([, , counts]) => sum(Object.values(counts)) > 0);
  rows(at("jobs-rows"), jobs, ([name]) => name, jobCells);
  rows(at("lists-rows"), view.lists.first, ({ id }) => id, ({ name, profiles }) =>
    [cell({}, name), cell({ class: "number" }, number.format(profiles))]);
  andMore("lists-more", view.lists);
  rows(at("metrics-rows"), view.metrics.first, ({ id }) => id, ({ name, count, value }) =>
    [cell({}, name), cell({ class: "number" }, number.format(count)), cell({ class: "number" }, rough.format(value))]);
  andMore("metrics-more", view.metrics);
}

// ---- the connection -------------------------------------------------------------------------

const RETRY_MS = 2000;

let source = null;
let retry = null;
let latest = null;

function connection(state, text) {
  at("connection").dataset.is = state;
  setText(at("connection"), text);
}

function open() {
  source = new EventSource("/_sandbox/live");
  source.onopen = () => connection("live", "Live");
  source.onerror = () => {
    connection("lost", "Connection lost, trying again");
    // One that is closed, as after an answer that is no stream, does not try by itself.
    if (source.readyState === EventSource.CLOSED) retry = setTimeout(open, RETRY_MS);
  };
  source.onmessage = ({ data }) => {
    latest = JSON.parse(data);
    draw(latest);
  };
}

function pauseOrGoOn() {
  const pause = source !== null;
  at("pause").setAttribute("aria-pressed", String(pause));
  if (pause) {
    source.close();
    clearTimeout(retry);
    source = null;
    connection("waiting", "Paused");
  } else {
    open();
  }
}

// What came of it is told by the stream.
function ask(path, method) {
  fetch(path, { method }).catch(() => connection("lost", "The sandbox did not answer"));
}

at("address").textContent = location.host;
makeFigures();
at("pause").addEventListener("click", pauseOrGoOn);
at("reset").addEventListener("click", () => {
  if (confirm("Forget everything that this sandbox holds and counted?")) ask("/_sandbox/reset", "POST");
});
at("clear-faults").addEventListener("click", () => ask("/_sandbox/faults", "DELETE"));
setInterval(() => { if (source && latest) sample(latest); }, SAMPLE_MS);
open();
