import { address, api, attempt, byId, element, emotionName, text } from "./common.js";
import { bars, legendItem, timeline } from "./charts.js";

const HOUR = 3600;
const DAY = 86400;
const MOST_ROWS = Number(byId("many").dataset.rows);

function query() {
  const end = Date.now() / 1000;
  const span = Number(byId("span").value);
  const filters = new URLSearchParams({ start: (end - span).toFixed(0), end: end.toFixed(0) });
  for (const key of ["person", "emotion"]) if (byId(key).value) filters.set(key, byId(key).value);
  return { filters, start: end - span, end, span };
}

async function refresh() {
  const { filters, start, end, span } = query();
  byId("csv").href = address(`/api/events.csv?${filters}`);
  const visits = await api("GET", `/api/events?${filters}`);
  byId("many").hidden = visits.length < MOST_ROWS;
  byId("nothing").hidden = visits.length > 0;
  byId("charts").hidden = visits.length === 0;
  if (!visits.length) return;
  byId("timeline").replaceChildren(timeline(visits, start, end));
  byId("bars-title").textContent = text(span > 2 * DAY ? "by_day" : "by_hour");
  byId("bars").replaceChildren(bars(visits, start, end, span > 2 * DAY ? DAY : HOUR));
  const emotions = [...new Set(visits.map((visit) => visit.emotion))];
  byId("legend").replaceChildren(...emotions.map(legendItem));
  byId("table").tBodies[0].replaceChildren(...visits.map(row).reverse());
}

function row(visit) {
  const cells = [
    time(visit.started_at),
    time(visit.ended_at),
    visit.name ?? text("unknown"),
    visit.emotion ? emotionName(visit.emotion) : "–",
  ];
  return element("tr", {}, ...cells.map((cell) => element("td", {}, cell)));
}

const time = (seconds) =>
  new Date(seconds * 1000).toLocaleString(document.documentElement.lang, {
    dateStyle: "short",
    timeStyle: "medium",
  });

const show = () => attempt(byId("outcome"), refresh);

byId("filters").addEventListener("change", show);
byId("filters").addEventListener("submit", (event) => event.preventDefault());
show();
