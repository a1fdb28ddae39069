/** Turning, zoom and light: what buttons and keys have the camera do. It confirms nothing. */

const REPEAT_MS = 200; // as the vendor's app, while a button is held
const NOTE_MS = 2500;
const TURNS = { ArrowLeft: "left", ArrowRight: "right", ArrowUp: "up", ArrowDown: "down" };
const ZOOMS = { "+": "zoom-in", "=": "zoom-in", "-": "zoom-out" };
const LIGHTS = ["light-on", "light-off", "light-auto"];

const [pad, light, note] = ["pad", "light", "note"].map((id) => document.getElementById(id));
const buttons = [...document.querySelectorAll("[data-order]")];

let possible = new Set();
let held = ""; // the turn of the button or key that is down
let repeating = 0;
let nextLight = 0;
let noteTimer = 0;

/** Show what this camera may obey. */
export function offer(orders) {
  possible = new Set(orders);
  for (const button of buttons) button.hidden = !possible.has(button.dataset.order);
  pad.hidden = !possible.has("left");
  light.hidden = !possible.has("light-on");
}

export function say(text) {
  note.textContent = text;
  note.hidden = false;
  clearTimeout(noteTimer);
  noteTimer = setTimeout(() => { note.hidden = true; }, NOTE_MS);
}

async function send(order) {
  try {
    const response = await fetch("control", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ do: order }),
    });
    if (!response.ok) say(await response.text());
    return response.ok;
  } catch {
    say("The server is away");
    return false;
  }
}

function startTurning(order) {
  if (held === order || !possible.has(order)) return;
  clearInterval(repeating);
  held = order;
  send(order);
  repeating = setInterval(() => send(order), REPEAT_MS);
}

function stopTurning() {
  if (!held) return;
  clearInterval(repeating);
  held = "";
  send("stop");
}

async function switchLight() {
  const order = LIGHTS[nextLight];
  if (await send(order)) {
    nextLight = (nextLight + 1) % LIGHTS.length;
    say(order.replace("-", ": ").replace("auto", "automatic"));
  }
}

for (const button of pad.querySelectorAll("button")) {
  button.addEventListener("pointerdown", (event) => {
    button.setPointerCapture(event.pointerId);
    startTurning(button.dataset.order);
  });
  button.addEventListener("contextmenu", (event) => event.preventDefault()); // a long touch
  for (const event of ["pointerup", "pointercancel", "lostpointercapture"]) {
    button.addEventListener(event, stopTurning);
  }
  button.addEventListener("click", ({ detail, currentTarget }) => {
    if (detail === 0) send(currentTarget.dataset.order); // a key: no pointer was down
  });
}
for (const button of document.querySelectorAll("nav [data-order]")) {
  button.addEventListener("click", () => send(button.dataset.order));
}
light.addEventListener("click", switchLight);

/** Do what a key means; false for a key of somebody else. */
export function press(key) {
  if (key in TURNS) startTurning(TURNS[key]);
  else if (possible.has(ZOOMS[key])) send(ZOOMS[key]);
  else if (key === "i" && !light.hidden) switchLight();
  else return false;
  return true;
}

window.addEventListener("keyup", ({ key }) => { if (key in TURNS) stopTurning(); });
window.addEventListener("blur", stopTurning);
