import { type PageMessage, type ProgramMessage } from "./messages";
import { parseMessage } from "./parseMessage";
import { socketAddress } from "./session";

/** The program closes an older page's sockets with this when another page takes its place. */
export const takenOver = 4001;

/** The conversation with the program; it lives as long as the page. */
export class ControlChannel {
  private readonly socket = new WebSocket(socketAddress("/api/control"));

  /** @param onClosed code of RFC 6455 §7.4, 1006 when the program vanished */
  constructor(onMessage: (message: ProgramMessage) => void, onClosed: (code: number) => void) {
    this.socket.onmessage = (event) => {
      const message = parseMessage(event.data);
      if (message !== null) onMessage(message);
    };
    this.socket.onclose = (event) => {
      onClosed(event.code);
    };
  }

  /** Says nothing when the connection is gone: the page has been told so. */
  send(message: PageMessage): void {
    if (this.socket.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message));
  }
}
