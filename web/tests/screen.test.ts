import { describe, expect, it } from "vitest";
import { type CallState, callStates, type ReadyMessage } from "../src/control/messages";
import { next, type Screen, type ScreenEvent } from "../src/views/screen";

const ready: ReadyMessage = { type: "ready", version: "1", model: "m", sizes: [], server: null, room: null };
const state = (name: CallState, reason: string | null = null, invitation: string | null = null): ScreenEvent => ({
  type: "state",
  state: name,
  reason,
  invitation,
});
const error = (code: string): ScreenEvent => ({ type: "error", code, message: "cause", remedy: "help" });
const join: ScreenEvent = { type: "join" };
const hangUp: ScreenEvent = { type: "hang-up" };
const after = (...events: ScreenEvent[]): Screen => events.reduce<Screen>(next, { at: "opening" });

describe("the views", () => {
  it("lead from the form through a call to its end and back", () => {
    const events = [
      ready,
      join,
      state("joining"),
      state("waiting"),
      state("connecting"),
      state("connected"),
      state("ended", "they-hung-up"),
      { type: "back" },
    ] as ScreenEvent[];
    const seen: string[] = [];
    events.reduce((screen, event) => {
      const following = next(screen, event);
      seen.push(following.at === "call" ? following.phase : following.at);
      return following;
    }, after());
    expect(seen).toEqual(["start", "joining", "joining", "waiting", "connecting", "connected", "ended", "start"]);
  });

  it("show the end and who brought it about", () => {
    expect(after(ready, join, state("connected"), state("ended", "they-hung-up"))).toMatchObject({ at: "ended", reason: "they-hung-up" });
  });

  it.each(["server-unreachable", "room-full", "token-refused", "something-new"])("bring %s back to the form, with the cause", (code) => {
    const screen = after(ready, join, error(code));
    expect(screen).toMatchObject({ at: "start", trouble: { code, message: "cause", remedy: "help" } });
    expect(next(screen, state("ended", "failed"))).toBe(screen);
    expect(next(screen, state("idle"))).toBe(screen);
    expect(next(screen, join)).toMatchObject({ at: "call", trouble: null });
  });

  it("bring a connection that never came about back to the form", () => {
    expect(after(ready, join, state("connecting"), error("no-connection"), state("ended"))).toMatchObject({
      at: "start",
      trouble: { code: "no-connection" },
    });
  });

  it("stay in the call while it looks for another way", () => {
    expect(after(ready, join, state("connected"), state("reconnecting"), state("connected"))).toMatchObject({
      at: "call",
      phase: "connected",
    });
  });

  it("stay in the call on an error that it survives", () => {
    expect(after(ready, join, error("bad-request"))).toMatchObject({ at: "call" });
    expect(after(ready, join, state("connected"), error("codec"))).toMatchObject({ at: "call", phase: "connected" });
  });

  it("keep the invitation while the host waits", () => {
    const screen = after(ready, join, state("waiting", null, "mlvcrtc call --server ws://10.0.0.2:8765"), state("waiting"));
    expect(screen).toMatchObject({ invitation: "mlvcrtc call --server ws://10.0.0.2:8765" });
  });

  it("end at once when the person hangs up, whatever the program still says", () => {
    const screen = after(ready, join, state("connecting"), hangUp);
    expect(screen).toMatchObject({ at: "ended", reason: "you-hung-up" });
    expect(next(screen, state("connected"))).toBe(screen);
    expect(next(screen, state("ended", "you-hung-up"))).toBe(screen);
  });

  it("do not take the last call's end for that of the next", () => {
    expect(after(ready, join, state("connected"), hangUp, join, state("ended", "you-hung-up"))).toMatchObject({
      at: "call",
      phase: "joining",
    });
  });

  it("find a page that was loaded again in its call", () => {
    expect(after(ready, state("connected"))).toMatchObject({ at: "call", phase: "connected" });
  });

  it("say why nothing works any more", () => {
    expect(after({ type: "refused" })).toEqual({ at: "dead", why: "no-session" });
    expect(after({ type: "closed", code: 1006 })).toEqual({ at: "dead", why: "no-session" });
    expect(after(ready, { type: "closed", code: 1006 })).toEqual({ at: "dead", why: "program-gone" });
    expect(after(ready, join, { type: "closed", code: 4001 })).toEqual({ at: "dead", why: "taken-over" });
    expect(after({ type: "unsupported", missing: ["x"] })).toEqual({ at: "unsupported", missing: ["x"] });
  });

  it("leave a dead page dead", () => {
    const dead = after(ready, { type: "closed", code: 4001 });
    for (const event of [ready, join, state("connected"), error("codec"), { type: "closed", code: 1006 }] as ScreenEvent[])
      expect(next(dead, event)).toBe(dead);
  });

  it("survive every three events in every order", () => {
    const events: ScreenEvent[] = [
      ready,
      join,
      hangUp,
      { type: "back" },
      error("room-full"),
      error("bad-request"),
      { type: "closed", code: 1006 },
      ...callStates.map((name) => state(name)),
    ];
    const known = ["opening", "unsupported", "dead", "start", "call", "ended"];
    for (const first of events)
      for (const second of events) for (const third of events) expect(known).toContain(after(ready, first, second, third).at);
  });
});
