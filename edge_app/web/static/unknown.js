// Strangers who were kept, on the page of people: named or discarded.

import { api, askAnyway, attempt, byId } from "./common.js";

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
  const outcome = byId("unknown-outcome");
  const ask = (work) => {
    const done = async () => {
      if (await work()) location.reload();
    };
    attempt(outcome, done, ...buttons);
  };
  const give = async (name, anyway) => {
    try {
      await api("POST", `${path}/name?anyway=${anyway}`, { name });
      return true;
    } catch (error) {
      if (!error.doubt) throw error;
      return (await askAnyway(outcome, error)) && give(name, true);
    }
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    ask(() => give(form.elements.name.value, false));
  });
  form.elements.discard.addEventListener("click", () =>
    ask(async () => {
      await api("DELETE", path);
      return true;
    }),
  );
  for (const button of buttons) {
    button.disabled = false; // not before: the browser would send the form by itself
  }
}
