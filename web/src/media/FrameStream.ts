import { type ItemHeader } from "./item";
import { ItemStream } from "./ItemStream";

/** Of one read: a picture of 640x360 is 346 kB and comes in a few pieces. */
const readBytes = 1 << 20;

/** Waiting before the stream is asked for again, ms: the program ends it only when it goes or another page takes over. */
const retryMs = 500;

/** GET /api/frames, read until stopped; asked for again when it breaks. */
export class FrameStream {
  private readonly stopping = new AbortController();

  constructor(private readonly onItem: (header: ItemHeader, payload: Uint8Array) => void) {
    void this.run();
  }

  stop(): void {
    this.stopping.abort();
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      try {
        await this.readOnce();
      } catch (error) {
        if (!isAborted(signal)) console.warn("The stream of pictures and sound broke off.", error);
      }
      await new Promise((resolve) => setTimeout(resolve, retryMs));
    }
  }

  private async readOnce(): Promise<void> {
    const response = await fetch("/api/frames", { cache: "no-store", signal: this.stopping.signal });
    if (!response.ok || response.body === null) throw new Error(`/api/frames: ${response.status}`);
    const items = new ItemStream(this.onItem);
    const reader = openReader(response.body);
    try {
      for (;;) {
        const chunk = await reader.read();
        if (chunk === null) return;
        items.push(chunk);
      }
    } finally {
      reader.cancel();
    }
  }
}

/** Asked again after a wait, which the compiler does not see. */
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}

interface ChunkReader {
  /** Null at the end; the bytes are valid until the next read. */
  read(): Promise<Uint8Array | null>;
  cancel(): void;
}

/** A reader into a buffer of ours where the browser has one: 600 MB/s and more instead of a fresh allocation for every 64 kB. */
function openReader(body: ReadableStream<Uint8Array>): ChunkReader {
  try {
    const reader = body.getReader({ mode: "byob" });
    let buffer = new ArrayBuffer(readBytes);
    return {
      read: async () => {
        const { done, value } = await reader.read(new Uint8Array(buffer));
        if (value) buffer = value.buffer;
        return done ? null : value;
      },
      cancel: () => void reader.cancel().catch(() => undefined),
    };
  } catch {
    const reader = body.getReader();
    return {
      read: async () => {
        const { done, value } = await reader.read();
        return done ? null : value;
      },
      cancel: () => void reader.cancel().catch(() => undefined),
    };
  }
}
