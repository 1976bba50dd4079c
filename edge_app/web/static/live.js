// The live picture: one frame on its way at a time, so that a slow connection never shows old ones.

import { address, element, emotionName, socketAddress, text } from "./common.js";

const RETRY_FIRST_MS = 500;
const RETRY_LONGEST_MS = 8000;

/**
 * Draws the stream on a canvas until the page is left.
 * onFacts is given what the frame shows; onLost is called when the connection breaks.
 */
export function watch(canvas, { onFacts, onLost }) {
  let socket = null;
  let retryMs = RETRY_FIRST_MS;

  function connect() {
    socket = new WebSocket(socketAddress("/live"));
    socket.binaryType = "arraybuffer";
    socket.onmessage = async ({ data }) => {
      const { facts, jpeg } = parse(data);
      retryMs = RETRY_FIRST_MS;
      await draw(canvas, jpeg);
      onFacts(facts);
      if (socket?.readyState === WebSocket.OPEN) socket.send("next");
    };
    socket.onclose = () => {
      socket = null;
      onLost();
      setTimeout(retry, retryMs);
      retryMs = Math.min(RETRY_LONGEST_MS, retryMs * 2);
    };
  }

  /** A refused WebSocket does not say why; where the session has ended, the page leads to the login. */
  async function retry() {
    const answer = await fetch(address("/api/live")).catch(() => null);
    if (answer?.status === 401) location.reload();
    else if (!document.hidden && !socket) connect();
  }

  document.addEventListener("visibilitychange", () => {
    if (document.hidden) socket?.close();
    else if (!socket) connect();
  });
  connect();
}

/** A message: 4 bytes with the length of the JSON, the JSON, the JPEG. */
function parse(message) {
  const length = new DataView(message).getUint32(0);
  const facts = JSON.parse(new TextDecoder().decode(new Uint8Array(message, 4, length)));
  return { facts, jpeg: new Blob([new Uint8Array(message, 4 + length)], { type: "image/jpeg" }) };
}

async function draw(canvas, jpeg) {
  const picture = await createImageBitmap(jpeg);
  if (canvas.width !== picture.width || canvas.height !== picture.height) {
    canvas.width = picture.width;
    canvas.height = picture.height;
  }
  canvas.getContext("2d").drawImage(picture, 0, 0);
  picture.close();
}

/** Name as it is shown: known, unknown, or just a face where nobody is identified. */
export function nameOf(face) {
  if (face.distance === null) return `${text("face")} ${face.track}`;
  return face.name ?? text("unknown");
}

/** Keeps a list of the faces; says names aloud only when they change, not at every frame. */
export function faceList(list, announcement) {
  const items = new Map();
  const nobody = element("li", { className: "nobody" }, text("nobody"));
  let said = null;
  return (faces) => {
    const present = new Set(faces.map((face) => face.track));
    for (const [track, item] of items) {
      if (!present.has(track)) {
        item.root.remove();
        items.delete(track);
      }
    }
    for (const face of faces) {
      if (!items.has(face.track)) {
        const item = faceItem();
        items.set(face.track, item);
        list.append(item.root);
      }
      items.get(face.track).show(face);
      if (list.dataset.corrects) items.get(face.track).offerCorrection(face);
    }
    if (faces.length) nobody.remove();
    else list.append(nobody);
    const names = faces.map(nameOf).sort().join(", ") || text("nobody");
    if (names !== said) {
      said = names;
      announcement.textContent = names;
    }
  };
}

export function emotionOf(face) {
  if (!face.emotion) return "";
  const name = emotionName(face.emotion);
  const score = face.scores[face.emotion]; // none where no emotion is clear
  return score === undefined ? name : `${name} ${Math.round(score * 100)} %`;
}

/** An item of faceList: name and emotion side by side. */
function faceItem() {
  const name = element("span", { className: "face-name" });
  const emotion = element("span", { className: "face-emotion" });
  const root = element("li", {}, name, emotion);
  const show = (face) => {
    name.textContent = nameOf(face);
    emotion.textContent = emotionOf(face);
    root.classList.toggle("known", face.name !== null);
  };
  const wrong = element("button", { className: "small" });
  const offerCorrection = ({ name: known, track }) => {
    if (known === null) {
      wrong.remove();
      return;
    }
    if (wrong.dataset.name !== known) wrong.textContent = text("not_them", { name: known });
    wrong.dataset.name = known;
    wrong.dataset.track = track;
    if (!wrong.isConnected) root.append(wrong);
  };
  return { root, show, offerCorrection };
}
