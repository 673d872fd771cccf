// What the caller hears: the line's sounds, the beep, and the ringing of the officer's telephone.

const BEEP_HZ = 1000;
const BEEP_S = 0.3;
const RING_HZ = 450; // the ringing tone of China: 1 s on, 4 s off
const RING_ON_S = 1;
const RING_EVERY_MS = 5000;

export class Speaker {
  constructor(base) {
    this.base = base;
    this.context = null;
    this.source = null;
    this.turn = 0;
    this.ringing = null;
  }

  /** Must be called from a key or a click: browsers are silent until then. */
  async wake() {
    this.context ??= new AudioContext();
    await this.context.resume();
  }

  /** Plays a sound (null: silence of that length); resolves to true when it was heard to its end. */
  async play(name, seconds) {
    const turn = this.stop();
    const heard = name ? await this.#sound(name, turn) : await this.#silence(seconds);
    return heard && turn === this.turn;
  }

  /** Cuts off whatever plays. */
  stop() {
    this.turn += 1;
    this.source?.stop();
    this.source = null;
    return this.turn;
  }

  beep() {
    this.#tone(BEEP_HZ, BEEP_S, 0.15);
  }

  startRinging() {
    this.stopRinging();
    const ring = () => this.#tone(RING_HZ, RING_ON_S, 0.1);
    ring();
    this.ringing = setInterval(ring, RING_EVERY_MS);
  }

  stopRinging() {
    clearInterval(this.ringing);
    this.ringing = null;
  }

  async #sound(name, turn) {
    try {
      const answer = await fetch(`${this.base}/sounds/${name}.wav`);
      const buffer = await this.context.decodeAudioData(await answer.arrayBuffer());
      if (turn !== this.turn) return false;
      return await this.#until(buffer);
    } catch (error) {
      console.error("a sound could not be played", error);
      return false;
    }
  }

  #until(buffer) {
    return new Promise((resolve) => {
      const source = new AudioBufferSourceNode(this.context, { buffer });
      source.connect(this.context.destination);
      source.onended = () => resolve(true);
      this.source = source;
      source.start();
    });
  }

  #silence(seconds) {
    return new Promise((resolve) => setTimeout(() => resolve(true), seconds * 1000));
  }

  #tone(frequency, seconds, volume) {
    const { context } = this;
    const tone = new OscillatorNode(context, { frequency });
    const gain = new GainNode(context, { gain: 0 });
    const now = context.currentTime;
    gain.gain.linearRampToValueAtTime(volume, now + 0.02);
    gain.gain.setValueAtTime(volume, now + seconds - 0.02);
    gain.gain.linearRampToValueAtTime(0, now + seconds);
    tone.connect(gain).connect(context.destination);
    tone.start(now);
    tone.stop(now + seconds);
  }
}
