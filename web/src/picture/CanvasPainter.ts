import { type PictureHeader } from "../media/item";
import { colourConversion } from "./colour";
import { type IPainter } from "./IPainter";

/** The same without a GPU: every pixel by the processor. */
export class CanvasPainter implements IPainter {
  private image: ImageData | null = null;

  constructor(private readonly context: CanvasRenderingContext2D) {}

  paint(header: PictureHeader, planes: Uint8Array): void {
    const { width, height } = header;
    if (this.image?.width !== width || this.image.height !== height) {
      this.context.canvas.width = width;
      this.context.canvas.height = height;
      this.image = new ImageData(width, height);
    }
    unpackI420(header, planes, this.image.data);
    this.context.putImageData(this.image, 0, 0);
  }

  close(): void {
    this.image = null;
  }
}

/** I420 to RGBA; chroma is taken from the nearest sample. */
export function unpackI420(header: PictureHeader, planes: Uint8Array, rgba: Uint8ClampedArray): void {
  const { width, height } = header;
  const { offset, matrix } = colourConversion(header.matrix, header.fullRange);
  const [yToRgb = 0, , , , uToG = 0, uToB = 0, vToR = 0, vToG = 0] = matrix;
  const chromaWidth = Math.ceil(width / 2);
  const uFrom = width * height;
  const vFrom = uFrom + chromaWidth * Math.ceil(height / 2);
  const yOffset = offset[0] * 255;
  const chromaOffset = offset[1] * 255;
  for (let y = 0, at = 0; y < height; y++) {
    const row = (y >> 1) * chromaWidth;
    for (let x = 0; x < width; x++, at++) {
      const luma = yToRgb * ((planes[at] ?? 0) + yOffset);
      const u = (planes[uFrom + row + (x >> 1)] ?? 0) + chromaOffset;
      const v = (planes[vFrom + row + (x >> 1)] ?? 0) + chromaOffset;
      rgba[at * 4] = luma + vToR * v;
      rgba[at * 4 + 1] = luma + uToG * u + vToG * v;
      rgba[at * 4 + 2] = luma + uToB * u;
      rgba[at * 4 + 3] = 255;
    }
  }
}
