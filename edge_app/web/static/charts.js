// Draws SVG: who was seen when, and how long each emotion lasted in each hour or day.

import { emotionName, text } from "./common.js";

const SVG = "http://www.w3.org/2000/svg";
const WIDTH = 960;
const LEFT = 130;
const RIGHT = 16;
const ROW = 30;
const AXIS = 28;
const BARS = 220;
const TICKS = 6;

function shape(name, properties, ...children) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(properties)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

const emotionClass = (emotion) => `emotion-${emotion ?? "none"}`;
const personName = (visit) => visit.name ?? text("unknown");

function moment(seconds, span) {
  const options =
    span > 2 * 86400
      ? { weekday: "short", day: "numeric" }
      : { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  return new Date(seconds * 1000).toLocaleString(document.documentElement.lang, options);
}

/** A row per person, a bar per emotion of a visit. visits: rows of the API. */
export function timeline(visits, start, end) {
  const names = [...new Set(visits.map(personName))];
  const height = names.length * ROW + AXIS;
  const x = (seconds) =>
    LEFT + ((WIDTH - LEFT - RIGHT) * (Math.min(end, Math.max(start, seconds)) - start)) / (end - start);
  const svg = shape("svg", { viewBox: `0 0 ${WIDTH} ${height}`, role: "img", "aria-label": text("timeline") });
  for (let tick = 0; tick <= TICKS; tick += 1) {
    const seconds = start + ((end - start) * tick) / TICKS;
    svg.append(
      shape("line", { class: "grid", x1: x(seconds), x2: x(seconds), y1: 0, y2: names.length * ROW }),
      shape("text", { x: x(seconds), y: height - 8, "text-anchor": anchor(tick) }, moment(seconds, end - start)),
    );
  }
  names.forEach((name, row) => {
    svg.append(shape("text", { class: "strong", x: 0, y: row * ROW + 20 }, shorten(name)));
  });
  for (const visit of visits) {
    const left = x(visit.started_at);
    const said = `${personName(visit)}, ${visit.emotion ? emotionName(visit.emotion) : "–"}, ${moment(visit.started_at, 0)}`;
    svg.append(
      shape(
        "rect",
        {
          class: emotionClass(visit.emotion),
          x: left,
          y: names.indexOf(personName(visit)) * ROW + 6,
          width: Math.max(2, x(visit.ended_at) - left),
          height: ROW - 12,
          rx: 2,
        },
        shape("title", {}, said),
      ),
    );
  }
  return svg;
}

const anchor = (tick) => (tick === 0 ? "start" : tick === TICKS ? "end" : "middle");
const shorten = (name) => (name.length > 16 ? `${name.slice(0, 15)}…` : name);

/** Stacked bars: seconds of each emotion in each step of the time. step: seconds. */
export function bars(visits, start, end, step) {
  const sums = new Map();
  for (const visit of visits) {
    for (let from = floorTo(Math.max(start, visit.started_at), step); from < visit.ended_at; from += step) {
      const seconds = Math.min(visit.ended_at, from + step) - Math.max(visit.started_at, from);
      const bar = sums.get(from) ?? new Map();
      bar.set(visit.emotion, (bar.get(visit.emotion) ?? 0) + Math.max(0, seconds));
      sums.set(from, bar);
    }
  }
  const first = floorTo(start, step);
  const count = Math.max(1, Math.ceil((end - first) / step));
  const highest = Math.max(1, ...[...sums.values()].map((bar) => [...bar.values()].reduce((a, b) => a + b, 0)));
  const width = (WIDTH - LEFT - RIGHT) / count;
  const svg = shape("svg", { viewBox: `0 0 ${WIDTH} ${BARS + AXIS}`, role: "img", "aria-label": text("by_hour") });
  for (const share of [0, 0.5, 1]) {
    const y = BARS - share * (BARS - 12);
    svg.append(
      shape("line", { class: "grid", x1: LEFT, x2: WIDTH - RIGHT, y1: y, y2: y }),
      shape("text", { x: LEFT - 8, y: y + 4, "text-anchor": "end" }, `${Math.round(highest * share)} s`),
    );
  }
  for (const [from, bar] of sums) {
    let y = BARS;
    for (const [emotion, seconds] of bar) {
      const height = (seconds / highest) * (BARS - 12);
      y -= height;
      const said = `${moment(from, step > 3600 ? 1e9 : 0)}: ${emotion ? emotionName(emotion) : "–"} ${Math.round(seconds)} ${text("seconds")}`;
      svg.append(
        shape(
          "rect",
          { class: emotionClass(emotion), x: LEFT + ((from - first) / step) * width + 1, y, width: Math.max(2, width - 2), height },
          shape("title", {}, said),
        ),
      );
    }
  }
  for (let tick = 0; tick <= TICKS; tick += 1) {
    const seconds = first + (count * step * tick) / TICKS;
    const x = LEFT + ((WIDTH - LEFT - RIGHT) * tick) / TICKS;
    svg.append(shape("text", { x, y: BARS + 20, "text-anchor": anchor(tick) }, moment(seconds, end - start)));
  }
  return svg;
}

/** The start of a step in local time. */
function floorTo(seconds, step) {
  const offset = new Date(seconds * 1000).getTimezoneOffset() * 60;
  return Math.floor((seconds - offset) / step) * step + offset;
}

export function legendItem(emotion) {
  const item = document.createElement("li");
  const square = shape("svg", { viewBox: "0 0 10 10", "aria-hidden": "true" });
  square.append(shape("rect", { class: emotionClass(emotion), width: 10, height: 10, rx: 2 }));
  item.append(square, emotion ? emotionName(emotion) : "–");
  return item;
}
