// The caller's voice: 16-bit PCM at 8 kHz, a tenth of a second at a time.

const WANTED = { audio: { channelCount: 1, echoCancellation: true, noiseSuppression: true, autoGainControl: true } };

export class Microphone {
  /** `onSound(buffer, level)` gets 800 samples and their loudness from 0 to 100, while it is open. */
  constructor(base, onSound) {
    this.base = base;
    this.onSound = onSound;
    this.node = null;
    this.recording = false;
  }

  get ready() {
    return this.node !== null;
  }

  /** Asks for permission once; resolves to whether there is a microphone. */
  async prepare(context) {
    if (this.node) return true;
    try {
      const stream = await navigator.mediaDevices.getUserMedia(WANTED);
      await context.audioWorklet.addModule(`${this.base}/static/recorder.js`);
      this.node = new AudioWorkletNode(context, "recorder", { numberOfOutputs: 0 });
      this.node.port.onmessage = ({ data }) => {
        if (this.recording) this.onSound(data.samples, data.level);
      };
      context.createMediaStreamSource(stream).connect(this.node);
      return true;
    } catch (error) {
      console.info("no microphone", error);
      return false;
    }
  }
}
