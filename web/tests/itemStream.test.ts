import { describe, expect, it } from "vitest";
import { headerBytes, i420Bytes, type ItemHeader, largestItemBytes, writePictureHeader, writeSoundHeader } from "../src/media/item";
import { BrokenStream, ItemStream } from "../src/media/ItemStream";

/** u32 length, header, payload. */
function item(header: (view: DataView) => void, payload: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(4 + headerBytes + payload.length);
  new DataView(bytes.buffer).setUint32(0, headerBytes + payload.length, true);
  header(new DataView(bytes.buffer, 4, headerBytes));
  bytes.set(payload, 4 + headerBytes);
  return bytes;
}

function picture(width: number, height: number, microseconds: number): Uint8Array {
  const payload = Uint8Array.from({ length: i420Bytes(width, height) }, (_, at) => (at * 7 + microseconds) & 255);
  return item((view) => {
    writePictureHeader(view, width, height, microseconds);
  }, payload);
}

function sound(bytes: number, microseconds: number): Uint8Array {
  return item((view) => {
    writeSoundHeader(view, microseconds);
  }, new Uint8Array(bytes).fill(9));
}

function join(...parts: Uint8Array[]): Uint8Array {
  return new Uint8Array(parts.flatMap((part) => [...part]));
}

function collect(): { stream: ItemStream; items: { header: ItemHeader; payload: Uint8Array }[] } {
  const items: { header: ItemHeader; payload: Uint8Array }[] = [];
  return { stream: new ItemStream((header, payload) => items.push({ header, payload: payload.slice() })), items };
}

function withHeader(bytes: number[], payload = new Uint8Array(0)): Uint8Array {
  return item((view) => {
    bytes.forEach((value, at) => {
      view.setUint8(at, value);
    });
  }, payload);
}

describe("the stream of pictures and sound", () => {
  const bytes = join(picture(16, 8, 1), sound(40, 2), picture(6, 4, 3));

  it("is the same wherever the network splits it in two", () => {
    const whole = collect();
    whole.stream.push(bytes);
    expect(whole.items.map(({ header }) => header.microseconds)).toEqual([1, 2, 3]);
    for (let at = 0; at <= bytes.length; at++) {
      const split = collect();
      split.stream.push(bytes.subarray(0, at));
      split.stream.push(bytes.subarray(at));
      expect(split.items).toEqual(whole.items);
    }
  });

  it("is the same when every byte comes alone", () => {
    const whole = collect();
    whole.stream.push(bytes);
    const single = collect();
    for (const value of bytes) single.stream.push(Uint8Array.of(value));
    expect(single.items).toEqual(whole.items);
  });

  it("hands on a picture larger than its first buffer, in pieces of 10 kB", () => {
    const large = picture(640, 360, 5);
    const { stream, items } = collect();
    for (let at = 0; at < large.length; at += 10_000) stream.push(large.subarray(at, at + 10_000));
    expect(items).toHaveLength(1);
    const expected = large.subarray(4 + headerBytes);
    expect(items[0]?.payload.length).toBe(expected.length);
    expect(items[0]?.payload.every((value, at) => value === expected[at])).toBe(true);
  });

  it("refuses a length above 4 MiB before anything of the item has come", () => {
    for (const length of [largestItemBytes + 1, 0x7fffffff, 0xffffffff]) {
      const start = new Uint8Array(4);
      new DataView(start.buffer).setUint32(0, length, true);
      expect(() => {
        collect().stream.push(start);
      }).toThrow(BrokenStream);
    }
  });

  it("refuses a length that has no room for a header", () => {
    for (let length = 0; length < headerBytes; length++) {
      expect(() => {
        collect().stream.push(join(Uint8Array.of(length, 0, 0, 0), new Uint8Array(20)));
      }).toThrow(BrokenStream);
    }
  });

  it("refuses pictures whose bytes are not those of their size", () => {
    const long = item(
      (view) => {
        writePictureHeader(view, 16, 8, 0);
      },
      new Uint8Array(i420Bytes(16, 8) + 1),
    );
    const empty = item((view) => {
      writePictureHeader(view, 0, 0, 0);
    }, new Uint8Array(0));
    for (const broken of [long, empty]) {
      expect(() => {
        collect().stream.push(broken);
      }).toThrow(BrokenStream);
    }
  });

  it("refuses a kind that nobody knows, and sound longer than Opus has", () => {
    expect(() => {
      collect().stream.push(withHeader([3]));
    }).toThrow(BrokenStream);
    expect(() => {
      collect().stream.push(sound(6 * 1275 + 1, 0));
    }).toThrow(BrokenStream);
  });

  it("tells a lost packet of sound, which has no payload", () => {
    const { stream, items } = collect();
    stream.push(withHeader([2, 1]));
    expect(items[0]?.header).toEqual({ kind: "sound", lost: true, microseconds: 0 });
    expect(() => {
      collect().stream.push(withHeader([2, 0]));
    }).toThrow(BrokenStream);
  });

  it("reads matrix and range from the flags: bit 0 full range, bits 1 and 2 the matrix", () => {
    const flags = [
      [0, "bt601", false],
      [1, "bt601", true],
      [2, "bt709", false],
      [3, "bt709", true],
    ] as const;
    for (const [value, matrix, fullRange] of flags) {
      const { stream, items } = collect();
      stream.push(withHeader([1, value, 2, 0, 2, 0], new Uint8Array(6)));
      expect(items[0]?.header).toMatchObject({ kind: "picture", matrix, fullRange });
    }
  });

  it("survives random bytes: it delivers, waits or refuses, and nothing else", () => {
    let seed = 1;
    const random = (): number => (seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0) >>> 24;
    for (let round = 0; round < 2000; round++) {
      const noise = Uint8Array.from({ length: random() }, (_, at) => (at % 24 < 4 && at % 24 > 0 ? 0 : random()));
      try {
        collect().stream.push(noise);
      } catch (error) {
        expect(error).toBeInstanceOf(BrokenStream);
      }
    }
  });
});
