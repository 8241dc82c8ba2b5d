import { element, setText } from "./element";
import { icon } from "./icons";
import { applyTheme, chooseTheme, currentTheme, onThemeChange } from "./theme";

/** The strip above every view: name, how things stand (told to screen readers as it changes), dark or light. */
export class HeaderView {
  readonly root: HTMLElement;
  private readonly status = element("span", { class: "status", role: "status", "aria-live": "polite" });
  private readonly room = element("span", { class: "room" });

  /** @param onRestyled what is drawn rather than styled must be drawn again */
  constructor(onRestyled: () => void) {
    const themeLabel = element("span", {});
    const showTheme = (): void => {
      applyTheme(currentTheme());
      setText(themeLabel, currentTheme() === "dark" ? "Light" : "Dark");
      onRestyled();
    };
    const theme = element(
      "button",
      {
        type: "button",
        class: "plain theme",
        onclick: () => {
          chooseTheme(currentTheme() === "dark" ? "light" : "dark");
          showTheme();
        },
      },
      icon("theme"),
      themeLabel,
    );
    showTheme();
    onThemeChange(showTheme);
    this.root = element("header", { class: "top" }, element("span", { class: "brand" }, "mlvcrtc"), this.room, this.status, theme);
  }

  show(room: string, status: string, tone: "quiet" | "good" | "warning"): void {
    setText(this.room, room);
    setText(this.status, status);
    this.status.dataset["tone"] = tone;
  }
}
