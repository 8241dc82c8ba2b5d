import { type PictureHeader } from "../media/item";
import { colourConversion } from "./colour";
import { type IPainter } from "./IPainter";

/** The same without a GPU: every pixel by the processor. */
export class CanvasPainter implements IPainter {
  private image: ImageData | null = null;
  private unpacker: I420Unpacker | null = null;

  constructor(private readonly context: CanvasRenderingContext2D) {}

  paint(header: PictureHeader, planes: Uint8Array): void {
    const { width, height } = header;
    if (this.image?.width !== width || this.image.height !== height) {
      this.context.canvas.width = width;
      this.context.canvas.height = height;
      this.image = new ImageData(width, height);
    }
    if (this.unpacker?.takes(header) !== true) this.unpacker = new I420Unpacker(header);
    this.unpacker.unpack(header, planes, this.image.data);
    this.context.putImageData(this.image, 0, 0);
  }

  close(): void {
    this.image = null;
  }
}

/** Fractions of a level in the tables. */
const precision = 12;

/** What a sum of luma and chroma may be beyond 0..255, in levels; clamped by a table instead of by branches. */
const overshoot = 512;

/** A byte's part in a colour, for each of its values. */
function table(factor: number, offset: number): Int32Array {
  return Int32Array.from({ length: 256 }, (_, value) => Math.round((value + offset) * factor * (1 << precision)));
}

/** I420 to RGBA by tables of one colour conversion, a whole pixel at a time; chroma is taken from the nearest sample. */
export class I420Unpacker {
  private readonly luma: Int32Array;
  private readonly redOfV: Int32Array;
  private readonly greenOfU: Int32Array;
  private readonly greenOfV: Int32Array;
  private readonly blueOfU: Int32Array;
  private readonly clamped = Uint8ClampedArray.from({ length: 256 + 2 * overshoot }, (_, at) => at - overshoot);
  private readonly matrix: PictureHeader["matrix"];
  private readonly fullRange: boolean;

  constructor({ matrix: standard, fullRange }: Pick<PictureHeader, "matrix" | "fullRange">) {
    this.matrix = standard;
    this.fullRange = fullRange;
    const { offset, matrix } = colourConversion(standard, fullRange);
    const [yToRgb = 0, , , , uToG = 0, uToB = 0, vToR = 0, vToG = 0] = matrix;
    const chromaOffset = offset[1] * 255;
    this.luma = table(yToRgb, offset[0] * 255).map((level) => level + (overshoot << precision) + (1 << (precision - 1)));
    this.redOfV = table(vToR, chromaOffset);
    this.greenOfU = table(uToG, chromaOffset);
    this.greenOfV = table(vToG, chromaOffset);
    this.blueOfU = table(uToB, chromaOffset);
  }

  takes({ matrix, fullRange }: PictureHeader): boolean {
    return matrix === this.matrix && fullRange === this.fullRange;
  }

  /** @param rgba of width · height pixels, at a multiple of four bytes in its buffer */
  unpack({ width, height }: Pick<PictureHeader, "width" | "height">, planes: Uint8Array, rgba: Uint8ClampedArray): void {
    const { luma, redOfV, greenOfU, greenOfV, blueOfU, clamped } = this;
    const pixels = new Uint32Array(rgba.buffer, rgba.byteOffset, width * height);
    const chromaWidth = (width + 1) >> 1;
    const uFrom = width * height;
    const vFrom = uFrom + chromaWidth * ((height + 1) >> 1);
    for (let y = 0; y < height; y++) {
      const row = (y >> 1) * chromaWidth;
      const end = (y + 1) * width;
      for (let at = y * width, chroma = row; at < end; chroma++) {
        const u = planes[uFrom + chroma] ?? 0;
        const v = planes[vFrom + chroma] ?? 0;
        const red = redOfV[v] ?? 0;
        const green = (greenOfU[u] ?? 0) + (greenOfV[v] ?? 0);
        const blue = blueOfU[u] ?? 0;
        for (const both = Math.min(at + 2, end); at < both; at++) {
          const level = luma[planes[at] ?? 0] ?? 0;
          // Little-endian, as every machine that runs a browser: red lies first.
          pixels[at] =
            (0xff000000 |
              ((clamped[(level + blue) >> precision] ?? 0) << 16) |
              ((clamped[(level + green) >> precision] ?? 0) << 8) |
              (clamped[(level + red) >> precision] ?? 0)) >>>
            0;
        }
      }
    }
  }
}
