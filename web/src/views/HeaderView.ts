import { element, setText } from "./element";
import { icon } from "./icons";
import { chooseTheme, currentTheme } from "./theme";

/** The strip above every view: name, how things stand (told to screen readers as it changes), dark or light. */
export class HeaderView {
  readonly root: HTMLElement;
  private readonly status = element("span", { class: "status", role: "status", "aria-live": "polite" });
  private readonly room = element("span", { class: "room" });

  constructor() {
    const themeLabel = element("span", {});
    const showTheme = (): void => {
      setText(themeLabel, currentTheme() === "dark" ? "Light" : "Dark");
    };
    const theme = element(
      "button",
      {
        type: "button",
        class: "plain theme",
        onclick: () => {
          chooseTheme(currentTheme() === "dark" ? "light" : "dark");
          showTheme();
          dispatchEvent(new Event("resize"));
        },
      },
      icon("theme"),
      themeLabel,
    );
    showTheme();
    this.root = element("header", { class: "top" }, element("span", { class: "brand" }, "mlvcrtc"), this.room, this.status, theme);
  }

  show(room: string, status: string, tone: "quiet" | "good" | "warning"): void {
    setText(this.room, room);
    setText(this.status, status);
    this.status.dataset["tone"] = tone;
  }
}
