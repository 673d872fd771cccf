// The alarm: sounds for every case that nobody has taken, until it is taken or muted. A new case sounds again.
(() => {
  "use strict";

  const EVERY_MS = 4000;
  const MUTED = "careline-muted";
  const button = document.getElementById("sound");
  const title = document.title;
  const audio = new AudioContext();

  const waiting = () => [...document.querySelectorAll("[data-alarm]")].map((alarm) => alarm.dataset.alarm);
  const muted = () => new Set(JSON.parse(sessionStorage.getItem(MUTED) || "[]"));
  const audible = () => waiting().filter((alarm) => !muted().has(alarm));
  const blocked = () => audio.state !== "running";

  const note = (at, frequency) => {
    const tone = audio.createOscillator();
    const volume = audio.createGain();
    tone.frequency.value = frequency;
    volume.gain.setValueAtTime(0, at);
    volume.gain.linearRampToValueAtTime(0.4, at + 0.03);
    volume.gain.linearRampToValueAtTime(0, at + 0.35);
    tone.connect(volume).connect(audio.destination);
    tone.start(at);
    tone.stop(at + 0.4);
  };

  const sound = () => {
    if (!audible().length || blocked()) return;
    [880, 660, 880].forEach((frequency, index) => note(audio.currentTime + index * 0.4, frequency));
    button.dataset.sounded = String(Number(button.dataset.sounded || 0) + 1);
  };

  const show = () => {
    const count = waiting().length;
    const state = blocked() ? "blocked" : count && !audible().length ? "off" : "on";
    button.hidden = false;
    button.textContent = button.dataset[state];
    button.setAttribute("aria-pressed", String(state === "off"));
    document.title = count ? `(${count}) ${title}` : title;
  };

  button.addEventListener("click", async () => {
    if (blocked()) await audio.resume();
    else sessionStorage.setItem(MUTED, JSON.stringify(audible().length ? waiting() : []));
    show();
    sound();
  });

  document.addEventListener("htmx:after:swap", show);
  audio.addEventListener("statechange", show);
  setInterval(sound, EVERY_MS);
  show();
  sound();
})();
