// Lets the days of the ruler be dragged, or moved by the arrow keys; the form then asks the server what the law says.
const DAY = 86400000;
const WAIT = 700;

const drawing = document.querySelector(".ruler--wide[data-step]");
const form = document.getElementById("ask");
if (drawing && form) {
  const first = Date.parse(drawing.dataset.first + "T00:00:00Z");
  const from = Number(drawing.dataset.from);
  const step = Number(drawing.dataset.step);
  let timer = 0;

  const iso = (time) => new Date(time).toISOString().slice(0, 10);
  const send = () => form.requestSubmit();

  const put = (handle, time) => {
    const day = Math.max(first, time);
    const x = from + ((day - first) / DAY + 0.5) * step;
    handle.dataset.day = iso(day);
    handle.classList.add("moved");
    handle.querySelector("line").setAttribute("x1", x);
    handle.querySelector("line").setAttribute("x2", x);
    handle.querySelector("circle").setAttribute("cx", x);
    const text = handle.querySelector("text");
    text.setAttribute("x", x);
    text.textContent = text.textContent.replace(/\S+$/, iso(day).slice(5));
    const field = form.elements[handle.dataset.event];
    field.type = "date";
    field.value = iso(day);
  };

  const dayAt = (event) => {
    const box = drawing.getBoundingClientRect();
    const x = ((event.clientX - box.left) * drawing.viewBox.baseVal.width) / box.width;
    return first + Math.floor((x - from) / step) * DAY;
  };

  drawing.classList.add("movable");
  drawing.setAttribute("role", "group");
  document.getElementById("drag").hidden = false;
  for (const handle of drawing.querySelectorAll(".handle")) {
    handle.setAttribute("tabindex", "0");
    handle.setAttribute("role", "slider");
    handle.setAttribute("aria-label", handle.querySelector("text").textContent);
    handle.setAttribute("aria-valuetext", handle.dataset.day);
    handle.setAttribute("aria-valuenow", String(Math.round((Date.parse(handle.dataset.day) - first) / DAY)));
    handle.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      handle.setPointerCapture(event.pointerId);
      const move = (moved) => put(handle, dayAt(moved));
      handle.addEventListener("pointermove", move);
      handle.addEventListener("pointerup", () => {
        handle.removeEventListener("pointermove", move);
        if (handle.classList.contains("moved")) send();
      }, { once: true });
    });
    handle.addEventListener("keydown", (event) => {
      const by = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 }[event.key];
      if (event.key === "Enter") send();
      if (!by) return;
      event.preventDefault();
      put(handle, Date.parse(handle.dataset.day + "T00:00:00Z") + by * DAY);
      handle.setAttribute("aria-valuetext", handle.dataset.day);
      clearTimeout(timer);
      timer = setTimeout(send, WAIT);
    });
  }
}
