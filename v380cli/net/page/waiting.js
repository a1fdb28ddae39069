/** What both pages wait for. */

export const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

export const happens = (target, event) =>
  new Promise((resolve) => target.addEventListener(event, resolve, { once: true }));
