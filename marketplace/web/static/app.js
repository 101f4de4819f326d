// Starts the component set and keeps countdowns going; every page works without it.
const own = document.querySelector("script[data-govuk]");
document.body.classList.add("js-enabled");
if ("noModule" in HTMLScriptElement.prototype) {
  document.body.classList.add("govuk-frontend-supported");
}
import(own.dataset.govuk).then(({ initAll }) => initAll());

// A countdown shows what the server said was left, less the time this page has been open: the visitor's clock is not asked.
const opened = performance.now();
const clocks = [...document.querySelectorAll("time[data-countdown]")];
function tick() {
  const passed = Math.floor((performance.now() - opened) / 1000);
  for (const clock of clocks) {
    const left = Number(clock.dataset.countdown) - passed;
    const [days, hours, over] = clock.dataset.words.split("|");
    const text = left <= 0 ? over : left >= 86400 ? days : hours;
    clock.textContent = text
      .replace("{days}", Math.floor(left / 86400))
      .replace("{hours}", Math.floor(left / 3600))
      .replace("{minutes}", Math.floor((left % 3600) / 60));
  }
}
if (clocks.length > 0) {
  setInterval(tick, 15000);
}

// The entry of where we are stands in sight, also in a navigation that scrolls.
document.querySelector(".nav--many [aria-current]")?.scrollIntoView({ inline: "center", block: "nearest" });

// The page's own print button.
for (const button of document.querySelectorAll("[data-print]")) {
  button.addEventListener("click", () => window.print());
}
