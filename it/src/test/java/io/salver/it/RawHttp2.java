package io.salver.it;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.DefaultHttp2HeadersEncoder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/** One gRPC call on an HTTP/2 connection whose bytes a test writes itself, right or wrong. */
final class RawHttp2 implements AutoCloseable {
  private static final int DATA = 0;
  private static final int HEADERS = 1;
  private static final int RST_STREAM = 3;
  private static final int SETTINGS = 4;
  private static final int GOAWAY = 7;
  private static final int END_STREAM = 1;
  private static final int END_HEADERS = 4;
  private static final int STREAM = 1;

  private final RawConnection connection;
  private final DefaultHttp2HeadersDecoder decoder = new DefaultHttp2HeadersDecoder();

  RawHttp2(int port) throws IOException {
    this.connection = new RawConnection(port);
    connection.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    frame(SETTINGS, 0, 0, new byte[0]);
  }

  /** Begins the call of a method, as {@code /package.Service/Method}. */
  void begin(String path, String... moreHeaders) throws IOException, Http2Exception {
    Http2Headers headers =
        new DefaultHttp2Headers()
            .method("POST")
            .scheme("http")
            .authority("localhost")
            .path(path)
            .add("content-type", "application/grpc")
            .add("te", "trailers");
    for (int i = 0; i < moreHeaders.length; i += 2) {
      headers.add(moreHeaders[i], moreHeaders[i + 1]);
    }
    ByteBuf block = Unpooled.buffer();
    new DefaultHttp2HeadersEncoder().encodeHeaders(STREAM, headers, block);
    byte[] bytes = new byte[block.readableBytes()];
    block.readBytes(bytes);
    frame(HEADERS, END_HEADERS, STREAM, bytes);
  }

  /** Sends bytes of the call's body. */
  void data(byte[] bytes, boolean end) throws IOException {
    frame(DATA, end ? END_STREAM : 0, STREAM, bytes);
  }

  /** A message as gRPC frames it, with these in the fields for its flag and its length. */
  static byte[] message(int flag, int length, byte[] bytes) {
    return ByteBuffer.allocate(5 + bytes.length).put((byte) flag).putInt(length).put(bytes).array();
  }

  private void frame(int type, int flags, int stream, byte[] payload) throws IOException {
    connection.send(
        ByteBuffer.allocate(9 + payload.length)
            .put((byte) (payload.length >>> 16))
            .putShort((short) payload.length)
            .put((byte) type)
            .put((byte) flags)
            .putInt(stream)
            .put(payload)
            .array());
  }

  /**
   * The headers and trailers of the answer, once it has ended; where the stream or the connection
   * was ended instead, {@code reset} or {@code goaway} with the error's number.
   */
  Map<String, String> answer() throws IOException, Http2Exception {
    DataInputStream in = new DataInputStream(connection.input());
    Map<String, String> answer = new LinkedHashMap<>();
    while (true) {
      int lengthAndType;
      try {
        lengthAndType = in.readInt();
      } catch (EOFException e) {
        return answer;
      }
      int flags = in.readUnsignedByte();
      in.readInt();
      ByteBuf payload = Unpooled.wrappedBuffer(in.readNBytes(lengthAndType >>> 8));
      switch (lengthAndType & 0xff) {
        case HEADERS ->
            decoder
                .decodeHeaders(STREAM, payload)
                .forEach(h -> answer.put(h.getKey().toString(), h.getValue().toString()));
        case DATA ->
            answer.merge("data", payload.toString(StandardCharsets.ISO_8859_1), String::concat);
        case RST_STREAM -> answer.put("reset", Long.toString(payload.readUnsignedInt()));
        case GOAWAY -> answer.put("goaway", Long.toString(payload.getUnsignedInt(4)));
        default -> flags = 0;
      }
      if ((flags & END_STREAM) != 0 || answer.containsKey("reset")) {
        return answer;
      }
    }
  }

  /** Ends the connection with a reset. */
  void vanish() throws IOException {
    connection.vanish();
  }

  @Override
  public void close() throws IOException {
    connection.close();
  }
}
