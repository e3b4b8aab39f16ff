// Live fragments: charts get new figures without being drawn anew, the keyboard focus survives a renewal, nothing is
// renewed under a finger that is pressing it, and a panel that does not answer is said so.
(function () {
  "use strict";

  function renewCharts() {
    document.querySelectorAll("script[data-chart]").forEach(function (source) {
      const holder = document.querySelector('[data-canvas="' + source.dataset.chart + '"]');
      const canvas = holder && holder.querySelector("canvas");
      const chart = canvas && window.Chart && window.Chart.getChart(canvas);
      if (!chart) return;
      const fresh = JSON.parse(source.textContent);
      chart.data.labels = fresh.labels;
      chart.data.datasets[0].data = fresh.datasets[0].data;
      chart.update("none");
      const says = document.getElementById("chart-" + source.dataset.chart + "-says");
      if (says) says.textContent = source.dataset.says;
    });
  }

  // What an axis says of 0.1 + 0.6 is 0.7; the options are copied when the charts are drawn, on load.
  document.addEventListener("DOMContentLoaded", function () {
    if (typeof DEFAULT_CHART_OPTIONS === "undefined") return;
    const ticks = DEFAULT_CHART_OPTIONS.scales.y.ticks;
    const say = ticks.callback;
    ticks.callback = function (value) {
      return say.call(this, typeof value === "number" ? Number(value.toPrecision(10)) : value);
    };
  });

  let pressed = null;

  document.addEventListener("pointerdown", function (event) { pressed = event.target; });
  ["pointerup", "pointercancel"].forEach(function (end) {
    document.addEventListener(end, function () { setTimeout(function () { pressed = null; }, 0); });
  });

  let focused = null;

  document.addEventListener("htmx:beforeSwap", function (event) {
    const target = event.detail.target;
    if (pressed && target && target.contains(pressed)) {
      event.detail.shouldSwap = false;
      return;
    }
    const active = document.activeElement;
    focused = target && active && target.contains(active) ? active.getAttribute("href") : null;
  });

  document.addEventListener("htmx:afterSwap", function (event) {
    if (focused) {
      const again = Array.from(event.detail.target.querySelectorAll("a[href]")).find(function (link) {
        return link.getAttribute("href") === focused;
      });
      if (again) again.focus({ preventScroll: true });
    }
    renewCharts();
  });

  function lost(isLost) {
    const note = document.getElementById("live-lost");
    if (note) note.hidden = !isLost;
  }

  function isLive(event) {
    return event.detail.elt && event.detail.elt.hasAttribute("data-live");
  }

  document.addEventListener("htmx:afterRequest", function (event) {
    if (isLive(event)) lost(!event.detail.successful);
  });
})();
