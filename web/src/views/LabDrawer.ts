import { type LabSetting } from "../control/messages";
import { element, setText } from "./element";

/** The end of the rate's slider is "no limit" (0 on the wire); below it, steps of 50 kbit/s. */
const unlimited = 2050;

const off: LabSetting = { loss_percent: 0, delay_ms: 0, rate_kbps: 0 };

/** A bad network, on purpose: what is set here happens to this side's packets in both directions. */
export class LabDrawer {
  readonly root: HTMLElement;
  private readonly loss: Slider;
  private readonly delay: Slider;
  private readonly rate: Slider;

  constructor(
    private readonly onChange: (setting: LabSetting) => void,
    onClose: () => void,
  ) {
    const changed = (): void => {
      this.onChange(this.setting);
    };
    this.loss = new Slider("loss", "Loss", 0, 50, 1, 0, (value) => (value === 0 ? "none" : `${value} %`), changed);
    this.delay = new Slider("delay", "Delay", 0, 500, 10, 0, (value) => (value === 0 ? "none" : `${value} ms`), changed);
    this.rate = new Slider(
      "rate",
      "Rate",
      50,
      unlimited,
      50,
      unlimited,
      (value) => (value === unlimited ? "no limit" : `${value} kbit/s`),
      changed,
    );
    this.root = element(
      "section",
      { class: "lab", "aria-labelledby": "lab-title", hidden: true },
      element(
        "header",
        {},
        element("h2", { id: "lab-title" }, "Network lab"),
        element("p", { class: "quiet" }, "Make this call's network worse, and watch it recover. Both directions."),
        element(
          "button",
          {
            type: "button",
            class: "plain",
            onclick: () => {
              this.reset();
            },
          },
          "Reset",
        ),
        element("button", { type: "button", class: "plain", "aria-label": "Close the network lab", onclick: onClose }, "Close"),
      ),
      element("div", { class: "sliders" }, this.loss.root, this.delay.root, this.rate.root),
    );
  }

  get setting(): LabSetting {
    const rate = this.rate.value;
    return { loss_percent: this.loss.value, delay_ms: this.delay.value, rate_kbps: rate === unlimited ? 0 : rate };
  }

  get isOn(): boolean {
    const { loss_percent, delay_ms, rate_kbps } = this.setting;
    return loss_percent !== off.loss_percent || delay_ms !== off.delay_ms || rate_kbps !== off.rate_kbps;
  }

  reset(): void {
    this.loss.value = 0;
    this.delay.value = 0;
    this.rate.value = unlimited;
    this.onChange(off);
  }
}

class Slider {
  readonly root: HTMLElement;
  private readonly input: HTMLInputElement;
  private readonly output: HTMLElement;

  constructor(
    id: string,
    name: string,
    min: number,
    max: number,
    step: number,
    value: number,
    private readonly say: (value: number) => string,
    onChange: () => void,
  ) {
    const inputId = `lab-${id}`;
    this.input = element("input", {
      id: inputId,
      type: "range",
      min,
      max,
      step,
      oninput: () => {
        this.show();
        onChange();
      },
    });
    this.output = element("output", { for: inputId });
    this.root = element("div", { class: "slider" }, element("label", { for: inputId }, name), this.output, this.input);
    this.value = value;
  }

  get value(): number {
    return Number(this.input.value);
  }

  set value(value: number) {
    this.input.value = String(value);
    this.show();
  }

  private show(): void {
    const text = this.say(this.value);
    setText(this.output, text);
    this.input.setAttribute("aria-valuetext", text);
  }
}
