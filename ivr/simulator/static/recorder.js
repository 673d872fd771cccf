// Runs beside the page's audio: brings the microphone down to 8 kHz and hands it over in pieces.

const RATE = 8000;
const PIECE = 800;

class Recorder extends AudioWorkletProcessor {
  constructor() {
    super();
    this.step = sampleRate / RATE;
    this.position = 0; // within the current output sample, in input samples
    this.sum = 0;
    this.count = 0;
    this.filled = 0;
    this.piece = new Int16Array(PIECE);
    this.power = 0;
  }

  // Each output sample is the mean of the input samples it covers: that also keeps most of what is above 4 kHz out.
  process([[channel]]) {
    for (const sample of channel ?? []) {
      this.sum += sample;
      this.count += 1;
      this.position += 1;
      if (this.position >= this.step) {
        this.position -= this.step;
        this.push(this.sum / this.count);
        this.sum = 0;
        this.count = 0;
      }
    }
    return true;
  }

  push(sample) {
    const clipped = Math.max(-1, Math.min(1, sample));
    this.piece[this.filled] = Math.round(clipped * 32767);
    this.power += clipped * clipped;
    this.filled += 1;
    if (this.filled < PIECE) return;
    const decibels = 10 * Math.log10(this.power / PIECE + 1e-9);
    const level = Math.max(0, Math.min(100, (decibels + 60) * 2)); // -60 dB is 0, -10 dB is 100
    const samples = this.piece.buffer;
    this.port.postMessage({ samples, level }, [samples]);
    this.piece = new Int16Array(PIECE);
    this.filled = 0;
    this.power = 0;
  }
}

registerProcessor("recorder", Recorder);
