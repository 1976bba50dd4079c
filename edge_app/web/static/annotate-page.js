import { address, api, ApiError, attempt, byId, element, reasonOf, text } from "./common.js";

const ASK_MS = 500;
const UNREADABLE = 422;
const drop = byId("drop");
const progress = byId("progress");
const problem = byId("problem");
let newest = 0;
let shown = null;

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
byId("forget").addEventListener("click", ({ target }) => {
  const id = shown;
  const forget = async () => {
    await api("DELETE", `/api/annotations/${id}`);
    if (shown === id) byId("work").hidden = true;
  };
  attempt(byId("outcome"), forget, target);
});

/** Follows a file until its result is there, or until another file is chosen meanwhile. */
async function annotate(file) {
  newest += 1;
  const turn = newest;
  const isNewest = () => turn === newest;
  begin(file);
  try {
    let task = await send(file, (share) => isNewest() && (progress.value = share));
    while (isNewest() && (task.phase === "waiting" || task.phase === "running")) {
      showProgress(task);
      await new Promise((done) => setTimeout(done, ASK_MS));
      task = await api("GET", `/api/annotations/${task.id}`);
    }
    if (!isNewest()) return;
    if (task.phase === "failed") throw new ApiError({ detail: task.error }, UNREADABLE);
    show(task);
  } catch (error) {
    if (!isNewest()) return;
    problem.replaceChildren(...reasonOf(error));
    problem.hidden = false;
    byId("phase").textContent = text("phase.failed");
  } finally {
    if (isNewest()) progress.hidden = true;
  }
}

function begin(file) {
  shown = null;
  byId("work").hidden = false;
  byId("result").hidden = problem.hidden = true;
  byId("outcome").replaceChildren();
  byId("what").textContent = file.name;
  byId("phase").textContent = text("sending", { name: file.name });
  progress.hidden = false;
  progress.value = 0;
}

function showProgress(task) {
  byId("phase").textContent = text(`phase.${task.phase}`);
  if (task.total) progress.value = Math.min(1, task.frames / task.total);
  else progress.removeAttribute("value");
}

/** Sends the file as the body, and says which share is sent; XMLHttpRequest, because fetch tells nothing while it sends. */
function send(file, onShare) {
  return new Promise((done, fail) => {
    const request = new XMLHttpRequest();
    request.open("POST", address(`/api/annotations?name=${encodeURIComponent(file.name)}`));
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.responseType = "json";
    request.upload.onprogress = ({ loaded, total }) => onShare(loaded / total);
    request.onerror = () => fail(new Error(text("no_answer")));
    request.onload = () =>
      request.status === 202
        ? done(request.response)
        : fail(new ApiError(request.response ?? { detail: request.statusText }, request.status));
    request.send(file);
  });
}

function show(task) {
  shown = task.id;
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
