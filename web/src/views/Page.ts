import { CaptureSocket } from "../capture/CaptureSocket";
import { listDevices, openMicrophone, problemOf, type DeviceProblem } from "../capture/devices";
import { OwnPicture } from "../capture/OwnPicture";
import { ControlChannel } from "../control/ControlChannel";
import { type JoinRequest, type PictureSize, type ProgramMessage } from "../control/messages";
import { FrameStream } from "../media/FrameStream";
import { RemotePicture } from "../picture/RemotePicture";
import { Loudspeaker } from "../sound/Loudspeaker";
import { Microphone } from "../sound/Microphone";
import { CallView, type RemoteState } from "./CallView";
import { HeaderView } from "./HeaderView";
import { noteView } from "./NoteView";
import { next, type Screen, type ScreenEvent } from "./screen";
import { callFps, StartView } from "./StartView";
import { deadWords, deviceWords, endingWords, phaseWords, troubleWords, type Words } from "./words";

/** Without a picture for so long, the page says so: longer than any freeze that recovers by itself. */
const stoppedAfterMs = 2000;

/** The protocol's bound. */
const mostLoudspeakerMs = 500;

/** Joins program, devices and views; decides nothing itself but who hears what. */
export class Page {
  private screen: Screen = { at: "opening" };
  private readonly header: HeaderView;
  private readonly body = document.createElement("div");
  private readonly call: CallView;
  private readonly remote: RemotePicture;
  private readonly own: OwnPicture;
  private start: StartView | null = null;
  private control: ControlChannel | null = null;
  private capture: CaptureSocket | null = null;
  private frames: FrameStream | null = null;
  private loudspeaker: Loudspeaker | null = null;
  private microphone: Microphone | null = null;
  private microphoneTrack: MediaStreamAudioTrack | null = null;
  private microphoneOn = true;
  private microphoneProblem: DeviceProblem | null = null;
  private request: JoinRequest | null = null;

  constructor(host: HTMLElement) {
    this.body.className = "body";
    this.own = new OwnPicture(callFps, () => {
      this.showOwn();
    });
    this.call = new CallView({
      onMicrophone: (on) => {
        void this.setMicrophone(on);
      },
      onCamera: (on) => {
        void this.own.setCamera(on, this.size);
      },
      onSharing: (on) => {
        void this.own.setSharing(on);
      },
      onLab: (setting) => {
        this.control?.send({ type: "lab", ...setting });
      },
      onHangUp: () => {
        this.control?.send({ type: "hangup" });
        this.apply({ type: "hang-up" });
      },
    });
    this.remote = new RemotePicture(this.call.remote);
    this.header = new HeaderView(() => {
      this.call.statistics.draw();
    });
    host.replaceChildren(this.header.root, this.body);
    addEventListener("resize", () => {
      this.call.statistics.draw();
    });
    setInterval(() => {
      this.showCall();
    }, 500);
  }

  /** Something happened that may change the view. */
  apply(event: ScreenEvent): void {
    const before = this.screen;
    this.screen = next(before, event);
    if (this.screen !== before) this.show(before);
  }

  /** The program knows this page: talk to it. */
  connect(): void {
    this.control = new ControlChannel(
      (message) => {
        this.hear(message);
      },
      (code) => {
        this.apply({ type: "closed", code });
      },
    );
    navigator.mediaDevices.addEventListener("devicechange", () => {
      void this.listDevices();
    });
  }

  private hear(message: ProgramMessage): void {
    if (message.type === "statistics") {
      if (this.screen.at === "call") this.call.showStatistics(message);
      return;
    }
    this.apply(message);
  }

  private show(before: Screen): void {
    const { screen } = this;
    if (before.at === "call" && screen.at !== "call") this.leaveCall();
    switch (screen.at) {
      case "opening":
        break;
      case "unsupported":
        this.showNote(
          {
            title: "This browser is too old for calls.",
            remedy: "Use a current Chrome, Edge or Chromium; Firefox 130 or newer works, too. What is missing:",
          },
          screen.missing,
        );
        break;
      case "dead":
        this.showNote(deadWords[screen.why], []);
        this.release();
        break;
      case "start":
        if (before.at !== "start") this.enterStart(screen);
        this.start?.setTrouble(screen.trouble);
        break;
      case "call":
        if (before.at !== "call") this.enterCall();
        // The program begins every call with both on.
        if (before.at !== "call" || before.phase !== screen.phase) this.tellSwitches();
        this.showCall();
        break;
      case "ended":
        this.showEnd(screen);
        break;
    }
    this.showHeader();
  }

  private enterStart(screen: Screen & { readonly at: "start" }): void {
    const start = new StartView(screen.program, {
      onJoin: (request) => {
        this.join(request);
      },
      onCamera: (id) => {
        void this.own.openCamera(id, start.chosenSize);
      },
      onMicrophone: () => undefined,
      onCameraOff: () => {
        void this.own.setCamera(false, start.chosenSize);
      },
    });
    this.start = start;
    this.body.replaceChildren(start.root);
    start.focus();
    this.showOwn();
    void this.prepareDevices(start);
  }

  /** The preview asks for the camera; its answer makes the names of the devices known. */
  private async prepareDevices(start: StartView): Promise<void> {
    await this.listDevices();
    if (!this.own.cameraOn && !start.refusesCamera) await this.own.openCamera("", start.chosenSize);
    await this.listDevices();
  }

  private async listDevices(): Promise<void> {
    try {
      this.start?.setDevices(await listDevices("videoinput"), await listDevices("audioinput"));
    } catch (error) {
      console.warn("The devices could not be listed.", error);
    }
  }

