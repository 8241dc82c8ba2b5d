import { describe, expect, it } from "vitest";
import { i420Layout, packI420 } from "../src/capture/i420";
import { contain, cover } from "../src/capture/fit";
import { i420Bytes } from "../src/media/item";
import { I420Unpacker } from "../src/picture/CanvasPainter";
import { colourConversion } from "../src/picture/colour";

function plain(r: number, g: number, b: number, pixels: number): Uint8Array {
  return Uint8Array.from({ length: pixels * 4 }, (_, at) => [r, g, b, 255][at % 4] ?? 0);
}

describe("I420 from RGBA", () => {
  // ITU-R BT.709-6 §3.2 to §3.5 at 8 bits: Y = 16 + 219 (0.2126 R + 0.7152 G + 0.0722 B), Cb = 128 + 224 (B - Y) / 1.8556, Cr = 128 + 224 (R - Y) / 1.5748.
  it.each([
    ["black", 0, 0, 0, 16, 128, 128],
    ["white", 255, 255, 255, 235, 128, 128],
    ["red", 255, 0, 0, 63, 102, 240],
    ["green", 0, 255, 0, 173, 42, 26],
    ["blue", 0, 0, 255, 32, 240, 118],
    ["grey", 128, 128, 128, 126, 128, 128],
  ])("%s has the values of BT.709 in limited range", (_, r, g, b, y, u, v) => {
    const target = new Uint8Array(6);
    packI420(plain(r, g, b, 4), { width: 2, height: 2 }, target);
    expect([...target]).toEqual([y, y, y, y, u, v]);
  });

  it("puts the three planes one after another without padding", () => {
    const size = { width: 6, height: 4 };
    const target = new Uint8Array(i420Bytes(6, 4)).fill(1);
    packI420(plain(255, 0, 0, 24), size, target);
    expect(target.length).toBe(36);
    expect([...new Set(target.subarray(0, 24))]).toEqual([63]);
    expect([...new Set(target.subarray(24, 30))]).toEqual([102]);
    expect([...new Set(target.subarray(30))]).toEqual([240]);
  });

  it("takes the mean of four pixels as chroma", () => {
    const rgba = new Uint8Array([...plain(255, 0, 0, 1), ...plain(0, 0, 255, 1), ...plain(255, 0, 0, 1), ...plain(0, 0, 255, 1)]);
    const target = new Uint8Array(6);
    packI420(rgba, { width: 2, height: 2 }, target);
    expect([...target]).toEqual([63, 32, 63, 32, 171, 179]);
  });

  it("comes back from the painter within two levels", () => {
    const size = { width: 32, height: 32 };
    const rgba = new Uint8Array(32 * 32 * 4);
    for (let at = 0; at < 32 * 32; at++) {
      // Blocks of 2x2 have one colour, so that chroma subsampling loses nothing.
      const block = (at >> 6) * 16 + ((at & 31) >> 1);
      rgba.set([(block * 37) & 255, (block * 91) & 255, (block * 53) & 255, 255], at * 4);
    }
    const planes = new Uint8Array(i420Bytes(32, 32));
    packI420(rgba, size, planes);
    const back = new Uint8ClampedArray(rgba.length);
    new I420Unpacker({ matrix: "bt709", fullRange: false }).unpack(size, planes, back);
    const worst = back.reduce((most, value, at) => Math.max(most, Math.abs(value - (rgba[at] ?? 0))), 0);
    expect(worst).toBeLessThanOrEqual(2);
  });

  // The definition, pixel by pixel, as the shader computes it.
  it.each([
    ["bt601", false],
    ["bt601", true],
    ["bt709", false],
    ["bt709", true],
  ] as const)(
    "%s, full range %s: any samples become the colours of the definition, within one level, odd sizes too",
    (matrix, fullRange) => {
      const size = { width: 33, height: 17 };
      const planes = Uint8Array.from({ length: 33 * 17 + 2 * 17 * 9 }, (_, at) => (at * 7919 + (at >> 3) * 104729) & 255);
      const rgba = new Uint8ClampedArray(33 * 17 * 4);
      new I420Unpacker({ matrix, fullRange }).unpack(size, planes, rgba);
      const { offset, matrix: m } = colourConversion(matrix, fullRange);
      for (let y = 0; y < 17; y++)
        for (let x = 0; x < 33; x++) {
          const chroma = (y >> 1) * 17 + (x >> 1);
          const yuv = [planes[y * 33 + x] ?? 0, planes[33 * 17 + chroma] ?? 0, planes[33 * 17 + 17 * 9 + chroma] ?? 0].map(
            (value, part) => value + (offset[part] ?? 0) * 255,
          );
          const at = (y * 33 + x) * 4;
          for (let colour = 0; colour < 3; colour++) {
            const wanted = yuv.reduce((sum, value, part) => sum + value * (m[part * 3 + colour] ?? 0), 0);
            expect(Math.abs((rgba[at + colour] ?? 0) - Math.min(255, Math.max(0, wanted)))).toBeLessThanOrEqual(1);
          }
          expect(rgba[at + 3]).toBe(255);
        }
    },
  );

  it("lays the planes out behind the header", () => {
    expect(i420Layout({ width: 320, height: 180 }, 16)).toEqual([
      { offset: 16, stride: 320 },
      { offset: 16 + 57_600, stride: 160 },
      { offset: 16 + 57_600 + 14_400, stride: 160 },
    ]);
    expect(i420Bytes(5, 3)).toBe(15 + 2 * 3 * 2);
  });
});

describe("fitting a picture into the call's", () => {
  it("cuts the sides of a camera that is too wide, and the top and bottom of one that is too high", () => {
    expect(cover({ width: 1000, height: 90 }, { width: 320, height: 180 })).toEqual({ x: -840, y: 0, width: 2000, height: 180 });
    expect(cover({ width: 640, height: 480 }, { width: 320, height: 180 })).toEqual({ x: 0, y: -30, width: 320, height: 240 });
  });

  it("shows all of a screen, with bars", () => {
    expect(contain({ width: 1600, height: 1200 }, { width: 320, height: 180 })).toEqual({ x: 40, y: 0, width: 240, height: 180 });
    expect(contain({ width: 1920, height: 540 }, { width: 320, height: 180 })).toEqual({ x: 0, y: 45, width: 320, height: 90 });
  });
});
