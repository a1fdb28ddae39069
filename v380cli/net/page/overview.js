import { happens, pause } from "./waiting.js";

const AGAIN_MS = 2000; // between two pictures of a camera

const [cameras, template] = ["cameras", "tile"].map((id) => document.getElementById(id));

/** Only what is on the screen is asked for, since asking opens a camera. */
const onScreen = new Set();
const observer = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    if (isIntersecting) onScreen.add(target);
    else onScreen.delete(target);
  }
});

/** Show one picture after the other, of the small stream. */
async function showPictures(tile, image, path) {
  for (;;) {
    if (onScreen.has(tile) && !document.hidden) {
      const settled = Promise.race([happens(image, "load"), happens(image, "error")]);
      image.src = `${path}sd/snapshot.jpg?again=${Date.now()}`;
      tile.classList.toggle("live", (await settled).type === "load");
    }
    await pause(AGAIN_MS);
  }
}

function addTile({ name, path }) {
  const tile = template.content.firstElementChild.cloneNode(true);
  tile.href = path;
  tile.querySelector(".name").textContent = name;
  cameras.append(tile);
  observer.observe(tile);
  showPictures(tile, tile.querySelector("img"), path);
}

async function start() {
  const sources = await (await fetch("cameras.json")).json();
  sources.filter(({ path }) => path.split("/").length === 3).forEach(addTile);
}

document.title = "Cameras";
start();
