package io.salver.server.client;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersEncoder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** An HTTP/2 connection whose frames a test writes itself, right or wrong. */
public final class RawFrames implements AutoCloseable {
  public static final int DATA = 0;
  public static final int HEADERS = 1;
  public static final int PRIORITY = 2;
  public static final int RST_STREAM = 3;
  public static final int SETTINGS = 4;
  public static final int PING = 6;
  public static final int GOAWAY = 7;
  public static final int WINDOW_UPDATE = 8;
  public static final int CONTINUATION = 9;
  public static final int END_STREAM = 1;
  public static final int ACK = 1;
  public static final int END_HEADERS = 4;

  private static final int TIMEOUT_MS = 20_000;

  private final Socket socket;
  private final DataInputStream in;
  private final OutputStream out;

  /** A frame that the server sent. */
  public record Frame(int type, int flags, int stream, byte[] payload) {
    /** The error of a GOAWAY or RST_STREAM. */
    public int error() {
      return ByteBuffer.wrap(payload).getInt(type == GOAWAY ? 4 : 0);
    }

    /** What a GOAWAY says beside its error. */
    public String debugText() {
      return new String(payload, 8, payload.length - 8, StandardCharsets.UTF_8);
    }
  }

  /**
   * A connection that has sent its preface.
   *
   * @param settings pairs of a setting's number and its value
   */
  public RawFrames(int port, int... settings) throws IOException {
    socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout(TIMEOUT_MS);
    in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
    out = new BufferedOutputStream(socket.getOutputStream());
    out.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    ByteBuffer payload = ByteBuffer.allocate(3 * settings.length);
    for (int i = 0; i < settings.length; i += 2) {
      payload.putShort((short) settings[i]).putInt(settings[i + 1]);
    }
    send(SETTINGS, 0, 0, payload.array());
  }

  /** Sends a frame, at the latest with the next {@link #flush}. */
  public RawFrames send(int type, int flags, int stream, byte... payload) throws IOException {
    out.write(
        ByteBuffer.allocate(9)
            .putInt(payload.length << 8 | type)
            .put((byte) flags)
            .putInt(stream)
            .array());
    out.write(payload);
    return this;
  }

  /** Sends the headers of a POST request. */
  public RawFrames request(int stream, String path, boolean last) throws IOException {
    return send(HEADERS, END_HEADERS | (last ? END_STREAM : 0), stream, block(path));
  }

  /** The header block of a POST request. */
  public static byte[] block(String path) {
    return block(new DefaultHttp2Headers().method("POST").scheme("http").authority("a").path(path));
  }

  /** A header block. */
  public static byte[] block(Http2Headers headers) {
    ByteBuf block = Unpooled.buffer();
    try {
      new DefaultHttp2HeadersEncoder().encodeHeaders(1, headers, block);
    } catch (Http2Exception e) {
      throw new AssertionError(e);
    }
    return ByteBufUtil.getBytes(block);
  }

  /** Sends what was held back. */
  public RawFrames flush() throws IOException {
    out.flush();
    return this;
  }

  /** The next frame of a type, whatever comes before it; null if the server closes first. */
  public Frame await(int type) throws IOException {
    while (true) {
      Frame frame = next();
      if (frame == null || frame.type() == type) {
        return frame;
      }
    }
  }

  /** The next frame; null if the server has closed. */
  public Frame next() throws IOException {
    try {
      int lengthAndType = in.readInt();
      int flags = in.readUnsignedByte();
      int stream = in.readInt();
      return new Frame(lengthAndType & 0xff, flags, stream, in.readNBytes(lengthAndType >>> 8));
    } catch (EOFException | SocketException e) {
      return null;
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
