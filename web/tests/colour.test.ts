import { describe, expect, it } from "vitest";
import { colourConversion } from "../src/picture/colour";
import { isBlack } from "../src/picture/RemotePicture";

/** What the shader computes, 0..255. */
function rgb(standard: "bt601" | "bt709", fullRange: boolean, yuv: readonly [number, number, number]): number[] {
  const { offset, matrix } = colourConversion(standard, fullRange);
  const shifted = yuv.map((value, at) => value / 255 + (offset[at] ?? 0));
  return [0, 1, 2].map((row) => Math.round(255 * shifted.reduce((sum, value, column) => sum + value * (matrix[column * 3 + row] ?? 0), 0)));
}

describe("colours", () => {
  it.each([
    ["bt601", false, 16, 235],
    ["bt709", false, 16, 235],
    ["bt601", true, 0, 255],
    ["bt709", true, 0, 255],
  ] as const)("%s, full range %s: black, white and the greys between them have no colour", (standard, fullRange, black, white) => {
    expect(rgb(standard, fullRange, [black, 128, 128])).toEqual([0, 0, 0]);
    expect(rgb(standard, fullRange, [white, 128, 128])).toEqual([255, 255, 255]);
    const [r, g, b] = rgb(standard, fullRange, [120, 128, 128]);
    expect([g, b]).toEqual([r, r]);
  });

  // The 8-bit values of pure colours, computed from the standards' Kr and Kb.
  it.each([
    ["bt601", false, [81, 90, 240], [255, 0, 0]],
    ["bt601", false, [145, 54, 34], [0, 255, 0]],
    ["bt601", false, [41, 240, 110], [0, 0, 255]],
    ["bt709", false, [63, 102, 240], [255, 0, 0]],
    ["bt709", false, [173, 42, 26], [0, 255, 0]],
    ["bt709", false, [32, 240, 118], [0, 0, 255]],
    ["bt601", true, [76, 85, 255], [255, 0, 0]],
    ["bt709", true, [54, 99, 255], [255, 0, 0]],
  ] as const)("%s, full range %s: %j is %j within two levels", (standard, fullRange, yuv, expected) => {
    rgb(standard, fullRange, yuv).forEach((value, at) => {
      expect(Math.abs(value - (expected[at] ?? 0))).toBeLessThanOrEqual(2);
    });
  });

  it("a wrong matrix would be seen: the same samples differ by more than ten levels", () => {
    const [, green601 = 0] = rgb("bt601", false, [145, 54, 34]);
    const [, green709 = 0] = rgb("bt709", false, [145, 54, 34]);
    expect(Math.abs(green601 - green709)).toBeGreaterThan(10);
  });
});

describe("a camera that is off", () => {
  it("is told from a dark room", () => {
    const luma = new Uint8Array(320 * 180).fill(16);
    expect(isBlack(luma)).toBe(true);
    // What a lossy codec makes of it.
    expect(isBlack(luma.map((value, at) => value + ((at * 7) % 13) - 4))).toBe(true);
    expect(isBlack(luma.map((value, at) => value + ((at * 7) % 23)))).toBe(false);
    luma.fill(40, 10_000, 20_000);
    expect(isBlack(luma)).toBe(false);
    expect(isBlack(new Uint8Array(0))).toBe(false);
  });
});
