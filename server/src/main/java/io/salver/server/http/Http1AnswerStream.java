package io.salver.server.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;

/**
 * An answer in chunks (RFC 9112, section 7.1), after which the connection closes; bare for clients
 * of HTTP/1.0, to whom the end of the connection is that of the answer.
 */
final class Http1AnswerStream implements AnswerStream {
  private static final int FRAMING_BYTES = 16;
  private static final byte[] NEW_LINE = {'\r', '\n'};
  private static final byte[] LAST = "0\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

  private final Http1Connection connection;
  private final boolean chunked;
  private boolean begun;
  private boolean ended;
  private int unsentPieces;

  Http1AnswerStream(Http1Connection connection, boolean chunked) {
    this.connection = connection;
    this.chunked = chunked;
  }

  boolean isChunked() {
    return chunked;
  }

  /** Its head has been written. */
  void begin() {
    begun = true;
    if (ended) {
      finish();
    }
  }

  @Override
  public boolean send(ByteBuf piece) {
    connection.loop().requireInLoop();
    try {
      if (!begun || ended || unsentPieces > 0) {
        return false;
      }
      if (piece.isReadable()) {
        unsentPieces++;
        connection.writePiece(framed(piece), _ -> unsentPieces--);
      }
      return true;
    } finally {
      piece.release();
    }
  }

  private ByteBuf framed(ByteBuf piece) {
    int length = piece.readableBytes();
    ByteBuf out = connection.alloc().directBuffer(FRAMING_BYTES + length);
    if (chunked) {
      out.writeBytes(Integer.toHexString(length).getBytes(StandardCharsets.US_ASCII));
      out.writeBytes(NEW_LINE);
    }
    out.writeBytes(piece);
    if (chunked) {
      out.writeBytes(NEW_LINE);
    }
    return out;
  }

  @Override
  public boolean isOpen() {
    return !ended;
  }

  @Override
  public void end() {
    connection.loop().requireInLoop();
    if (!ended) {
      ended = true;
      if (begun) {
        finish();
      }
    }
  }

  private void finish() {
    connection.streamEnded(chunked ? Unpooled.wrappedBuffer(LAST) : Unpooled.EMPTY_BUFFER);
  }

  /** The client is gone. */
  void abandon() {
    ended = true;
  }
}
