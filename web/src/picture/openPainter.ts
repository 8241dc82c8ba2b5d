import { CanvasPainter } from "./CanvasPainter";
import { type IPainter } from "./IPainter";
import { WebGlPainter } from "./WebGlPainter";

/** The best painter that this machine has for the canvas: a GPU where there is one. Where WebGL is made by the processor, plain arithmetic is several times cheaper than its shader. */
export function openPainter(canvas: HTMLCanvasElement): IPainter {
  const painter = WebGlPainter.open(canvas);
  if (painter !== null) return painter;
  const context = canvas.getContext("2d", { alpha: false, willReadFrequently: true });
  // Kept in memory (willReadFrequently), not on a GPU that is not there.
  if (context === null) throw new Error("The browser gives no canvas.");
  return new CanvasPainter(context);
}
