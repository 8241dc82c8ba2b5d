import { type PictureSize } from "../control/messages";

/** Where the three planes of an I420 picture lie, without padding, `offset` bytes from the start; the layout that VideoFrame.copyTo is asked for. */
export function i420Layout({ width, height }: PictureSize, offset: number): { offset: number; stride: number }[] {
  const chromaWidth = Math.ceil(width / 2);
  const chromaHeight = Math.ceil(height / 2);
  const luma = width * height;
  return [
    { offset, stride: width },
    { offset: offset + luma, stride: chromaWidth },
    { offset: offset + luma + chromaWidth * chromaHeight, stride: chromaWidth },
  ];
}

// BT.709 in limited range (ITU-R BT.709-6 §3.2 and §3.4: Kr 0.2126, Kb 0.0722; luma 16..235, chroma 16..240), times 2^16, rounded.
// Y = 16 + 219/255 (Kr R + Kg G + Kb B); Cb = 128 + 224/255 (B - Y') / (2 (1 - Kb)); Cr = 128 + 224/255 (R - Y') / (2 (1 - Kr)).
const shift = 16;
const half = 1 << (shift - 1);
const yr = 11966;
const yg = 40254;
const yb = 4064;
const ur = -6596;
const ug = -22189;
const ub = 28785;
const vr = 28785;
const vg = -26145;
const vb = -2640;

/**
 * RGBA (as of a canvas) to I420, BT.709 in limited range; a chroma sample is the mean of its four pixels (sited at their centre, as the painter reads it).
 * @param size even sides
 * @param target the three planes, one after another
 */
export function packI420(rgba: Uint8Array | Uint8ClampedArray, { width, height }: PictureSize, target: Uint8Array): void {
  const chromaWidth = width >> 1;
  let u = width * height;
  let v = u + chromaWidth * (height >> 1);
  for (let y = 0; y < height; y += 2) {
    for (let x = 0; x < width; x += 2) {
      let r = 0;
      let g = 0;
      let b = 0;
      for (let corner = 0; corner < 4; corner++) {
        const at = (y + (corner >> 1)) * width + x + (corner & 1);
        const cr = rgba[at * 4] ?? 0;
        const cg = rgba[at * 4 + 1] ?? 0;
        const cb = rgba[at * 4 + 2] ?? 0;
        target[at] = 16 + ((yr * cr + yg * cg + yb * cb + half) >> shift);
        r += cr;
        g += cg;
        b += cb;
      }
      // The sums are of four pixels: two bits more to take away.
      target[u++] = 128 + ((ur * r + ug * g + ub * b + (half << 2)) >> (shift + 2));
      target[v++] = 128 + ((vr * r + vg * g + vb * b + (half << 2)) >> (shift + 2));
    }
  }
}
