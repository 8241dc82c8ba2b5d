import { type Statistics } from "../control/messages";
import { Plot } from "../statistics/Plot";
import { Series } from "../statistics/Series";
import { element, setText } from "./element";

/** Two minutes, one value a second. */
const seconds = 120;

type Measure = Exclude<keyof Statistics, "stages_ms">;

const tiles: readonly { measure: Measure; name: string; unit: string; digits: number }[] = [
  { measure: "receive_kbps", name: "Received", unit: "kbit/s", digits: 0 },
  { measure: "send_kbps", name: "Sent", unit: "kbit/s", digits: 0 },
  { measure: "receive_fps", name: "Received", unit: "pictures/s", digits: 1 },
  { measure: "send_fps", name: "Sent", unit: "pictures/s", digits: 1 },
  { measure: "loss_percent", name: "Lost packets", unit: "%", digits: 1 },
  { measure: "rtt_ms", name: "Round trip", unit: "ms", digits: 0 },
  { measure: "latency_ms", name: "Latency", unit: "ms", digits: 0 },
  { measure: "recoveries", name: "Recoveries", unit: "", digits: 0 },
  { measure: "freezes", name: "Freezes", unit: "", digits: 0 },
  { measure: "longest_freeze_ms", name: "Longest freeze", unit: "ms", digits: 0 },
];

/** How the call goes: numbers, and their last two minutes as lines. */
export class StatisticsView {
  readonly root: HTMLElement;
  private readonly values = new Map<Measure, HTMLElement>();
  private readonly series = new Map<Measure, Series>();
  private readonly plots: readonly Plot[];
  private readonly stages = element("dl", { class: "stages" });

  constructor(onClose: () => void) {
    const plots = [
      this.plot("Bitrate", "kbit/s", 100, ["receive_kbps", "received"], ["send_kbps", "sent"]),
      this.plot("Pictures", "/s", 30, ["receive_fps", "received"], ["send_fps", "sent"]),
      this.plot("Loss", "%", 5, ["loss_percent", "lost"]),
      this.plot("Delay", "ms", 100, ["latency_ms", "latency"], ["rtt_ms", "round trip"]),
    ];
    this.plots = plots.map(({ plot }) => plot);
    this.root = element(
      "aside",
      { class: "statistics", "aria-label": "Statistics", hidden: true },
      element(
        "header",
        {},
        element("h2", {}, "Statistics"),
        element("button", { type: "button", class: "plain", "aria-label": "Close the statistics", onclick: onClose }, "Close"),
      ),
      element(
        "dl",
        { class: "tiles" },
        ...tiles.map(({ measure, name, unit }) => {
          const value = element("span", { "data-measure": measure }, "–");
          this.values.set(measure, value);
          return element("div", {}, element("dt", {}, name), element("dd", {}, value, element("small", {}, unit === "" ? "" : ` ${unit}`)));
        }),
      ),
      ...plots.map(({ figure }) => figure),
      element("h3", {}, "Where the time goes"),
      this.stages,
    );
  }

  clear(): void {
    for (const series of this.series.values()) series.clear();
    for (const value of this.values.values()) setText(value, "–");
    this.stages.replaceChildren(element("p", { class: "quiet small" }, "Measured once pictures arrive."));
  }

  update(statistics: Statistics): void {
    for (const { measure, digits } of tiles) {
      const value = statistics[measure];
      const target = this.values.get(measure);
      if (target !== undefined) setText(target, value === null ? "–" : value.toFixed(digits));
    }
    for (const [measure, series] of this.series) series.add(statistics[measure]);
    this.drawStages(statistics.stages_ms);
    this.draw();
  }

  /** Nothing is drawn while it is closed. */
  draw(): void {
    if (!this.root.hidden) for (const plot of this.plots) plot.draw();
  }

  private drawStages(stages: Statistics["stages_ms"]): void {
    if (stages.length === 0) return;
    const most = Math.max(1, ...stages.map(([, ms]) => ms));
    this.stages.replaceChildren(
      ...stages.map(([name, ms]) => {
        const bar = element("span", { class: "bar" });
        bar.style.width = `${(ms / most) * 100}%`;
        return element(
          "div",
          {},
          element("dt", {}, name),
          element("dd", {}, bar, element("span", { class: "number" }, `${ms.toFixed(1)} ms`)),
        );
      }),
    );
  }

  private plot(
    title: string,
    unit: string,
    atLeast: number,
    ...lines: (readonly [Measure, string])[]
  ): { plot: Plot; figure: HTMLElement } {
    const plot = new Plot(
      title,
      unit,
      atLeast,
      lines.map(([measure, name]) => {
        const series = new Series(seconds);
        this.series.set(measure, series);
        return { name, series };
      }),
    );
    const legend = lines.length < 2 ? [] : lines.map(([, name], at) => element("span", { class: `key key-${at + 1}` }, name));
    return { plot, figure: element("figure", {}, element("figcaption", {}, element("strong", {}, title), ...legend), plot.canvas) };
  }
}
