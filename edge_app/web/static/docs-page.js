// Sends the requests of the API's page, and shows what comes back.

import { address, element } from "./common.js";

for (const form of document.querySelectorAll("form[data-method]")) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const place = form.querySelector(".answer");
    try {
      const answer = await fetch(address(pathOf(form)), optionsOf(form));
      const status = element("p", {}, element("code", {}, `${answer.status} ${answer.statusText}`));
      status.className = answer.ok ? "good" : "problem";
      place.replaceChildren(status, await contentOf(answer));
    } catch (error) {
      place.replaceChildren(element("p", { className: "problem" }, error.message));
    }
  });
}

/** The path with what was typed in it. */
function pathOf(form) {
  let path = form.dataset.path;
  const query = new URLSearchParams();
  for (const { name, value, dataset } of form.querySelectorAll("[data-in]")) {
    if (dataset.in === "path") path = path.replace(`{${name}}`, encodeURIComponent(value));
    else if (value) query.append(name, value);
  }
  return query.size ? `${path}?${query}` : path;
}

function optionsOf(form) {
  const options = { method: form.dataset.method, headers: { Accept: "application/json" } };
  const body = form.elements.body;
  if (body) {
    const isFile = body.type === "file";
    options.body = isFile ? body.files[0] : body.value;
    options.headers["Content-Type"] = isFile ? "application/octet-stream" : "application/json";
  }
  return options;
}

async function contentOf(answer) {
  const kind = answer.headers.get("content-type") ?? "";
  if (kind.startsWith("image/") || kind.startsWith("video/")) {
    const link = URL.createObjectURL(await answer.blob());
    return kind.startsWith("image/")
      ? element("img", { src: link, alt: kind })
      : element("video", { src: link, controls: true });
  }
  const content = await answer.text();
  const shown = kind.includes("json") ? JSON.stringify(JSON.parse(content), null, 2) : content;
  return element("pre", { tabIndex: 0 }, shown);
}
