// Strangers who were kept, on the page of people: named or discarded.

import { api, byId } from "./common.js";

const language = document.documentElement.lang;
const problem = byId("unknown-problem");

for (const time of document.querySelectorAll("time[data-seconds]")) {
  const moment = new Date(time.dataset.seconds * 1000);
  time.dateTime = moment.toISOString();
  time.textContent = moment.toLocaleString(language, { dateStyle: "medium", timeStyle: "short" });
}

/** Does what a button is for, and shows who is left. */
async function attempt(work) {
  try {
    await work();
    location.reload();
  } catch (error) {
    problem.textContent = error.message;
    problem.hidden = false;
  }
}

for (const form of document.querySelectorAll("form[data-unknown]")) {
  const path = `/api/unknown/${form.dataset.unknown}`;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    attempt(() => api("POST", `${path}/name`, { name: form.elements.name.value }));
  });
  form.elements.discard.addEventListener("click", () => attempt(() => api("DELETE", path)));
  for (const button of form.querySelectorAll("button")) {
    button.disabled = false; // not before: the browser would send the form by itself
  }
}
