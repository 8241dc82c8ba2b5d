import { beforeEach, describe, expect, it, vi } from "vitest";
import { type JoinRequest, type LabSetting, type ReadyMessage, type Statistics } from "../src/control/messages";
import { axisEnd, Series } from "../src/statistics/Series";
import { LabDrawer } from "../src/views/LabDrawer";
import { kbpsFor, StartView } from "../src/views/StartView";
import { StatisticsView } from "../src/views/StatisticsView";
import { missingFeatures } from "../src/views/support";
import { deviceWords, endingWords, troubleWords } from "../src/views/words";

const ready: ReadyMessage = {
  type: "ready",
  version: "1",
  model: "mlvc-xs",
  sizes: [
    { width: 320, height: 180 },
    { width: 640, height: 360 },
  ],
  server: null,
  room: null,
};

function startView(program: ReadyMessage = ready): {
  view: StartView;
  joined: JoinRequest[];
  type: (id: string, value: string) => void;
  submit: () => void;
} {
  const joined: JoinRequest[] = [];
  const view = new StartView(program, {
    onJoin: (request) => joined.push(request),
    onCamera: vi.fn(),
    onMicrophone: vi.fn(),
    onCameraOff: vi.fn(),
  });
  document.body.replaceChildren(view.root);
  return {
    view,
    joined,
    type: (id, value) => {
      (document.getElementById(id) as HTMLInputElement).value = value;
    },
    submit: () => {
      document.querySelector("form")?.dispatchEvent(new Event("submit", { cancelable: true }));
    },
  };
}

beforeEach(() => {
  localStorage.clear();
});

describe("the form", () => {
  it("asks for the room at a server", () => {
    const { joined, type, submit } = startView();
    type("name", " Ann ");
    type("room", "kitchen");
    type("server", "wss://calls.example.org");
    type("token", "secret");
    type("size", "640x360");
    submit();
    expect(joined).toEqual([
      {
        type: "join",
        name: "Ann",
        server: "wss://calls.example.org",
        room: "kitchen",
        token: "secret",
        width: 640,
        height: 360,
        fps: 30,
        kbps: 600,
        video: "page",
        audio: "page",
      },
    ]);
  });

  it("hides the server when this computer is the server", () => {
    const { joined, type, submit } = startView();
    const host = document.querySelector<HTMLInputElement>("input[value=host]");
    if (host === null) throw new Error("no such choice");
    host.checked = true;
    host.dispatchEvent(new Event("change"));
    expect(document.getElementById("server")?.closest<HTMLElement>(".pair")?.hidden).toBe(true);
    type("name", "Ann");
    type("room", "kitchen");
    submit();
    expect(joined[0]).toMatchObject({ server: "host", token: "" });
  });

  it("remembers name, server and room, but never the token", () => {
    const { type, submit } = startView();
    type("name", "Ann");
    type("room", "kitchen");
    type("server", "wss://x");
    type("token", "secret");
    submit();
    startView();
    expect((document.getElementById("room") as HTMLInputElement).value).toBe("kitchen");
    expect((document.getElementById("token") as HTMLInputElement).value).toBe("");
    expect(localStorage.getItem("mlvcrtc-last")).not.toContain("secret");
  });

  it("takes server and room from the program's command line", () => {
    startView({ ...ready, server: "wss://given", room: "hall" });
    expect((document.getElementById("server") as HTMLInputElement).value).toBe("wss://given");
    expect((document.getElementById("room") as HTMLInputElement).value).toBe("hall");
  });

  it("survives a storage that something else has filled", () => {
    for (const junk of ["{", "7", "null", '{"name":{},"hosts":"yes"}']) {
      localStorage.setItem("mlvcrtc-last", junk);
      startView();
      expect((document.getElementById("name") as HTMLInputElement).value).toBe("");
    }
  });

  it("offers a call without camera and microphone where there are none", () => {
    const { view } = startView();
    view.setDevices([], []);
    expect(view.wantsCamera).toBe(false);
    expect(view.microphoneId).toBeNull();
    view.setDevices([{ id: "a", label: "Camera 1" }], [{ id: "b", label: "Microphone 1" }]);
    expect(view.wantsCamera).toBe(true);
    expect(view.microphoneId).toBe("b");
  });

  it("keeps 'no camera' when another device is connected", () => {
    const { view } = startView();
    view.setDevices([{ id: "a", label: "A" }], []);
    const cameras = document.getElementById("camera") as HTMLSelectElement;
    cameras.value = "none";
    cameras.dispatchEvent(new Event("change"));
    view.setDevices(
      [
        { id: "a", label: "A" },
        { id: "b", label: "B" },
      ],
      [],
    );
    expect(view.wantsCamera).toBe(false);
  });

  it("shows what the program writes as text, never as markup", () => {
    const { view } = startView();
    view.setTrouble({ code: "x", message: "<img src=x onerror=alert(1)>", remedy: "<b>" });
    expect(document.querySelector("img, b")).toBeNull();
    expect(document.querySelector("[role=alert]")?.textContent).toContain("<img");
  });

  it("has a label for every field", () => {
    startView();
    for (const input of document.querySelectorAll<HTMLElement>("input, select")) {
      const labelled = input.closest("label") ?? document.querySelector(`label[for=${input.id}]`);
      expect(labelled?.textContent).toBeTruthy();
    }
  });

  it("gives more pixels more bits", () => {
    expect(kbpsFor({ width: 320, height: 180 })).toBe(300);
    expect(kbpsFor({ width: 640, height: 360 })).toBe(600);
    expect(kbpsFor({ width: 1920, height: 1080 })).toBeLessThanOrEqual(2500);
  });
});

