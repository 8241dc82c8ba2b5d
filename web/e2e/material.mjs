// What the fake camera sees and the fake microphone hears: made here, so that the test knows every picture.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";

export const width = 320;
export const height = 180;
export const fps = 30;

/** Pictures before the clip begins again; each carries its number in nine blocks, black or white. Half of them are more than eight seconds: no busy machine leaves out so many. */
export const bits = 9;
export const frames = 1 << bits;

/** Of the blocks with the number: a row at the top. */
export const block = { width: 32, height: 48, left: 16, top: 12 };

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
    drawNumber(y, number);
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

const shared = new URL("../../../shared/data/test/person-studio_remotion-recorder_002.mkv", import.meta.url).pathname;

/** Whether there is a real clip; else why not. */
export const noPerson = existsSync(shared) ? false : "there is no ../shared with clips";

/**
 * A real clip at the call's size as the camera, each picture with its number.
 * @returns for each picture the mean colours (RGB) of so many parts beside each other below the number
 */
export function writePerson(path, columns) {
  const shape = `fps=${fps},scale=${width}:${height}:force_original_aspect_ratio=increase,crop=${width}:${height}`;
  execFileSync("ffmpeg", ["-v", "error", "-nostdin", "-y", "-i", shared, "-an", "-vf", shape, "-pix_fmt", "yuv420p", path]);
  const file = readFileSync(path);
  const bytes = (width * height * 3) / 2;
  const pictures = [];
  for (let at = file.indexOf("\n") + 1; at < file.length && pictures.length < frames; at += bytes) {
    at = file.indexOf("\n", at) + 1; // of the word FRAME
    const picture = file.subarray(at, at + bytes);
    drawNumber(picture, pictures.length);
    pictures.push(Array.from({ length: columns }, (_, part) => colourOf(picture, (part * width) / columns, width / columns)));
  }
  writeFileSync(path, file);
  return pictures;
}

function drawNumber(y, number) {
  for (let bit = 0; bit < bits; bit++)
    fill(y, width, block.left + bit * block.width, block.top, block.width, block.height, (number >> bit) & 1 ? 220 : 30);
}

/** Mean RGB of a part of an I420 picture below its number: BT.709 in limited range, as every page sends, each pixel clipped as screens do (the clips have samples below black). */
function colourOf(picture, left, w) {
  const top = block.top + block.height + 6;
  const u = picture.subarray(width * height);
  const v = u.subarray((width * height) / 4);
  const sums = [0, 0, 0];
  for (let row = top; row < height; row++)
    for (let column = left; column < left + w; column++) {
      const chroma = ((row >> 1) * width) / 2 + (column >> 1);
      const y = (255 / 219) * (picture[row * width + column] - 16);
      const cb = (255 / 224) * (u[chroma] - 128);
      const cr = (255 / 224) * (v[chroma] - 128);
      [y + 1.5748 * cr, y - 0.1873 * cb - 0.4681 * cr, y + 1.8556 * cb].forEach((value, channel) => {
        sums[channel] += Math.min(255, Math.max(0, value));
      });
    }
  return sums.map((sum) => sum / ((height - top) * w));
}
