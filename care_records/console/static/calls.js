// Recordings: played at another speed, the waveform shows how far, and takes the player where it is touched.
(() => {
  "use strict";

  const choose = (player, audio, speed) => {
    audio.playbackRate = audio.defaultPlaybackRate = speed;
    for (const button of player.querySelectorAll("[data-speed]")) {
      button.setAttribute("aria-pressed", String(Number(button.dataset.speed) === speed));
    }
  };

  const follow = (player, audio) => {
    const played = player.querySelector("[data-played]");
    played.hidden = false;
    played.style.width = audio.duration ? `${(100 * audio.currentTime) / audio.duration}%` : "0";
  };

  const seek = (audio, part) => {
    const go = () => { audio.currentTime = part * audio.duration; };
    if (audio.readyState > 0) go();
    else audio.addEventListener("loadedmetadata", go, { once: true });
    audio.play();
  };

  const prepare = (player) => {
    const audio = player.querySelector("audio");
    if (!audio || player.dataset.ready) return;
    player.dataset.ready = "1";
    audio.preservesPitch = true;
    player.querySelector("[data-speeds]").hidden = false;
    audio.addEventListener("timeupdate", () => follow(player, audio));
    player.addEventListener("click", (event) => {
      const button = event.target.closest("[data-speed]");
      if (button) choose(player, audio, Number(button.dataset.speed));
      const wave = event.target.closest("[data-wave]");
      if (wave) seek(audio, event.offsetX / wave.clientWidth);
    });
    player.querySelector("img").addEventListener("error", (event) => { event.target.parentElement.hidden = true; });
  };

  const prepareAll = () => document.querySelectorAll("[data-player]").forEach(prepare);
  document.addEventListener("DOMContentLoaded", prepareAll);
  document.addEventListener("htmx:after:swap", prepareAll);
})();
