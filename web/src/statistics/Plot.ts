import { axisEnd, type Series } from "./Series";

export interface Line {
  readonly name: string;
  readonly series: Series;
}

/** Height of the drawing in CSS pixels. */
const height = 72;

/** A small line plot of the last two minutes; colours are the page's own, so that they follow dark and light. */
export class Plot {
  readonly canvas = document.createElement("canvas");

  /**
   * @param atLeast where the axis ends when all is quiet: 1 % of loss must not look like a mountain
   */
  constructor(
    private readonly title: string,
    private readonly unit: string,
    private readonly atLeast: number,
    private readonly lines: readonly Line[],
  ) {
    this.canvas.className = "plot";
    this.canvas.setAttribute("role", "img");
  }

  draw(): void {
    const said = this.lines.map(
      ({ name, series }) => `${name} ${series.newest === null ? "not measured" : `${Math.round(series.newest * 10) / 10} ${this.unit}`}`,
    );
    this.canvas.setAttribute("aria-label", `${this.title} of the last two minutes: ${said.join(", ")}`);
    const width = this.canvas.clientWidth;
    const context = this.canvas.getContext("2d");
    if (context === null || width === 0) return;
    const ratio = window.devicePixelRatio;
    this.canvas.width = Math.round(width * ratio);
    this.canvas.height = Math.round(height * ratio);
    context.scale(ratio, ratio);
    const style = getComputedStyle(this.canvas);
    const colour = (name: string): string => style.getPropertyValue(name).trim();
    const end = axisEnd(Math.max(...this.lines.map(({ series }) => series.largest)), this.atLeast);
    const top = 12;
    const bottom = height - 3;
    const yOf = (value: number): number => bottom - (value / end) * (bottom - top);

    context.strokeStyle = colour("--line");
    context.lineWidth = 1;
    for (const value of [0, end / 2, end]) {
      const y = Math.round(yOf(value)) + 0.5;
      context.beginPath();
      context.moveTo(0, y);
      context.lineTo(width, y);
      context.stroke();
    }
    context.fillStyle = colour("--quiet");
    context.font = `10px ${style.fontFamily}`;
    context.textBaseline = "bottom";
    context.fillText(`${end} ${this.unit}`, 2, yOf(end));

    this.lines.forEach(({ series }, at) => {
      context.strokeStyle = colour(at === 0 ? "--plot-1" : "--plot-2");
      context.lineWidth = 1.75;
      context.lineJoin = "round";
      context.setLineDash(at === 0 ? [] : [5, 3]);
      context.beginPath();
      let drawing = false;
      const from = series.length - series.all.length;
      series.all.forEach((value, second) => {
        if (value === null) {
          drawing = false;
          return;
        }
        const x = ((from + second) / (series.length - 1)) * width;
        if (drawing) context.lineTo(x, yOf(value));
        else context.moveTo(x, yOf(value));
        drawing = true;
      });
      context.stroke();
    });
    context.setLineDash([]);
  }
}
