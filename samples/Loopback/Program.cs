using System.Net;
using System.Net.Sockets;
using MlvcRtc.Codec;
using MlvcRtc.Codec.Bundles;
using MlvcRtc.Codec.Onnx;
using MlvcRtc.Media;
using MlvcRtc.Rtp.Packets;
using MlvcRtc.Rtp.Payload;
using MlvcRtc.Rtp.Reassembly;

ModelBundle bundle = new ModelCatalogue(BundleFolders.Standard()).Open();
using Encoder encoder = new(bundle, new OnnxEngine());
using Decoder decoder = new([bundle], new OnnxEngine());
using UdpClient receiver = new(new IPEndPoint(IPAddress.Loopback, 0)), sender = new();
sender.Connect((IPEndPoint)receiver.Client.LocalEndPoint!);
(Packetizer packetizer, FrameAssembler assembler, byte[] packet) = (new(new RtpStreamSettings(Ssrc: 1)), new(), new byte[Packetizer.MaxPacketBytes]);
(VideoFrame picture, VideoFrame shown, EncodedFrame coded, EncodedFrame arrived) = (new(320, 180), new(), new(), new());
for (int i = 0; i < 10; i++)
{
    picture.CaptureTime = TimeSpan.FromSeconds(i / 30.0);
    for (int n = 0; n < picture.Samples.Length; n++) picture.Samples[n] = (byte)(n < 320 * 180 ? 64 + (n + i) % 320 / 3 : 128);  // a moving slope, grey
    encoder.Encode(picture, new EncodeRequest(Qp: 30), coded);  // 1 encode
    for (int n = 0, count = Packetizer.CountPackets(coded); n < count; n++) sender.Send(packet, packetizer.WritePacket(coded, n, count, packet));  // 2 send
    IPEndPoint? from = null;
    while (!assembler.TryTake(arrived, picture.CaptureTime))  // 3 receive
        if (RtpPacket.TryParse(receiver.Receive(ref from), out RtpPacket received)) assembler.Insert(received, picture.CaptureTime);
    DecodeStatus status = decoder.Decode(arrived, shown);  // 4 decode
    Console.WriteLine($"{i}: {arrived.Type}, {arrived.Payload.Length} bytes, {status}, mean error {Enumerable.Range(0, 320 * 180).Average(n => Math.Abs(shown.Y[n] - picture.Y[n])):0.00}");
}
