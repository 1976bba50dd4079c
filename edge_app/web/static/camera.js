// The browser's own camera.

import { text } from "./common.js";

/** Shows the camera in a video element. Throws an Error with words for people. */
export async function openCamera(video, facing = "user") {
  if (!navigator.mediaDevices) throw new Error(text("needs_https"));
  try {
    const stream = await navigator.mediaDevices.getUserMedia({
      video: { facingMode: facing, width: { ideal: 640 }, height: { ideal: 480 } },
    });
    video.srcObject = stream;
    await video.play();
    return stream;
  } catch (error) {
    closeCamera(video); // it may be on, and only its picture not be shown
    throw new Error(text("camera_refused", { reason: error.message }));
  }
}

export function closeCamera(video) {
  for (const track of video.srcObject?.getTracks() ?? []) track.stop();
  video.srcObject = null;
}

/**
 * The picture of now as a JPEG, its longer side at most so many pixels.
 * Throws an Error with words for people while there is none.
 */
export async function takePicture(video, longest, quality = 0.85) {
  const scale = Math.min(1, longest / Math.max(video.videoWidth, video.videoHeight));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(video.videoWidth * scale);
  canvas.height = Math.round(video.videoHeight * scale);
  canvas.getContext("2d").drawImage(video, 0, 0, canvas.width, canvas.height);
  const picture = await new Promise((done) => canvas.toBlob(done, "image/jpeg", quality));
  if (!picture) throw new Error(text("no_live_picture"));
  return picture;
}
