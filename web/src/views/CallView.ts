import { type LabSetting, type Statistics } from "../control/messages";
import { element, setText } from "./element";
import { icon, type IconName } from "./icons";
import { LabDrawer } from "./LabDrawer";
import { type Screen } from "./screen";
import { StatisticsView } from "./StatisticsView";
import { phaseWords, troubleWords, type Words } from "./words";

export interface CallViewEvents {
  onMicrophone(on: boolean): void;
  onCamera(on: boolean): void;
  onSharing(on: boolean): void;
  onLab(setting: LabSetting): void;
  onHangUp(): void;
}

/** What of ourselves goes out. */
export interface OwnState {
  readonly track: MediaStreamTrack | null;
  readonly cameraOn: boolean;
  readonly sharing: boolean;
  readonly microphoneOn: boolean;
  readonly problem: Words | null;
}

/** What is seen in place of a picture of the other side. */
export type RemoteState = "shown" | "none-yet" | "camera-off" | "stopped";

const remoteWords: Record<Exclude<RemoteState, "shown">, Words> = {
  "none-yet": { title: "Waiting for the first picture…", remedy: "" },
  "camera-off": { title: "Their camera is off.", remedy: "You can still hear each other." },
  stopped: { title: "Their picture has stopped.", remedy: "It goes on as soon as something arrives." },
};

/** The call itself. It lives as long as the page, so that the remote canvas keeps its painter. */
export class CallView {
  readonly remote = element("canvas", { class: "remote", role: "img", "aria-label": "The other side's picture", width: 320, height: 180 });
  readonly statistics: StatisticsView;
  readonly lab: LabDrawer;
  readonly root: HTMLElement;
  private readonly self = element("video", { class: "self", "aria-label": "Your own picture", playsinline: true });
  private readonly selfOff = element("div", { class: "self self-off" }, icon("camera", "slash"), element("span", {}, "Camera off"));
  private readonly overlay = element("div", { class: "overlay" });
  private readonly notice = element("div", { class: "notice", role: "alert", hidden: true });
  private readonly stage: HTMLElement;
  private readonly microphone: Toggle;
  private readonly camera: Toggle;
  private readonly share: Toggle;
  private readonly statisticsToggle: Toggle;
  private readonly labToggle: Toggle;
  private overlaid = "";
  private noticed = "";

  constructor(events: CallViewEvents) {
    this.statistics = new StatisticsView(() => {
      this.statisticsToggle.click();
    });
    this.lab = new LabDrawer(
      (setting) => {
        this.labToggle.button.classList.toggle("active", this.lab.isOn);
        events.onLab(setting);
      },
      () => {
        this.labToggle.click();
      },
    );
    this.microphone = new Toggle(["microphone"], "Mute", "Unmute", (on) => {
      events.onMicrophone(on);
    });
    this.camera = new Toggle(["camera"], "Camera off", "Camera on", (on) => {
      events.onCamera(on);
    });
    this.share = new Toggle(["screen"], "Stop sharing", "Share screen", (on) => {
      events.onSharing(on);
    });
    this.statisticsToggle = new Toggle(["statistics"], "Statistics", "Statistics", (on) => {
      this.statistics.root.hidden = !on;
      this.statisticsToggle.set(on);
      this.statistics.draw();
    });
    this.labToggle = new Toggle(["lab"], "Network lab", "Network lab", (on) => {
      this.lab.root.hidden = !on;
      this.labToggle.set(on);
    });
    const full = element(
      "button",
      {
        type: "button",
        class: "tool",
        onclick: () => {
          this.toggleFullScreen();
        },
      },
      icon("full"),
      element("span", {}, "Full screen"),
    );
    const hangUp = element(
      "button",
      {
        type: "button",
        class: "tool danger",
        onclick: () => {
          events.onHangUp();
        },
      },
      icon("hangup"),
      element("span", {}, "Hang up"),
    );
    this.stage = element("div", { class: "stage" }, this.remote, this.overlay, this.self, this.selfOff, this.notice);
    this.root = element(
      "main",
      { class: "call" },
      this.stage,
      this.statistics.root,
      this.lab.root,
      element(
        "div",
        { class: "bar", role: "toolbar", "aria-label": "Call" },
        this.microphone.button,
        this.camera.button,
        this.share.button,
        hangUp,
        this.statisticsToggle.button,
        this.labToggle.button,
        full,
      ),
    );
    this.share.button.hidden = !("mediaDevices" in navigator && "getDisplayMedia" in navigator.mediaDevices);
    this.statisticsToggle.set(false);
    this.labToggle.set(false);
  }

