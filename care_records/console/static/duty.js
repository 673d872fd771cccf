// Drag a shift to another day or colleague, or a usual shift onto a day: fills in the form of the page and sends it.
(() => {
  "use strict";

  const week = document.getElementById("week");
  const form = document.querySelector("#new form");
  if (!week || !form) return;

  const DAY_MS = 24 * 60 * 60 * 1000;
  let dragged = null;

  const cellAt = (event) => dragged && event.target.closest("td[data-staff]");
  const later = (day, nights) => new Date(Date.parse(day) + nights * DAY_MS).toISOString().slice(0, 10);
  const mark = (cell) => {
    week.querySelectorAll(".over-here").forEach((other) => other.classList.remove("over-here"));
    if (cell) cell.classList.add("over-here");
  };

  document.addEventListener("dragstart", (event) => {
    dragged = event.target.closest?.("a.shift[data-url]");
    if (dragged) event.dataTransfer.setData("text/plain", dragged.textContent);
  });

  document.addEventListener("dragend", () => {
    dragged = null;
    mark(null);
  });

  week.addEventListener("dragover", (event) => {
    const cell = cellAt(event);
    mark(cell);
    if (cell) event.preventDefault();
  });

  week.addEventListener("drop", (event) => {
    const cell = cellAt(event);
    if (!cell) return;
    event.preventDefault();
    const { url, begin, end, nights } = dragged.dataset;
    const { staff, day } = cell.dataset;
    const values = { staff_id: staff, day, begin, end, days: 1, last_day: nights ? later(day, Number(nights)) : "" };
    Object.entries(values).forEach(([name, value]) => {
      form.elements[name].value = value;
    });
    form.action = url;
    form.submit();
  });
})();
