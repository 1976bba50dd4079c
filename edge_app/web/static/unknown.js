// Strangers who were kept, on the page of people: named or discarded.

import { api, attempt, byId } from "./common.js";

const language = document.documentElement.lang;

for (const time of document.querySelectorAll("time[data-seconds]")) {
  const moment = new Date(time.dataset.seconds * 1000);
  time.dateTime = moment.toISOString();
  time.textContent = moment.toLocaleString(language, { dateStyle: "medium", timeStyle: "short" });
}

for (const form of document.querySelectorAll("form[data-unknown]")) {
  const path = `/api/unknown/${form.dataset.unknown}`;
  const buttons = form.querySelectorAll("button");
  /** Shows who is left afterwards. */
  const ask = (...request) => {
    const work = async () => {
      await api(...request);
      location.reload();
    };
    attempt(byId("unknown-outcome"), work, ...buttons);
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    ask("POST", `${path}/name`, { name: form.elements.name.value });
  });
  form.elements.discard.addEventListener("click", () => ask("DELETE", path));
  for (const button of buttons) {
    button.disabled = false; // not before: the browser would send the form by itself
  }
}
