// The call so far, in words: who said or pressed what, and when.

export const clock = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;

const SENTENCE = /[。！？.!?]\s*$/; // what begins after the end of a sentence begins on a line of its own

export class Transcript {
  constructor(list, words) {
    this.list = list;
    this.words = words;
    this.began = 0;
    this.line = null;
  }

  clear() {
    this.list.replaceChildren();
    this.began = performance.now();
    this.line = null;
  }

  get seconds() {
    return (performance.now() - this.began) / 1000;
  }

  /** The line says it; what it says without anybody between is one turn. */
  said(text) {
    if (!text.trim()) return;
    if (this.line) {
      this.line.append(SENTENCE.test(this.line.textContent) ? `\n${text}` : text);
      this.#follow();
    } else {
      this.line = this.#add("line", this.words.turn_line, text);
    }
  }

  did(text, lost = false) {
    this.line = null;
    this.#add(lost ? "caller lost" : "caller", this.words.turn_caller, text);
  }

  note(text, fault = false) {
    this.line = null;
    const item = document.createElement("li");
    item.className = fault ? "turn note fault" : "turn note";
    item.textContent = text;
    this.#append(item);
  }

  #add(kind, who, text) {
    const item = document.createElement("li");
    item.className = `turn ${kind}`;
    const head = document.createElement("b");
    head.textContent = `${who} ${clock(this.seconds)}`;
    const words = document.createElement("span");
    words.textContent = text;
    item.append(head, words);
    this.#append(item);
    return words;
  }

  #append(item) {
    this.list.append(item);
    this.#follow();
  }

  #follow() {
    const log = this.list.parentElement;
    log.scrollTop = log.scrollHeight;
  }
}
