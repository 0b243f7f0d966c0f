// The replay on the explored map: a sample of cases as they moved, and how many stood at each step.
"use strict";
(() => {
  const root = document.querySelector(".explorer");
  if (!root) return;
  const SVG = "http://www.w3.org/2000/svg";
  const find = (selector, within = root) => within.querySelector(selector);
  const all = (selector, within = root) => [...within.querySelectorAll(selector)];
  const between = (least, value, most) => Math.min(most, Math.max(least, value));
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  const [button, seek, speed] = ["play", "seek", "speed"].map((name) => find(`[data-do=${name}]`));
  const clock = find(".replay output");
  const legend = find(".replay-told");
  const words = button.textContent;
  let film = null;
  let running = 0;
  function stop(forget = true) {
    cancelAnimationFrame(running);
    running = 0;
    button.textContent = words;
    if (!forget) return;
    if (film) film.layer.remove();
    film = null;
    for (const one of [seek, speed, clock, legend]) one.hidden = true;
  }
  const made = (name, attributes, parent) => {
    const one = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) one.setAttribute(key, value);
    return parent.appendChild(one);
  };
  async function wind() {
    const answer = await fetch(root.dataset.replay, { credentials: "same-origin" });
    if (!answer.ok) throw new Error(String(answer.status));
    const told = await answer.json();
    const svg = find(".frame > svg");
    const layer = made("g", { class: "replay-layer" }, svg);
    const boxes = new Map(all("[data-place]", svg).map((one) => [one.dataset.place, one]));
    const codes = new Map(all("[data-code]", svg).map((one) => [one.dataset.code, one]));
    const ends = all(".terminal", svg).map((one) => one.dataset.place);
    const places = told.activities.map((name) => codes.get(name));
    const lines = new Map(all("a[data-edge]", svg).map((one) => [one.dataset.edge, one]));
    const way = (one, other) => lines.get(`${one}-${other}`);
    const least = told.until / 300;
    const cases = told.moves.map((flat, index) => {
      const steps = [];
      for (let at = 0; at < flat.length; at += 3) {
        const box = places[flat[at]];
        steps.push({ box, id: box && box.dataset.place, come: flat[at + 1], go: flat[at + 2] });
      }
      const dot = made("circle", { class: "token", r: 4.5, visibility: "hidden" }, layer);
      return { steps, dot, index };
    });
    const badges = told.activities.map((name, place) => {
      const box = places[place] && places[place].querySelector("rect").getBBox();
      if (!box || !told.queues[name]) return null;
      const group = made("g", { class: "queue" }, layer);
      made("rect", { x: box.x - 17, y: box.y - 9, width: 34, height: 18, rx: 4 }, group);
      const text = made("text", { x: box.x, y: box.y + 4.5, "text-anchor": "middle" }, group);
      return { text, group, box: places[place], lengths: told.queues[name] };
    });
    film = { told, layer, cases, badges, least, way, ends, boxes, span: told.until };
    const said = (number) => number.toLocaleString(document.documentElement.lang);
    const { dots, queues } = legend.dataset;
    const fill = dots.replace("{n}", said(told.moves.length)).replace("{all}", said(told.of));
    legend.textContent = told.reason || (told.moves.length ? `${fill} ${queues}` : queues);
    for (const one of [seek, speed, clock, legend]) one.hidden = false;
  }
  function along(link, share) {
    if (!link || link.classList.contains("off")) return null;
    const line = link.querySelector(".reach");
    return line.getPointAtLength(between(0, share, 1) * line.getTotalLength());
  }
  function standing(step, index) {
    if (!step.box || step.box.classList.contains("off")) return null;
    const { x, y, width, height } = step.box.querySelector("rect").getBBox();
    return { x: x + 10 + ((index * 37) % Math.max(1, width - 20)), y: y + height };
  }
  function spot({ steps, index }, now) {
    const { way, ends, least } = film;
    let at = -1;
    while (at + 1 < steps.length && steps[at + 1].come <= now) at++;
    const [here, before, next] = [steps[at], steps[at - 1], steps[at + 1]];
    if (!here) {
      const lead = next && now - (next.come - least);
      return lead > 0 ? along(way(ends[0], next.id), lead / least) : null;
    }
    if (before && before.go !== null && now < before.go + least)
      return along(way(before.id, here.id), (now - before.go) / least);
    if (here.go === null || now < here.go) return standing(here, index);
    if (next) return along(way(here.id, next.id), (now - here.go) / Math.max(next.come - here.go, least));
    return now < here.go + least ? along(way(here.id, ends[1]), (now - here.go) / least) : null;
  }
  function paint() {
    const now = (seek.value / 1000) * film.span;
    for (const one of film.cases) {
      const point = spot(one, now);
      one.dot.setAttribute("visibility", point ? "visible" : "hidden");
      if (!point) continue;
      one.dot.setAttribute("cx", point.x.toFixed(1));
      one.dot.setAttribute("cy", point.y.toFixed(1));
    }
    const { times, origin } = film.told;
    let bin = times.findIndex((time) => time > now);
    bin = bin < 0 ? times.length - 1 : Math.max(0, bin - 1);
    for (const one of film.badges) {
      if (!one) continue;
      const length = one.lengths[bin];
      one.group.classList.toggle("off", !length || one.box.classList.contains("off"));
      one.text.textContent = length ?? "";
    }
    const day = new Date((origin + now) * 1000);
    clock.textContent = day.toLocaleDateString(document.documentElement.lang, { dateStyle: "medium" });
  }
  async function play() {
    if (running) return stop(false);
    if (!film) await wind();
    paint();
    if (still.matches || film.told.reason) return;
    if (+seek.value >= 1000) seek.value = 0;
    button.textContent = button.dataset.pause;
    let last = performance.now();
    let exact = +seek.value;
    const step = (moment) => {
      if (Math.abs(exact - seek.value) > 1.5) exact = +seek.value;
      exact += ((moment - last) / 60000) * 1000 * speed.value;
      last = moment;
      seek.value = exact;
      paint();
      if (exact >= 1000) return stop(false);
      running = requestAnimationFrame(step);
    };
    running = requestAnimationFrame(step);
  }
  seek.addEventListener("input", () => film && paint());

  button.addEventListener("click", () =>
    play().catch(() => {
      clock.textContent = root.dataset.failed;
      clock.hidden = false;
    }),
  );
  root.addEventListener("swapped", () => stop());
})();
