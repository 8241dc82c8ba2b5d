import { CanvasPainter } from "./CanvasPainter";
import { type IPainter } from "./IPainter";
import { WebGlPainter } from "./WebGlPainter";

/** The best painter that this browser has for the canvas. */
export function openPainter(canvas: HTMLCanvasElement): IPainter {
  const painter = WebGlPainter.open(canvas);
  if (painter !== null) return painter;
  const context = canvas.getContext("2d", { alpha: false });
  if (context === null) throw new Error("The browser gives no canvas.");
  return new CanvasPainter(context);
}
