import { byId, holding, socketAddress, text } from "./common.js";
import { closeCamera, openCamera, takePicture } from "./camera.js";
import { emotionOf, faceList, nameOf } from "./live.js";

const video = byId("video");
const marks = byId("marks");
const state = byId("state");
const LONGEST_PX = 640;
const AGAIN_MS = 200;
const SESSION_ENDED = 4401;
const REASONS = { 1013: "too_many_phones", 4404: "not_wanted", 4409: "taken_over" };
let facing = "user";
let socket = null;
let moments = [];

const showFaces = faceList(byId("faces"), byId("announcement"));

function say(words) {
  state.textContent = words;
  state.hidden = !words;
}

/**
 * Sends a picture, and the next one only when the answer to it is there. A camera that shows
 * nothing yet is asked again.
 */
async function sendNext({ target: to }) {
  if (to.readyState !== WebSocket.OPEN) return;
  try {
    const picture = await takePicture(video, LONGEST_PX, 0.8);
    if (to.readyState === WebSocket.OPEN) to.send(picture);
  } catch (error) {
    if (to === socket) say(error.message);
    setTimeout(sendNext, AGAIN_MS, { target: to });
  }
}

function onAnswer({ data, target }) {
  const answer = JSON.parse(data);
  say(answer.error ?? "");
  if (answer.faces) show(answer);
  count();
  sendNext({ target });
}

/** Pictures that were answered in the last seconds. */
function count() {
  moments = [...moments.filter((moment) => performance.now() - moment < 3000), performance.now()];
  byId("rate").textContent = (moments.length / 3).toFixed(1);
}

function show({ size, faces }) {
  [marks.width, marks.height] = size;
  const pen = marks.getContext("2d");
  pen.lineWidth = 3;
  pen.font = "600 18px system-ui, sans-serif";
  for (const face of faces) drawFace(pen, face);
  showFaces(faces);
}

function drawFace(pen, face) {
  const [left, top, right, bottom] = face.bbox;
  pen.strokeStyle = face.name === null ? "#cfd8d6" : "#59c9bd";
  pen.strokeRect(left, top, right - left, bottom - top);
  const words = [nameOf(face), emotionOf(face)].filter(Boolean).join(" · ");
  const width = pen.measureText(words).width + 12;
  const x = Math.max(0, Math.min(left, marks.width - width));
  const y = top >= 26 ? top - 26 : bottom;
  pen.fillStyle = "#000c";
  pen.fillRect(x, y, width, 26);
  pen.fillStyle = "#fff";
  pen.fillText(words, x + 6, y + 19);
}

async function start() {
  stop();
  try {
    await holding([byId("start"), byId("other")], () => openCamera(video, facing));
  } catch (error) {
    say(error.message);
    return;
  }
  say("");
  const lends = document.querySelector("#use :checked")?.value === "lend";
  socket = new WebSocket(socketAddress(lends ? "/phone/lend" : "/phone/live"));
  socket.onopen = sendNext;
  socket.onmessage = onAnswer;
  socket.onclose = ({ code }) => {
    if (code === SESSION_ENDED) location.reload();
    else if (REASONS[code]) say(text(REASONS[code]));
    else if (video.srcObject) say(text("no_connection"));
    stop();
  };
  byId("start").textContent = text("stop");
  byId("other").hidden = false;
  byId("lending").hidden = !lends;
  byId("answers").hidden = lends;
}

function stop() {
  if (socket) {
    socket.onclose = socket.onmessage = null;
    socket.close();
  }
  socket = null;
  closeCamera(video);
  marks.getContext("2d").clearRect(0, 0, marks.width, marks.height);
  byId("start").textContent = text("start");
  byId("other").hidden = byId("lending").hidden = true;
  byId("answers").hidden = false;
}

byId("use")?.addEventListener("change", () => socket && start());
byId("start").addEventListener("click", () => (socket ? stop() : start()));
byId("other").addEventListener("click", () => {
  facing = facing === "user" ? "environment" : "user";
  start();
});
