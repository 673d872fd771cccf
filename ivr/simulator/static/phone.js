// The browser phone: keys and microphone go to the network, what happens there is heard and shown here.

import { Microphone } from "./microphone.js";
import { Speaker } from "./sound.js";
import { Transcript, clock } from "./transcript.js";

const { body } = document;
const words = JSON.parse(body.dataset.words);
const base = body.dataset.base;
const find = (id) => document.getElementById(id);
const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);

const speaker = new Speaker(base);
const transcript = new Transcript(find("turns"), words);
const microphone = new Microphone(base, (samples, level) => {
  find("level").value = level;
  socket?.send(samples);
});

let socket = null;
let timer = null;
let inCall = false;
let dialling = null; // the attempt that has not reached the network yet

// --- Showing ---

function show(state) {
  body.dataset.state = state;
  find("state").textContent = words[`state_${state}`];
  const deaf = state === "recording" && !microphone.ready;
  find("hint").textContent = words[deaf ? "hint_recording_deaf" : `hint_${state}`];
  inCall = !["idle", "ended", "broken"].includes(state);
  find("call").textContent = inCall ? words.hang_up : words.call;
  find("call").classList.toggle("busy", inCall);
  find("caller").disabled = inCall;
  if (state !== "recording") {
    microphone.recording = false;
    find("level").value = 0;
  }
}

function showOfficer(state, number = "") {
  const ringing = state === "ringing";
  const hadFocus = find("officer").contains(document.activeElement);
  find("officer").dataset.state = state;
  find("officer-state").textContent = fill(words[`officer_${state}`], { number });
  find("answer").hidden = !ringing;
  find("decline").hidden = state === "quiet";
  find("decline").textContent = ringing ? words.decline : words.officer_hang_up;
  if (hadFocus) (state === "quiet" ? find("call") : find("decline")).focus();
}

function startTimer() {
  stopTimer();
  timer = setInterval(() => { find("timer").textContent = clock(transcript.seconds); }, 500);
}

function stopTimer() {
  clearInterval(timer);
}

// --- What the network says ---

const onMessage = {
  connected() {
    transcript.note(words.connected);
    show("speaking");
    startTimer();
  },
  async play({ id, sound, text, seconds }) {
    show("speaking");
    transcript.said(text);
    if (await speaker.play(sound, seconds)) send({ type: "heard", id });
  },
  stop: () => speaker.stop(),
  listening({ seconds }) {
    if (seconds > 1) show("listening"); // a second is only the gap before a recording
  },
  key({ key, lost }) {
    transcript.did(fill(lost ? words.pressed_lost : words.pressed, { key }), lost);
  },
  beep: () => speaker.beep(),
  record() {
    microphone.recording = true;
    show("recording");
  },
  record_end({ seconds, key, kept }) {
    show("speaking");
    if (kept && seconds > 0) transcript.did(fill(words.spoke, { seconds }));
    else if (!key) transcript.note(words.silent);
  },
  ring({ number }) {
    transcript.note(words.rang);
    show("ringing");
    showOfficer("ringing", number);
    speaker.startRinging();
  },
  picked_up() {
    speaker.stopRinging();
    transcript.note(words.picked_up);
    show("talking");
    showOfficer("talking");
  },
  ring_end({ status, seconds }) {
    speaker.stopRinging();
    transcript.note(fill(words[`ring_${status}`], { seconds }));
    showOfficer("quiet");
    show("speaking");
  },
  problem({ code, text }) {
    transcript.note(fill(words.problem, { code, text }), true);
  },
  ended({ by, seconds }) {
    quiet();
    transcript.note(fill(words[`ended_${by}`], { time: clock(seconds) }));
    show("ended");
  },
};

function quiet() {
  speaker.stop();
  speaker.stopRinging();
  stopTimer();
  showOfficer("quiet");
}

// --- What the person does ---

function send(message) {
  if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
}

async function dial() {
  const attempt = (dialling = {});
  show("calling");
  find("timer").textContent = "";
  find("empty").hidden = true;
  transcript.clear();
  await speaker.wake();
  const found = await microphone.prepare(speaker.context);
  find("microphone").textContent = found ? words.mic_ready : words.mic_denied;
  const call = () => {
    if (dialling !== attempt) return; // hung up while the browser was asking
    dialling = null;
    send({ type: "call", caller: Number(find("caller").value) });
  };
  if (socket?.readyState === WebSocket.OPEN) call();
  else connect(call);
}

function connect(onOpen) {
  const address = new URL(`${base}/socket`, location.href);
  address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
  const mine = new WebSocket(address);
  socket = mine;
  mine.onopen = onOpen;
  mine.onmessage = ({ data }) => {
    const message = JSON.parse(data);
    onMessage[message.type]?.(message);
  };
  mine.onclose = () => {
    socket = null;
    if (inCall) {
      dialling = null;
      quiet();
      show("broken");
    }
  };
}

function hangUp() {
  if (!dialling) {
    send({ type: "hang_up" });
    return;
  }
  dialling = null;
  show("idle");
}

function press(key) {
  flash(key);
  send({ type: "key", key });
}

function flash(key) {
  const button = document.querySelector(`.key[data-key="${key}"]`);
  button.classList.add("pressed");
  setTimeout(() => button.classList.remove("pressed"), 150);
}

function onKeyboard(event) {
  const { key, target } = event;
  if (event.ctrlKey || event.altKey || event.metaKey || event.repeat || target.closest("select")) return;
  if (/^[0-9*#]$/.test(key)) press(key);
  else if (key === "Enter" && !target.closest("button, a")) find("call").click();
  else return;
  event.preventDefault();
}

for (const button of document.querySelectorAll(".key")) {
  button.addEventListener("click", () => press(button.dataset.key));
}
find("call").addEventListener("click", () => (inCall ? hangUp() : dial()));
find("answer").addEventListener("click", () => send({ type: "officer_answers" }));
find("decline").addEventListener("click", () => send({ type: "officer_declines" }));
document.addEventListener("keydown", onKeyboard);
showOfficer("quiet");
