// What the fake camera sees and the fake microphone hears: made here, so that the test knows every picture.
import { writeFileSync } from "node:fs";

export const width = 320;
export const height = 180;
export const fps = 30;

/** Pictures before the clip begins again; each carries its number in eight blocks, black or white. Half of them are more than four seconds: no busy machine leaves out so many. */
export const bits = 8;
export const frames = 1 << bits;

/** Of the blocks with the number: a row at the top. */
export const block = { width: 36, height: 48, left: 16, top: 12 };

/** Patches of plain colour below them: Y, Cb, Cr in limited range. */
export const patches = [
  [90, 110, 180],
  [140, 70, 100],
  [70, 170, 120],
  [180, 128, 128],
];
export const patch = { width: 72, height: 72, left: 16, top: 84 };

/** Hz; in bursts, since noise suppression takes away what never changes. */
export const tone = 997;

export function writeClip(path) {
  const chunks = [Buffer.from(`YUV4MPEG2 W${width} H${height} F${fps}:1 Ip A1:1 C420jpeg\n`)];
  for (let number = 0; number < frames; number++) {
    const y = Buffer.alloc(width * height, 60);
    const u = Buffer.alloc((width * height) / 4, 128);
    const v = Buffer.alloc((width * height) / 4, 128);
    for (let bit = 0; bit < bits; bit++)
      fill(y, width, block.left + bit * block.width, block.top, block.width, block.height, (number >> bit) & 1 ? 220 : 30);
    patches.forEach(([luma, cb, cr], at) => {
      const left = patch.left + at * patch.width;
      fill(y, width, left, patch.top, patch.width, patch.height, luma);
      fill(u, width / 2, left / 2, patch.top / 2, patch.width / 2, patch.height / 2, cb);
      fill(v, width / 2, left / 2, patch.top / 2, patch.width / 2, patch.height / 2, cr);
    });
    chunks.push(Buffer.from("FRAME\n"), y, u, v);
  }
  writeFileSync(path, Buffer.concat(chunks));
}

function fill(plane, stride, left, top, w, h, value) {
  for (let row = top; row < top + h; row++) plane.fill(value, row * stride + left, row * stride + left + w);
}

/** Ten seconds, 16 bit, 48 kHz, one channel. */
export function writeTone(path) {
  const rate = 48_000;
  const samples = 10 * rate;
  const wav = Buffer.alloc(44 + samples * 2);
  wav.write("RIFF", 0);
  wav.writeUInt32LE(36 + samples * 2, 4);
  wav.write("WAVEfmt ", 8);
  wav.writeUInt32LE(16, 16);
  wav.writeUInt16LE(1, 20);
  wav.writeUInt16LE(1, 22);
  wav.writeUInt32LE(rate, 24);
  wav.writeUInt32LE(rate * 2, 28);
  wav.writeUInt16LE(2, 32);
  wav.writeUInt16LE(16, 34);
  wav.write("data", 36);
  wav.writeUInt32LE(samples * 2, 40);
  for (let at = 0; at < samples; at++) {
    const on = at % (rate / 2) < rate / 5;
    wav.writeInt16LE(on ? Math.round(12_000 * Math.sin((2 * Math.PI * tone * at) / rate)) : 0, 44 + at * 2);
  }
  writeFileSync(path, wav);
}
