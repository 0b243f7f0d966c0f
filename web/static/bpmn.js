// Draws the BPMN model with bpmn-js, prints the numbers beside its steps, and makes it handy.
(() => {
  "use strict";
  const place = document.getElementById("bpmn-canvas");
  const absent = document.getElementById("bpmn-absent");
  if (!place || !window.BpmnJS) return;
  const SMALLEST = 0.9; // below this scale its words cannot be read
  const MARGIN = 20;
  const LONGEST = 48; // letters of a name that fit into a box
  const numbers = JSON.parse(document.getElementById("bpmn-numbers").textContent);
  const viewer = new window.BpmnJS({ container: place, zoomScroll: { enabled: false } });
  const canvas = viewer.get("canvas");

  const room = () => ({ width: place.clientWidth, height: place.clientHeight });
  const drawing = () => {
    const { inner } = canvas.viewbox();
    return {
      x: inner.x - MARGIN, y: inner.y - MARGIN,
      width: inner.width + 2 * MARGIN, height: inner.height + 2 * MARGIN,
    };
  };
  const show = (scale) => {
    const all = drawing();
    const { width, height } = room();
    const free = { x: width / scale - all.width, y: height / scale - all.height };
    canvas.viewbox({
      x: all.x - Math.max(free.x, 0) / 2, y: all.y - Math.max(free.y, 0) / 2,
      width: width / scale, height: height / scale,
    });
  };
  const fitting = () => {
    const all = drawing();
    const { width, height } = room();
    return Math.min(width / all.width, height / all.height, 1);
  };
  const step = (times) => canvas.zoom(Math.min(Math.max(canvas.zoom() * times, 0.1), 4), "auto");
  const acts = {
    in: () => step(1.25),
    out: () => step(0.8),
    fit: () => show(fitting()),
  };

  const begin = () => {
    const all = drawing();
    const wide = Math.min(place.clientWidth / all.width, 1);
    const scale = Math.max(wide, SMALLEST);
    const tall = Math.min(Math.max(all.height * scale + 60, 280), window.innerHeight * 0.75);
    place.style.height = `${Math.round(tall)}px`;
    canvas.resized();
    show(Math.max(fitting(), SMALLEST));
  };

  const badges = () => {
    const overlays = viewer.get("overlays");
    for (const [id, told] of Object.entries(numbers)) {
      const badge = document.createElement("span");
      badge.className = "bpmn-badge";
      badge.textContent = told;
      const { width } = viewer.get("elementRegistry").get(id);
      overlays.add(id, { position: { bottom: 9, left: width / 2 }, html: badge });
    }
  };

  const escaped = (text) =>
    text.replace(/[&<>]/g, (sign) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;" })[sign]);

  const save = async () => {
    const { svg } = await viewer.saveSVG();
    const elements = viewer.get("elementRegistry");
    const texts = Object.entries(numbers).map(([id, told]) => {
      const { x, y, width, height } = elements.get(id);
      return `<text x="${x + width / 2}" y="${y + height - 7}" text-anchor="middle" ` +
        `font-family="Arial, sans-serif" font-size="12">${escaped(told)}</text>`;
    });
    const whole = svg.replace(/<\/svg>\s*$/, `${texts.join("")}</svg>`);
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([whole], { type: "image/svg+xml" }));
    link.download = `${place.dataset.name || "model"}.svg`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  };

  const KEYS = {
    "+": acts.in, "=": acts.in, "-": acts.out, "0": acts.fit,
    ArrowLeft: () => canvas.scroll({ dx: 60, dy: 0 }),
    ArrowRight: () => canvas.scroll({ dx: -60, dy: 0 }),
    ArrowUp: () => canvas.scroll({ dx: 0, dy: 60 }),
    ArrowDown: () => canvas.scroll({ dx: 0, dy: -60 }),
  };

  const handy = () => {
    const picture = place.querySelector("svg[tabindex], .djs-container > svg");
    picture.setAttribute("tabindex", "0");
    picture.setAttribute("role", "application");
    picture.setAttribute("aria-label", place.dataset.label);
    place.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.target !== picture) return;
      const act = KEYS[event.key];
      if (!act) return;
      event.preventDefault();
      act();
    });
    // The wheel turns the page, until the picture is what one is looking at.
    const wheel = viewer.get("zoomScroll");
    picture.addEventListener("focus", () => wheel.toggle(true));
    picture.addEventListener("blur", () => wheel.toggle(false));
    const tools = document.getElementById("bpmn-tools");
    tools.addEventListener("click", ({ target }) => {
      if (target.dataset.zoom) acts[target.dataset.zoom]();
      if (target.dataset.save) save();
    });
    tools.hidden = false;
  };

  // Longer names do not fit into a box; the table has them whole.
  const fittingNames = (xml) => {
    const model = new DOMParser().parseFromString(xml, "application/xml");
    for (const task of model.getElementsByTagNameNS("*", "task")) {
      const letters = [...task.getAttribute("name")];
      if (letters.length > LONGEST) {
        task.setAttribute("name", `${letters.slice(0, LONGEST - 1).join("").trim()}…`);
      }
    }
    return new XMLSerializer().serializeToString(model);
  };

  const draw = async () => {
    const answer = await fetch(place.dataset.model);
    if (!answer.ok) throw new Error(`the model answers ${answer.status}`);
    await viewer.importXML(fittingNames(await answer.text()));
    begin();
    badges();
    handy();
    absent.hidden = true;
    place.dataset.drawn = "yes";
  };
  draw().catch((problem) => {
    place.hidden = true;
    console.error(problem);
  });
})();
