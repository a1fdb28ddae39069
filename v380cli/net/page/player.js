import { offer, press } from "./controls.js";
import { happens, pause } from "./waiting.js";

// Seconds behind the camera: where playing begins, where it hurries, and where it jumps.
const START_LAG = 0.3;
const HURRY_LAG = 0.6;
const JUMP_LAG = 2;
const KEEP_PLAYED = 20; // seconds, so that the browser's memory stays small
const RETRY_MS = 1000;
const STATUS_MS = 2000;
const SILENCE_MS = 3000; // the camera is away
const IDLE_MS = 3000; // until nothing lies over the picture
const FALLBACK_FPS = 10;

const Source = window.ManagedMediaSource ?? window.MediaSource;
const [stage, video, pictures, message, name, facts, sound, snapshot, whole] = [
  "stage", "video", "pictures", "message", "name", "facts", "sound", "snapshot", "whole",
].map((id) => document.getElementById(id));
const KEYS = { m: sound, s: snapshot, f: whole };

let camera = null; // what the server says of it
let lastNews = 0;
let hasStarted = false;

/** Play until the stream ends; false if this browser cannot play its codec. */
async function playStream() {
  const stop = new AbortController();
  const response = await fetch("stream.mp4", { signal: stop.signal });
  if (!response.ok) throw new Error(await response.text());
  const type = response.headers.get("content-type");
  try {
    if (!Source?.isTypeSupported(type)) return false;
    await feed(type, response.body.getReader());
    return true;
  } finally {
    stop.abort();
  }
}

async function feed(type, reader) {
  const source = new Source();
  const url = URL.createObjectURL(source);
  video.src = url;
  try {
    await happens(source, "sourceopen");
    const buffer = source.addSourceBuffer(type);
    hasStarted = false;
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      lastNews = performance.now();
      buffer.appendBuffer(value);
      await happens(buffer, "updateend");
      keepUp();
      await forgetPlayed(buffer);
    }
  } finally {
    URL.revokeObjectURL(url);
  }
}

/** Stay close to the camera, and go on behind a hole. */
function keepUp() {
  const ranges = video.buffered;
  if (!ranges.length) return;
  const last = ranges.length - 1;
  const end = ranges.end(last);
  const lag = end - video.currentTime;
  const isOutside = video.currentTime < ranges.start(last);
  if (isOutside || lag > (hasStarted ? JUMP_LAG : START_LAG)) {
    video.currentTime = Math.max(ranges.start(last), end - START_LAG);
  }
  hasStarted ||= video.readyState > HTMLMediaElement.HAVE_CURRENT_DATA && lag < JUMP_LAG;
  video.playbackRate = lag > HURRY_LAG ? 1.1 : 1;
  if (video.paused) video.play().catch(() => {});
}

async function forgetPlayed(buffer) {
  const end = video.currentTime - KEEP_PLAYED;
  if (!video.buffered.length || end - video.buffered.start(0) < KEEP_PLAYED) return;
  buffer.remove(0, end);
  await happens(buffer, "updateend");
}

/** What every browser can show: one picture after the other, without sound. */
function showPictures() {
  video.hidden = true;
  pictures.hidden = false;
  pictures.addEventListener("load", () => {
    lastNews = performance.now();
    describe();
  });
  pictures.addEventListener("error", () => setTimeout(loadPictures, RETRY_MS));
  loadPictures();
}

function loadPictures() {
  pictures.src = `stream.mjpeg?fps=${FALLBACK_FPS}&again=${Date.now()}`;
}

async function play() {
  for (;;) {
    try {
      if (!await playStream()) return showPictures();
    } catch (error) {
      console.info(error.message);
    }
    await pause(RETRY_MS);
  }
}

async function askForStatus() {
  for (;;) {
    try {
      camera = await (await fetch("status.json")).json();
    } catch {
      camera = null;
    }
    describe();
    await pause(STATUS_MS);
  }
}

function describe() {
  const isShowing = !pictures.hidden
    ? pictures.naturalWidth > 0
    : video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA
      && performance.now() - lastNews < SILENCE_MS;
  const isLive = isShowing && camera?.state === "recording";
  stage.classList.toggle("live", isLive);
  if (!camera) {
    message.textContent = "The server is away";
    offer([]);
    return;
  }
  document.title = name.textContent = camera.name;
  message.textContent = camera.video && !lastNews ? "Loading" : "Waiting for the camera";
  offer(camera.controls);
  sound.hidden = !camera.audio || video.hidden;
  if (camera.video) {
    const codec = camera.video.codec === "hevc" ? "H.265" : "H.264";
    facts.textContent = `${codec} ${camera.video.width}×${camera.video.height}`;
  }
}

function showMuted() {
  sound.classList.toggle("muted", video.muted);
}

video.addEventListener("playing", describe);

sound.addEventListener("click", () => {
  video.muted = !video.muted;
  showMuted();
});

whole.addEventListener("click", () => {
  if (document.fullscreenElement) document.exitFullscreen();
  else if (stage.requestFullscreen) stage.requestFullscreen();
  else video.webkitEnterFullscreen?.();
});

window.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  const button = KEYS[event.key];
  if (button && !button.hidden && !event.repeat) button.click();
  else if (!press(event.key)) return;
  event.preventDefault();
});

let idleTimer = 0;

function awaken() {
  stage.classList.remove("idle");
  clearTimeout(idleTimer);
  idleTimer = setTimeout(() => stage.classList.add("idle"), IDLE_MS);
}

for (const event of ["pointermove", "pointerdown", "keydown"]) {
  window.addEventListener(event, awaken);
}

history.replaceState(null, "", location.pathname); // the token stays in the cookie alone
awaken();
showMuted();
play();
askForStatus();