  private join(request: JoinRequest): void {
    this.request = request;
    this.apply({ type: "join" });
    this.control?.send(request);
  }

  private enterCall(): void {
    const microphoneId = this.start?.microphoneId ?? null;
    this.body.replaceChildren(this.call.root);
    this.remote.forget();
    this.call.begin();
    this.call.focus();
    this.capture ??= new CaptureSocket();
    this.frames ??= new FrameStream((header, payload) => {
      if (this.screen.at !== "call") return;
      if (header.kind === "picture") this.remote.show(header, payload);
      else this.loudspeaker?.play(header, payload);
    });
    this.own.startSending(this.capture, this.size);
    void this.openSound(microphoneId);
  }

  private async openSound(microphoneId: string | null): Promise<void> {
    try {
      this.loudspeaker ??= await Loudspeaker.open((milliseconds) => {
        if (this.screen.at === "call") this.control?.send({ type: "loudspeaker", delay_ms: Math.min(milliseconds, mostLoudspeakerMs) });
      });
    } catch (error) {
      console.warn("There is no loudspeaker.", error);
    }
    this.microphoneOn = microphoneId !== null;
    if (this.microphoneOn) await this.openMicrophone(microphoneId ?? "");
    this.tellSwitches();
    this.showOwn();
  }

  private async openMicrophone(id: string): Promise<void> {
    const { capture } = this;
    if (capture === null) return;
    try {
      const track = await openMicrophone(id);
      this.microphone = await Microphone.open(track, capture);
      this.microphoneTrack = track;
      this.microphoneProblem = null;
      track.addEventListener("ended", () => {
        if (this.microphoneTrack !== track) return;
        this.microphoneProblem = "unplugged";
        this.closeMicrophone();
        this.tellSwitches();
        this.showOwn();
      });
    } catch (error) {
      this.microphoneProblem = problemOf(error);
      this.microphoneOn = false;
    }
    if (this.screen.at !== "call") this.closeMicrophone();
  }

  private async setMicrophone(on: boolean): Promise<void> {
    this.microphoneOn = on;
    if (on && this.microphone === null) await this.openMicrophone(this.start?.microphoneId ?? "");
    this.microphone?.setMuted(!this.microphoneOn);
    this.tellSwitches();
    this.showOwn();
  }

  private closeMicrophone(): void {
    this.microphone?.close();
    this.microphoneTrack?.stop();
    this.microphone = null;
    this.microphoneTrack = null;
    this.microphoneOn = false;
  }

  private tellSwitches(): void {
    if (this.screen.at !== "call") return;
    this.control?.send({ type: "camera", on: this.own.track !== null });
    this.control?.send({ type: "microphone", on: this.microphoneOn });
  }

  private leaveCall(): void {
    this.own.stopSending();
    this.closeMicrophone();
    this.microphoneProblem = null;
    if (document.fullscreenElement !== null) void document.exitFullscreen();
  }

  private release(): void {
    this.frames?.stop();
    this.capture?.close();
    this.loudspeaker?.close();
    void this.own.setCamera(false, this.size);
  }

  private showOwn(): void {
    const { device, problem } = this.own.problem ?? {};
    const picture = device === undefined || problem === undefined ? null : deviceWords(device, problem);
    if (this.screen.at === "start") {
      this.start?.setPreview(this.own.track, picture);
      return;
    }
    this.tellSwitches();
    this.call.showOwn({
      track: this.own.track,
      cameraOn: this.own.cameraOn,
      sharing: this.own.sharing,
      microphoneOn: this.microphoneOn,
      problem: picture ?? (this.microphoneProblem === null ? null : deviceWords("microphone", this.microphoneProblem)),
    });
  }

  private showCall(): void {
    if (this.screen.at === "call") this.call.show(this.screen, this.remoteState());
  }

  private remoteState(): RemoteState {
    if (this.remote.shownAt === null) return "none-yet";
    if (performance.now() - this.remote.shownAt > stoppedAfterMs) return "stopped";
    return this.remote.isBlack ? "camera-off" : "shown";
  }

  private showEnd(screen: Screen & { readonly at: "ended" }): void {
    const { request } = this;
    const remedy = screen.trouble === null ? "" : troubleWords(screen.trouble).title;
    this.showNote(
      { title: endingWords(screen.reason), remedy },
      [],
      [
        ...(request === null
          ? []
          : [
              {
                label: "Call again",
                primary: true,
                run: () => {
                  this.join(request);
                },
              },
            ]),
        {
          label: "Back to the start",
          primary: request === null,
          run: () => {
            this.apply({ type: "back" });
          },
        },
      ],
    );
  }

  private showNote(words: Words, details: readonly string[], actions: Parameters<typeof noteView>[2] = []): void {
    const view = noteView(words, details, actions);
    this.body.replaceChildren(view);
    (view.querySelector<HTMLElement>("button.primary") ?? view.querySelector("h1"))?.focus();
  }

  private showHeader(): void {
    const { screen } = this;
    if (screen.at !== "call") {
      this.header.show("", "", "quiet");
      return;
    }
    const tone = screen.phase === "connected" ? "good" : screen.phase === "reconnecting" ? "warning" : "quiet";
    this.header.show(this.request === null ? "" : this.request.room, phaseWords[screen.phase].title, tone);
  }

  private get size(): PictureSize {
    return this.request ?? this.start?.chosenSize ?? { width: 320, height: 180 };
  }
}