describe("the network lab", () => {
  it("is off at first; the right end of the rate is no limit", () => {
    const drawer = new LabDrawer(vi.fn(), vi.fn());
    expect(drawer.setting).toEqual({ loss_percent: 0, delay_ms: 0, rate_kbps: 0 });
    expect(drawer.isOn).toBe(false);
  });

  it("says what the sliders are set to, and takes it back", () => {
    const settings: LabSetting[] = [];
    const drawer = new LabDrawer((setting) => settings.push(setting), vi.fn());
    document.body.replaceChildren(drawer.root);
    const loss = document.getElementById("lab-loss") as HTMLInputElement;
    loss.value = "10";
    loss.dispatchEvent(new Event("input"));
    expect(settings).toEqual([{ loss_percent: 10, delay_ms: 0, rate_kbps: 0 }]);
    expect(loss.getAttribute("aria-valuetext")).toBe("10 %");
    drawer.reset();
    expect(settings[1]).toEqual({ loss_percent: 0, delay_ms: 0, rate_kbps: 0 });
    expect(drawer.isOn).toBe(false);
  });
});

describe("statistics", () => {
  it("show a dash for what was not measured", () => {
    const view = new StatisticsView(vi.fn());
    document.body.replaceChildren(view.root);
    const statistics: Statistics = {
      send_kbps: 250.4,
      receive_kbps: null,
      send_fps: 29.97,
      receive_fps: 0,
      loss_percent: 1.25,
      rtt_ms: 81.6,
      latency_ms: null,
      freezes: 0,
      longest_freeze_ms: 0,
      recoveries: 12,
      estimate_kbps: null,
      stages_ms: [["encode", 7]],
    };
    view.update(statistics);
    const shown: Record<string, string> = {};
    for (const target of document.querySelectorAll<HTMLElement>("[data-measure]"))
      shown[target.dataset["measure"] ?? ""] = target.textContent;
    expect(shown).toMatchObject({
      send_kbps: "250",
      receive_kbps: "–",
      send_fps: "30.0",
      receive_fps: "0.0",
      rtt_ms: "82",
      latency_ms: "–",
      recoveries: "12",
    });
  });

  it("keep two minutes and no more", () => {
    const series = new Series(120);
    for (let second = 0; second < 500; second++) series.add(second);
    expect(series.all.length).toBe(120);
    expect(series.newest).toBe(499);
  });

  it("end their axes at a number that people read", () => {
    expect([0, 1, 3, 99, 101, 260, 700].map((value) => axisEnd(value, 1))).toEqual([1, 1, 5, 100, 200, 500, 1000]);
  });
});

describe("the words", () => {
  it("are the program's own first", () => {
    expect(troubleWords({ code: "room-full", message: "", remedy: "" }).title).toContain("Two people");
    expect(troubleWords({ code: "room-full", message: "Full up.", remedy: "Wait." })).toEqual({ title: "Full up.", remedy: "Wait." });
    expect(troubleWords({ code: "constructor", message: "", remedy: "" }).remedy).toBe("Try again.");
  });

  it("exist for every way in which a device fails", () => {
    for (const device of ["camera", "microphone", "screen"] as const) {
      for (const problem of ["permission-denied", "not-found", "in-use", "unplugged", "failed"] as const)
        expect(deviceWords(device, problem).title).not.toBe("");
    }
    expect(endingWords("toString")).toBe("The call has ended.");
  });

  it("name what an old browser lacks", () => {
    expect(missingFeatures({})).toHaveLength(4);
    const modern = { navigator: { mediaDevices: {} }, AudioEncoder: 1, AudioDecoder: 1, AudioWorkletNode: 1, MediaStreamTrackProcessor: 1 };
    expect(missingFeatures(modern)).toEqual([]);
  });
});
