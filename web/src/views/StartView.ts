import { type DeviceChoice } from "../capture/devices";
import { type JoinRequest, type PictureSize, type ReadyMessage } from "../control/messages";
import { element, setText } from "./element";
import { icon } from "./icons";
import { recall, remember } from "./remembered";
import { type Trouble } from "./screen";
import { troubleWords, type Words } from "./words";

/** Frames per second that are asked of cameras and named in "join". */
export const callFps = 30;

/** RoomName of the signaling: 1 to 64 of these. */
const roomPattern = "[A-Za-z0-9._~\\-]{1,64}";

/** Coded video at most, kbit/s: 300 for 320x180, the program's own default, and for more pixels more. */
export function kbpsFor({ width, height }: PictureSize): number {
  return Math.min(2500, Math.round((300 * Math.sqrt((width * height) / (320 * 180))) / 50) * 50);
}

export interface StartViewEvents {
  onJoin(request: JoinRequest): void;
  onCamera(deviceId: string): void;
  onMicrophone(deviceId: string): void;
  onCameraOff(): void;
}

/** Devices chosen here say "none" by this value, which no device has. */
const none = "none";

/** The form before a call: who, where, with which devices. */
export class StartView {
  readonly root: HTMLElement;
  private readonly preview = element("video", { class: "mirrored", "aria-label": "Your camera's picture", muted: true, playsinline: true });
  private readonly previewNote = element("div", { class: "preview-note" });
  private readonly cameras = element("select", { id: "camera" });
  private readonly microphones = element("select", { id: "microphone" });
  private readonly trouble = element("div", { class: "notice trouble", role: "alert", hidden: true });
  private readonly name: HTMLInputElement;
  private readonly room: HTMLInputElement;
  private readonly server: HTMLInputElement;
  private readonly token: HTMLInputElement;
  private readonly size = element("select", { id: "size" });
  private readonly hosts: HTMLInputElement;
  private readonly serverFields: HTMLElement;
  private readonly hostNote = element(
    "p",
    { class: "quiet small" },
    "The other side must be on the same network; you get the address to tell it.",
  );
  private readonly join = element("button", { type: "submit", class: "primary" }, "Join the room");

  constructor(
    program: ReadyMessage,
    private readonly events: StartViewEvents,
  ) {
    const last = recall();
    this.name = element("input", { id: "name", autocomplete: "name", maxlength: 64, required: true, value: last.name });
    this.room = element("input", {
      id: "room",
      maxlength: 64,
      required: true,
      pattern: roomPattern,
      title: "Letters, digits and . _ ~ -",
      spellcheck: "false",
      autocapitalize: "none",
      value: program.room ?? last.room,
    });
    this.server = element("input", {
      id: "server",
      type: "text",
      inputmode: "url",
      placeholder: "wss://calls.example.org",
      pattern: "wss?://.+",
      title: "An address that begins with ws:// or wss://",
      spellcheck: "false",
      value: program.server ?? last.server,
    });
    this.token = element("input", { id: "token", type: "password", autocomplete: "off", placeholder: "if the server asks for one" });
    const hosting = program.server === null && last.hosts;
    const meets = element("input", {
      type: "radio",
      name: "meet",
      value: "server",
      checked: !hosting,
      onchange: () => {
        this.showServer();
      },
    });
    this.hosts = element("input", {
      type: "radio",
      name: "meet",
      value: "host",
      checked: hosting,
      onchange: () => {
        this.showServer();
      },
    });
    this.serverFields = element("div", { class: "pair" }, field("Server", this.server), field("Token", this.token));
    for (const { width, height } of program.sizes) {
      this.size.append(
        element("option", { value: `${width}x${height}` }, `${width} × ${height}, up to ${kbpsFor({ width, height })} kbit/s`),
      );
    }
    this.cameras.addEventListener("change", () => {
      noteChoice(this.cameras);
      if (this.cameras.value === none) this.events.onCameraOff();
      else this.events.onCamera(this.cameras.value);
    });
    // A camera that was opened for another size would have to be scaled up.
    this.size.addEventListener("change", () => {
      if (this.wantsCamera) this.events.onCamera(this.cameras.value);
    });
    this.microphones.addEventListener("change", () => {
      noteChoice(this.microphones);
      this.events.onMicrophone(this.microphones.value);
    });
    this.root = element(
      "main",
      { class: "start" },
      element(
        "section",
        { class: "card look", "aria-label": "Devices" },
        element("div", { class: "preview" }, this.preview, this.previewNote),
        element("div", { class: "pair" }, field("Camera", this.cameras), field("Microphone", this.microphones)),
      ),
      element(
        "form",
        {
          class: "card",
          "aria-labelledby": "start-title",
          onsubmit: (event) => {
            event.preventDefault();
            this.submit();
          },
        },
        element("h1", { id: "start-title" }, "Meet in a room"),
        this.trouble,
        element("div", { class: "pair" }, field("Your name", this.name), field("Room", this.room)),
        element(
          "fieldset",
          {},
          element("legend", {}, "Where"),
          element("label", { class: "choice" }, meets, element("span", {}, "At a server")),
          element("label", { class: "choice" }, this.hosts, element("span", {}, "On this computer")),
        ),
        this.serverFields,
        this.hostNote,
        field("Picture", this.size),
        this.join,
        element("p", { class: "quiet small footnote" }, `Both sides choose the same room. Video: ${program.model || "MLVC"}.`),
      ),
    );
    this.showServer();
    this.setDevices([], []);
  }

