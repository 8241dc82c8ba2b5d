import { describe, expect, it } from "vitest";
import { readTake } from "../src/capture/CaptureSocket";
import { parseMessage } from "../src/control/parseMessage";

describe("messages of the program", () => {
  it("reads 'ready'", () => {
    const text =
      '{"type":"ready","version":"0.1.0","model":"mlvc-xs 0.200","sizes":[[320,180],[640,360]],"server":null,"room":"kitchen","new":1}';
    expect(parseMessage(text)).toEqual({
      type: "ready",
      version: "0.1.0",
      model: "mlvc-xs 0.200",
      sizes: [
        { width: 320, height: 180 },
        { width: 640, height: 360 },
      ],
      server: null,
      room: "kitchen",
    });
  });

  it("reads 'state' and 'error'", () => {
    expect(parseMessage('{"type":"state","state":"ended","reason":"they-hung-up","invitation":null}')).toEqual({
      type: "state",
      state: "ended",
      reason: "they-hung-up",
      invitation: null,
    });
    expect(parseMessage('{"type":"error","code":"room-full","message":"m","remedy":"r"}')).toEqual({
      type: "error",
      code: "room-full",
      message: "m",
      remedy: "r",
    });
  });

  it("reads 'statistics'; what is missing was not measured", () => {
    const message = parseMessage('{"type":"statistics","send_kbps":250.5,"rtt_ms":null,"stages_ms":{"encode":7.1,"decode":"x"}}');
    expect(message).toMatchObject({ type: "statistics", send_kbps: 250.5, rtt_ms: null, freezes: null, stages_ms: [["encode", 7.1]] });
  });

  it.each([
    ["nothing", ""],
    ["no JSON", "{"],
    ["a number", "7"],
    ["null", "null"],
    ["an array", '[{"type":"ready"}]'],
    ["no type", "{}"],
    ["a type that is no text", '{"type":{"toString":"ready"}}'],
    ["an unknown type", '{"type":"selfdestruct"}'],
    ["an unknown state", '{"type":"state","state":"exploded"}'],
    ["a state that every object has", '{"type":"state","state":"constructor"}'],
    ["an error without a code", '{"type":"error","message":"x"}'],
    ["more than 16 KiB", `{"type":"ready","version":"${"x".repeat(17_000)}"}`],
    ["very deep nesting", "[".repeat(16_000)],
  ])("ignores %s", (_, text) => {
    expect(parseMessage(text)).toBeNull();
  });

  it("ignores what is no text", () => {
    for (const value of [null, undefined, 5, new ArrayBuffer(4), { type: "ready" }]) expect(parseMessage(value)).toBeNull();
  });

  it("keeps absurd numbers out of the plots", () => {
    const message = parseMessage('{"type":"statistics","send_kbps":1e999,"receive_kbps":-5,"loss_percent":"50","rtt_ms":[1],"freezes":{}}');
    expect(message).toMatchObject({ send_kbps: null, receive_kbps: null, loss_percent: null, rtt_ms: null, freezes: null });
  });

  it("bounds texts, sizes and stages", () => {
    const ready = parseMessage(
      JSON.stringify({
        type: "ready",
        model: "m".repeat(5000),
        sizes: [[1, 1], [321, 180], ["320", 180], [1e9, 2], null, [640, 360, 7], ...Array.from({ length: 100 }, () => [320, 180])],
      }),
    );
    if (ready?.type !== "ready") throw new Error("not ready");
    expect(ready.model.length).toBe(500);
    expect(ready.sizes.length).toBeLessThanOrEqual(16);
    expect(ready.sizes[0]).toEqual({ width: 640, height: 360 });
    const stages = Object.fromEntries(Array.from({ length: 500 }, (_, at) => [`stage ${at}`, at]));
    const statistics = parseMessage(JSON.stringify({ type: "statistics", stages_ms: stages }));
    if (statistics?.type !== "statistics") throw new Error("no statistics");
    expect(statistics.stages_ms.length).toBe(12);
  });

  it("does not let a message change what all objects have", () => {
    parseMessage('{"type":"statistics","__proto__":{"polluted":1},"stages_ms":{"__proto__":{"polluted":1}}}');
    expect("polluted" in {}).toBe(false);
  });
});

describe("how many pictures the program takes", () => {
  it("is a whole number, or nothing", () => {
    expect(readTake('{"take":2}')).toBe(2);
    for (const text of [
      '{"take":-1}',
      '{"take":1.5}',
      '{"take":"2"}',
      "[]",
      "null",
      "",
      '{"take":1e999}',
      `{"take":1,"x":"${"y".repeat(100)}"}`,
    ]) {
      expect(readTake(text)).toBeNull();
    }
    expect(readTake(new ArrayBuffer(8))).toBeNull();
  });
});
