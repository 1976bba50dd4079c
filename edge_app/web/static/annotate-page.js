import { address, api, ApiError, byId, element, reasonOf, text } from "./common.js";

const ASK_MS = 500;
const UNREADABLE = 422;
const drop = byId("drop");
const progress = byId("progress");
const problem = byId("problem");
let current = null;

byId("file").addEventListener("change", ({ target }) => {
  if (target.files.length) annotate(target.files[0]);
  target.value = "";
});
for (const kind of ["dragover", "dragleave", "drop"]) {
  drop.addEventListener(kind, (event) => {
    event.preventDefault();
    drop.classList.toggle("over", kind === "dragover");
    if (kind === "drop" && event.dataTransfer.files.length) annotate(event.dataTransfer.files[0]);
  });
}
byId("forget").addEventListener("click", async () => {
  await api("DELETE", `/api/annotations/${current}`);
  byId("work").hidden = true;
});

async function annotate(file) {
  byId("work").hidden = false;
  byId("result").hidden = problem.hidden = true;
  byId("what").textContent = file.name;
  byId("phase").textContent = text("sending", { name: file.name });
  progress.hidden = false;
  progress.value = 0;
  try {
    let task = await send(file);
    current = task.id;
    while (task.phase === "waiting" || task.phase === "running") {
      byId("phase").textContent = text(`phase.${task.phase}`);
      if (task.total) progress.value = Math.min(1, task.frames / task.total);
      else progress.removeAttribute("value");
      await new Promise((done) => setTimeout(done, ASK_MS));
      task = await api("GET", `/api/annotations/${task.id}`);
    }
    if (task.phase === "failed") throw new ApiError(task.error, UNREADABLE);
    show(task);
  } catch (error) {
    problem.replaceChildren(...reasonOf(error));
    problem.hidden = false;
    byId("phase").textContent = text("phase.failed");
  } finally {
    progress.hidden = true;
  }
}

/** Sends the file as the body; XMLHttpRequest, because fetch tells nothing while it sends. */
function send(file) {
  return new Promise((done, fail) => {
    const request = new XMLHttpRequest();
    request.open("POST", address(`/api/annotations?name=${encodeURIComponent(file.name)}`));
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.responseType = "json";
    request.upload.onprogress = ({ loaded, total }) => (progress.value = loaded / total);
    request.onerror = () => fail(new Error(text("no_connection")));
    request.onload = () =>
      request.status === 202
        ? done(request.response)
        : fail(new ApiError(request.response?.detail ?? request.statusText, request.status));
    request.send(file);
  });
}

function show(task) {
  const base = address(`/api/annotations/${task.id}`);
  byId("phase").textContent = text("phase.done");
  byId("file-link").href = `${base}/file`;
  byId("json-link").href = `${base}/results.json`;
  byId("csv-link").href = `${base}/results.csv`;
  const seen =
    task.kind === "photo"
      ? element("img", { src: `${base}/file`, alt: text("annotated_file") })
      : element("video", { src: `${base}/file`, controls: true, muted: true, playsInline: true });
  byId("preview").replaceChildren(seen);
  byId("result").hidden = false;
}
