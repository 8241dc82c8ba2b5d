// A libdatachannel peer that sends every packet of the video line back. One JSON message a line, on standard input and output.
// RTP comes back under our own SSRC. In feedback the two SSRCs change places, so that it concerns the other side's stream.
import { createInterface } from 'node:readline';
import nodeDataChannel from 'node-datachannel';

const ownSsrc = 42;
const say = (message) => process.stdout.write(JSON.stringify(message) + '\n');
const offers = process.argv[2] === 'offer';

nodeDataChannel.initLogger('Warning', (level, text) => process.stderr.write(`${level}: ${text}\n`));
const peer = new nodeDataChannel.PeerConnection('echo', { iceServers: [], bindAddress: '127.0.0.1', disableAutoNegotiation: true });
peer.onLocalDescription((sdp, type) => say({ type, sdp }));
peer.onLocalCandidate((candidate, mid) => say({ type: 'candidate', candidate: candidate.replace(/^a=/, ''), mid }));
peer.onStateChange((state) => say({ type: 'state', state }));

const video = new nodeDataChannel.Video('0', 'SendRecv');
video.addVideoCodec(109, 'MLVC', 'profile-id=0');
for (const feedback of ['nack app mlvc', 'transport-cc', 'ccm fir']) {
  video.parseSdpLine(`a=rtcp-fb:109 ${feedback}`);
}
video.parseSdpLine('a=extmap:5 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01');
video.addSSRC(ownSsrc, 'echo', 'echo', 'video');
const track = peer.addTrack(video);
let remoteSsrc = 0;
const heard = { rtp: 0, rtcp: 0 };

track.onMessage((message) => {
  const packet = Buffer.from(message);
  const isRtcp = packet[1] >= 192 && packet[1] <= 223; // RFC 5761 §4
  heard[isRtcp ? 'rtcp' : 'rtp']++;
  if (!isRtcp) {
    remoteSsrc = packet.readUInt32BE(8);
    packet.writeUInt32BE(ownSsrc, 8);
  } else {
    for (let at = 0; at + 12 <= packet.length; at += 4 * (packet.readUInt16BE(at + 2) + 1)) {
      const [sender, media] = [packet.readUInt32BE(at + 4), packet.readUInt32BE(at + 8)];
      packet.writeUInt32BE(media, at + 4);
      packet.writeUInt32BE(sender, at + 8);
    }
  }
  track.sendMessageBinary(packet);
});

createInterface({ input: process.stdin }).on('line', (line) => {
  const message = JSON.parse(line);
  if (message.type === 'candidate') {
    if (message.candidate) peer.addRemoteCandidate(message.candidate, message.mid);
  } else if (message.type === 'bye') {
    say({ type: 'heard', ...heard });
    peer.close();
    nodeDataChannel.cleanup();
    process.exit(0);
  } else {
    peer.setRemoteDescription(message.sdp, message.type);
    if (message.type === 'offer') peer.setLocalDescription('answer');
  }
}).on('close', () => process.exit(0));

if (offers) peer.setLocalDescription('offer');
