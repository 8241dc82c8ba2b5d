/// <reference types="audioworklet" />
import { packetSamples } from "./format";

/** Collects the microphone's blocks of 128 samples into packets of 20 ms, mixed down to one channel. */
class Gathering extends AudioWorkletProcessor {
  private packet = new Float32Array(packetSamples);
  private filled = 0;

  process([input]: Float32Array[][]): boolean {
    const channels = input ?? [];
    const length = channels[0]?.length ?? 0;
    for (let at = 0; at < length; at++) {
      let sum = 0;
      for (const channel of channels) sum += channel[at] ?? 0;
      this.packet[this.filled++] = sum / channels.length;
      if (this.filled === packetSamples) {
        this.port.postMessage(this.packet, [this.packet.buffer]);
        this.packet = new Float32Array(packetSamples);
        this.filled = 0;
      }
    }
    return true;
  }
}

registerProcessor("gathering", Gathering);
