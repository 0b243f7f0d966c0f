// The explored map, made handy. Without this file all of it still works, with links and a form.
"use strict";
(() => {
  const root = document.querySelector(".explorer");
  if (!root) return;
  const find = (selector, within = root) => within.querySelector(selector);
  const all = (selector, within = root) => [...within.querySelectorAll(selector)];
  const form = find("form.ask");
  const slider = form.elements.namedItem("paths");
  const known = find(".map-known");
  const board = find(".map-stage");
  const hint = known.firstElementChild;
  const frames = () => all(".frame");
  const between = (least, value, most) => Math.min(most, Math.max(least, value));

  // ---- what is asked: the address follows, so that a view can be shared ----
  const fragment = (text) => new DOMParser().parseFromString(text, "text/html");
  async function fetched(address, part) {
    const url = new URL(address, location.href);
    if (part) url.searchParams.set("part", part);
    const answer = await fetch(url, { credentials: "same-origin" });
    if (!answer.ok) throw new Error(String(answer.status));
    return answer;
  }
  function failed() {
    const told = document.createElement("p");
    told.className = "none";
    told.textContent = root.dataset.failed;
    known.replaceChildren(told);
  }
  let turn = 0;
  async function load(address, keep = true) {
    const mine = ++turn;
    root.setAttribute("aria-busy", "true");
    try {
      const fresh = fragment(await (await fetched(address, "map")).text()).querySelector(".explorer");
      if (mine !== turn) return;
      if (!fresh) return location.assign(address);
      const name = document.activeElement && document.activeElement.getAttribute("name");
      const here = root.contains(document.activeElement);
      for (const old of all("[data-swap]")) {
        const next = find(`[data-swap="${old.dataset.swap}"]`, fresh);
        if (!next) continue;
        if (old.dataset.swap === "table" && find("details[open]", old)) find("details", next).open = true;
        old.replaceWith(document.adoptNode(next));
      }
      root.dataset.svg = fresh.dataset.svg;
      root.dataset.replay = fresh.dataset.replay;
      slider.value = find("[name=paths]", fresh).value;
      show(+slider.value);
      known.replaceChildren(hint);
      if (keep) history.pushState(null, "", address);
      if (name && form.elements.namedItem(name) && !root.contains(document.activeElement)) {
        const field = form.elements.namedItem(name);
        (field instanceof RadioNodeList ? all("input:checked", form)[0] : field)?.focus();
      }
      if (here && !root.contains(document.activeElement)) {
        // What had the focus is gone: whoever reads by key or by ear goes on with what is shown now.
        const seen = find(".map-seen");
        seen.tabIndex = -1;
        seen.focus({ preventScroll: true });
      }
      prepare();
      root.dispatchEvent(new Event("swapped"));
    } catch {
      if (mine === turn) failed();
    } finally {
      if (mine === turn) root.removeAttribute("aria-busy");
    }
  }
  function asked() {
    const pairs = new URLSearchParams();
    const usual = find("[name=overlay]", form).value;
    for (const [key, value] of new FormData(form))
      if (value && !(key === "overlay" && value === usual)) pairs.append(key, value);
    return `${form.getAttribute("action")}?${pairs}`;
  }
  function show(paths) {
    for (const one of all("[data-level]")) one.classList.toggle("off", +one.dataset.level > paths);
    find("output", form).textContent = paths;
  }
  function remember() {
    const others = (address) => {
      const url = new URL(address, location.href);
      url.searchParams.set("paths", slider.value);
      return url.pathname + url.search;
    };
    for (const link of all("a[data-stay], [data-swap=downloads] a, .process a"))
      link.setAttribute("href", others(link.getAttribute("href")));
    root.dataset.svg = others(root.dataset.svg);
    history.replaceState(null, "", others(location.href));
  }
  slider.addEventListener("input", () => show(+slider.value));
  slider.addEventListener("change", remember);
  form.addEventListener("change", (event) => event.target.name === "overlay" && load(asked()));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    load(asked());
  });
  addEventListener("popstate", () => load(location.href, false));

  // ---- details of a step or a path ----
  let from = null;
  async function tell(link, byKey) {
    for (const one of all(".chosen")) one.classList.remove("chosen");
    const id = link.dataset.edge || link.dataset.place;
    for (const one of all(`[data-edge="${id}"], [data-place="${id}"]`)) one.classList.add("chosen");
    from = link;
    try {
      const facts = fragment(await (await fetched(link.getAttribute("href"), "details")).text());
      if (from !== link) return;
      known.replaceChildren(document.adoptNode(facts.querySelector(".facts")));
      if (byKey) known.focus();
      else if (known.offsetTop > board.offsetTop + 50) known.scrollIntoView({ block: "nearest" });
    } catch {
      failed();
    }
  }
  function close() {
    known.replaceChildren(hint);
    for (const one of all(".chosen")) one.classList.remove("chosen");
    if (from && known.contains(document.activeElement) | (document.activeElement === known)) from.focus();
    from = null;
  }
  root.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    const number = event.target.closest("[data-of]");
    const place = number
      ? find(`[data-edge="${number.dataset.of}"]`, number.closest("svg"))
      : event.target.closest("a[data-place], a[data-edge]");
    const link = event.target.closest("a[data-stay]");
    if (!place && !link && !event.target.closest("[data-close]")) return;
    event.preventDefault();
    if (moved) return;
    if (place) tell(place, event.detail === 0);
    else if (link) load(link.href);
    else close();
  });
  addEventListener("keydown", (event) => event.key === "Escape" && from && close());

  // ---- size and place: one for all maps on the page ----
  let zoom = 1;
  let moved = false;
  const size = (svg) => svg.dataset.whole.split(" ").map(Number).slice(2);
  function draw() {
    for (const frame of frames()) {
      const svg = frame.firstElementChild;
      const [wide, high] = size(svg);
      svg.setAttribute("viewBox", svg.dataset.whole);
      svg.setAttribute("width", wide * zoom);
      svg.setAttribute("height", high * zoom);
    }
  }
  function fit(least = 0.2) {
    const [frame] = frames();
    if (!frame) return;
    draw();
    const seen = frame.firstElementChild.getBBox();
    const room = [(frame.clientWidth - 8) / (seen.width + 40), (frame.clientHeight - 8) / (seen.height + 40)];
    zoom = between(least, Math.min(...(least < 0.5 ? room : room.slice(0, 1))), 1);
    draw();
    // What does not fit in is seen from the start on.
    const begin = find(".terminal", frame)?.getBBox() ?? seen;
    const middle = zoom * (seen.width + 40) > frame.clientWidth ? begin : seen;
    frame.scrollLeft = (middle.x + middle.width / 2) * zoom - frame.clientWidth / 2;
    frame.scrollTop = (Math.min(begin.y, seen.y) - 20) * zoom;
  }
  function resize(factor, x, y) {
    const before = zoom;
    zoom = between(0.2, zoom * factor, 3);
    const [frame] = frames();
    if (!frame) return;
    const box = frame.getBoundingClientRect();
    const [px, py] = x === undefined ? [box.width / 2, box.height / 2] : [x - box.left, y - box.top];
    const [left, top] = [frame.scrollLeft + px, frame.scrollTop + py];
    draw();
    frame.scrollLeft = (left * zoom) / before - px;
    frame.scrollTop = (top * zoom) / before - py;
  }
  function listen(frame) {
    frame.addEventListener("scroll", () => {
      for (const other of frames())
        if (other !== frame && (other.scrollLeft !== frame.scrollLeft || other.scrollTop !== frame.scrollTop))
          other.scrollTo(frame.scrollLeft, frame.scrollTop);
    });
    frame.addEventListener("wheel", (event) => {
      if (!event.ctrlKey) return;
      event.preventDefault();
      resize(Math.exp(-event.deltaY / 400), event.clientX, event.clientY);
    }, { passive: false });
    frame.addEventListener("keydown", (event) => {
      const does = { "+": () => resize(1.25), "=": () => resize(1.25), "-": () => resize(0.8), 0: fit }[event.key];
      if (!does || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      does();
    });
    let start = null;
    frame.addEventListener("pointerdown", (event) => {
      moved = false;
      if (event.pointerType !== "mouse" || event.button) return;
      start = [event.clientX + frame.scrollLeft, event.clientY + frame.scrollTop, event.clientX, event.clientY];
    });
    frame.addEventListener("pointermove", (event) => {
      if (!start || !event.buttons) return (start = null);
      if (!moved && Math.hypot(event.clientX - start[2], event.clientY - start[3]) < 5) return;
      if (!moved) frame.setPointerCapture(event.pointerId);
      moved = true;
      frame.scrollTo(start[0] - event.clientX, start[1] - event.clientY);
    });
    frame.addEventListener("dragstart", (event) => event.preventDefault());
    let apart = 0;
    const spread = ([a, b]) => Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY);
    frame.addEventListener("touchstart", (event) => {
      if (event.touches.length === 2) apart = spread(event.touches);
    }, { passive: true });
    frame.addEventListener("touchmove", (event) => {
      if (event.touches.length !== 2) return;
      event.preventDefault();
      const [a, b] = event.touches;
      resize(spread(event.touches) / apart, (a.clientX + b.clientX) / 2, (a.clientY + b.clientY) / 2);
      apart = spread(event.touches);
    }, { passive: false });
  }
  function prepare() {
    for (const one of all(".map-tools, [data-do=png]")) one.hidden = false;
    frames().forEach(listen);
    const [frame] = frames();
    if (frame && frame.isConnected) draw();
    place();
  }
  // After a swap everything stands where it stood.
  let where = null;
  function place() {
    const [frame] = frames();
    if (!frame) return;
    if (where && where.whole === frame.firstElementChild.dataset.whole) frame.scrollTo(where.left, where.top);
    else fit(0.75);
    const note = () => {
      where = { whole: frame.firstElementChild.dataset.whole, left: frame.scrollLeft, top: frame.scrollTop };
    };
    frame.addEventListener("scroll", note);
    note();
  }

  // ---- buttons ----
  async function png() {
    const text = await (await fetched(root.dataset.svg)).text();
    const image = new Image();
    image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
    await image.decode();
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [image.naturalWidth * 2, image.naturalHeight * 2];
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
    const link = document.createElement("a");
    link.download = "map.png";
    link.href = canvas.toDataURL("image/png");
    link.click();
  }
  const does = {
    in: () => resize(1.25),
    out: () => resize(0.8),
    fit: () => fit(),
    full: () => (document.fullscreenElement ? document.exitFullscreen() : board.requestFullscreen()),
    png: () => png().catch(failed),
  };
  root.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-do]");
    if (button && does[button.dataset.do]) does[button.dataset.do]();
  });

  root.classList.add("lively");
  prepare();
})();
