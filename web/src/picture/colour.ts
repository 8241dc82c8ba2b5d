/** How a picture's samples become red, green and blue: rgb = matrix · (yuv + offset), all of them 0..1. */
export interface ColourConversion {
  readonly offset: readonly [number, number, number];
  /** Column by column, as WebGL's uniformMatrix3fv takes it: what Y, Cb and Cr add to (red, green, blue). */
  readonly matrix: readonly number[];
}

/** Kr and Kb: ITU-R BT.601-7 §2.5.1, BT.709-6 §3.2. */
const weights = { bt601: [0.299, 0.114], bt709: [0.2126, 0.0722] } as const;

/** @param fullRange 0..255, else luma 16..235 and chroma 16..240 */
export function colourConversion(standard: keyof typeof weights, fullRange: boolean): ColourConversion {
  const [kr, kb] = weights[standard];
  const kg = 1 - kr - kb;
  const luma = fullRange ? 1 : 255 / 219;
  const chroma = fullRange ? 1 : 255 / 224;
  const redOfCr = 2 * (1 - kr) * chroma;
  const blueOfCb = 2 * (1 - kb) * chroma;
  return {
    offset: [fullRange ? 0 : -16 / 255, -128 / 255, -128 / 255],
    matrix: [luma, luma, luma, 0, (-kb / kg) * blueOfCb, blueOfCb, redOfCr, (-kr / kg) * redOfCr, 0],
  };
}