  focus(): void {
    (this.name.value === "" ? this.name : this.room.value === "" ? this.room : this.join).focus();
  }

  get chosenSize(): PictureSize {
    const [width = 320, height = 180] = this.size.value.split("x").map(Number);
    return width > 0 && height > 0 ? { width, height } : { width: 320, height: 180 };
  }

  /** The person has said so, which is more than that there is none. */
  get refusesCamera(): boolean {
    return this.cameras.dataset["chosen"] === none;
  }

  get wantsCamera(): boolean {
    return this.cameras.value !== none;
  }

  get microphoneId(): string | null {
    return this.microphones.value === none ? null : this.microphones.value;
  }

  setDevices(cameras: readonly DeviceChoice[], microphones: readonly DeviceChoice[]): void {
    fill(this.cameras, cameras, "No camera");
    fill(this.microphones, microphones, "No microphone");
  }

  setPreview(track: MediaStreamTrack | null, problem: Words | null): void {
    this.preview.srcObject = track === null ? null : new MediaStream([track]);
    this.preview.hidden = track === null;
    if (track !== null) void this.preview.play().catch(() => undefined);
    this.previewNote.hidden = track !== null;
    this.previewNote.replaceChildren(
      icon("camera", "slash"),
      element("strong", {}, problem?.title ?? "Your camera is off."),
      element("span", {}, problem?.remedy ?? "The other side sees a black picture."),
    );
  }

  setTrouble(trouble: Trouble | null): void {
    this.trouble.hidden = trouble === null;
    if (trouble === null) return;
    const words = troubleWords(trouble);
    this.trouble.replaceChildren(element("strong", {}, words.title), element("span", {}, words.remedy));
  }

  private showServer(): void {
    this.serverFields.hidden = this.hosts.checked;
    this.hostNote.hidden = !this.hosts.checked;
    this.server.required = !this.hosts.checked;
    setText(this.join, this.hosts.checked ? "Open the room" : "Join the room");
  }

  private submit(): void {
    const typed = {
      name: this.name.value.trim(),
      room: this.room.value.trim(),
      server: this.server.value.trim(),
      hosts: this.hosts.checked,
    };
    remember(typed);
    const size = this.chosenSize;
    this.events.onJoin({
      type: "join",
      name: typed.name,
      server: typed.hosts ? "host" : typed.server,
      room: typed.room,
      token: typed.hosts ? "" : this.token.value.trim(),
      ...size,
      fps: callFps,
      kbps: kbpsFor(size),
      // A camera may be switched on, a screen shared later: the call always has both.
      video: "page",
      audio: "page",
    });
  }
}

function field(label: string, input: HTMLElement): HTMLElement {
  return element("div", { class: "field" }, element("label", { for: input.id }, label), input);
}

/** Keeps what the person has chosen, where it still exists. */
function fill(select: HTMLSelectElement, devices: readonly DeviceChoice[], nothing: string): void {
  const chosen = select.dataset["chosen"] ?? "";
  const options = devices.map(({ id, label }) => element("option", { value: id }, label));
  select.replaceChildren(...options, element("option", { value: none }, nothing));
  const values = [...devices.map(({ id }) => id), none];
  select.value = values.includes(chosen) ? chosen : (values[0] ?? none);
}

function noteChoice(select: HTMLSelectElement): void {
  select.dataset["chosen"] = select.value;
}