  focus(): void {
    this.microphone.button.focus();
  }

  begin(): void {
    this.statistics.clear();
    this.lab.reset();
  }

  showStatistics(statistics: Statistics): void {
    this.statistics.update(statistics);
  }

  showOwn({ track, cameraOn, sharing, microphoneOn, problem }: OwnState): void {
    const shown = this.self.srcObject instanceof MediaStream ? this.self.srcObject.getVideoTracks()[0] : undefined;
    if (shown !== (track ?? undefined)) {
      this.self.srcObject = track === null ? null : new MediaStream([track]);
      if (track !== null) void this.self.play().catch(() => undefined);
    }
    this.self.hidden = track === null;
    this.selfOff.hidden = track !== null;
    // A person knows themselves from mirrors; a screen must be readable.
    this.self.classList.toggle("mirrored", !sharing);
    this.microphone.set(microphoneOn);
    this.camera.set(cameraOn);
    this.share.set(sharing);
    this.showNotice(problem);
  }

  show(screen: Screen & { readonly at: "call" }, remote: RemoteState): void {
    const { phase, invitation, trouble } = screen;
    const live = phase === "connected";
    this.remote.classList.toggle("dimmed", !live || remote !== "shown");
    const words = live ? (remote === "shown" ? null : remoteWords[remote]) : trouble === null ? phaseWords[phase] : troubleWords(trouble);
    const key = JSON.stringify([words, invitation, phase]);
    if (key === this.overlaid) return;
    this.overlaid = key;
    this.overlay.hidden = words === null;
    this.overlay.replaceChildren();
    if (words === null) return;
    if (!live) this.overlay.append(element("div", { class: "pulse", "aria-hidden": "true" }));
    this.overlay.append(element("strong", {}, words.title), element("span", {}, words.remedy));
    if (phase === "waiting" && invitation !== null) this.overlay.append(invitationCard(invitation));
  }

  private showNotice(words: Words | null): void {
    const key = words?.title ?? "";
    if (key === this.noticed) return;
    this.noticed = key;
    this.notice.hidden = words === null;
    if (words === null) return;
    const dismiss = element(
      "button",
      {
        type: "button",
        class: "plain",
        "aria-label": "Dismiss",
        onclick: () => {
          this.notice.hidden = true;
        },
      },
      icon("close"),
    );
    this.notice.replaceChildren(element("div", {}, element("strong", {}, words.title), element("span", {}, words.remedy)), dismiss);
  }

  private toggleFullScreen(): void {
    // A refusal leaves all as it was.
    void (document.fullscreenElement === null ? this.root.requestFullscreen() : document.exitFullscreen()).catch(() => undefined);
  }
}

/** A button that is on or off; it says what a click does, and aria-pressed how things are. */
class Toggle {
  readonly button: HTMLButtonElement;
  private readonly label = element("span", {});
  private on = false;

  constructor(
    private readonly icons: IconName[],
    private readonly whenOn: string,
    private readonly whenOff: string,
    onToggle: (on: boolean) => void,
  ) {
    this.button = element("button", {
      type: "button",
      class: "tool",
      onclick: () => {
        onToggle(!this.on);
      },
    });
    this.set(true);
  }

  set(on: boolean): void {
    this.on = on;
    setText(this.label, on ? this.whenOn : this.whenOff);
    const crossed = !on && (this.icons[0] === "microphone" || this.icons[0] === "camera");
    this.button.replaceChildren(icon(...this.icons, ...(crossed ? (["slash"] as const) : [])), this.label);
    this.button.classList.toggle("off", crossed);
    // Where the label names the action, a pressed state would say the opposite of it; it is for those with one label.
    if (this.whenOn === this.whenOff) this.button.setAttribute("aria-pressed", String(on));
  }

  click(): void {
    this.button.click();
    this.button.focus();
  }
}

function invitationCard(invitation: string): HTMLElement {
  const copy = element("button", {
    type: "button",
    class: "plain",
    onclick: () => {
      void navigator.clipboard.writeText(invitation).then(
        () => {
          setText(copy, "Copied");
        },
        () => {
          setText(copy, "Select the text and copy it");
        },
      );
    },
  });
  copy.textContent = "Copy";
  return element(
    "div",
    { class: "invitation" },
    element("span", {}, "The other side chooses “At a server” and the same room, and types:"),
    element("code", { tabindex: 0 }, invitation),
    copy,
  );
}
