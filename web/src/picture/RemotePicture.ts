import { type PictureHeader } from "../media/item";
import { type IPainter } from "./IPainter";
import { openPainter } from "./openPainter";

/** So many samples tell whether all of a picture is black. */
const sampledPoints = 256;

// Black in limited range is 16. A lossy codec leaves a faint pattern on it; a dark room has brighter spots than that.
const blackMean = 20;
const blackMost = 40;

/** The other side's newest picture on its canvas. */
export class RemotePicture {
  private painter: IPainter;

  /** performance.now() at the last picture; null = none yet. */
  shownAt: number | null = null;

  /** The other side's camera is off: it sends black pictures, as a disabled track does (mediacapture-streams). */
  isBlack = false;

  pictures = 0;

  constructor(canvas: HTMLCanvasElement) {
    this.painter = openPainter(canvas);
    canvas.addEventListener("webglcontextlost", (event) => {
      event.preventDefault();
    });
    canvas.addEventListener("webglcontextrestored", () => {
      this.painter = openPainter(canvas);
    });
  }

  /** @param planes borrowed */
  show(header: PictureHeader, planes: Uint8Array): void {
    this.painter.paint(header, planes);
    this.shownAt = performance.now();
    this.isBlack = isBlack(planes.subarray(0, header.width * header.height));
    this.pictures++;
  }

  /** Of the call before, nothing is left to see. */
  forget(): void {
    this.shownAt = null;
    this.isBlack = false;
  }
}

export function isBlack(luma: Uint8Array): boolean {
  const step = Math.max(1, Math.floor(luma.length / sampledPoints));
  let sum = 0;
  let points = 0;
  for (let at = 0; at < luma.length; at += step) {
    const sample = luma[at] ?? 0;
    if (sample > blackMost) return false;
    sum += sample;
    points++;
  }
  return points > 0 && sum <= blackMean * points;
}
