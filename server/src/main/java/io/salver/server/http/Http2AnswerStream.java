package io.salver.server.http;

import io.netty.buffer.ByteBuf;

/** An answer in data frames. */
final class Http2AnswerStream implements AnswerStream {
  private final HttpStream stream;
  private boolean ended;
  private int unsentPieces;

  Http2AnswerStream(HttpStream stream, boolean ended) {
    this.stream = stream;
    this.ended = ended;
  }

  @Override
  public boolean send(ByteBuf piece) {
    stream.loop().requireInLoop();
    if (ended || unsentPieces > 0) {
      piece.release();
      return false;
    }
    unsentPieces++;
    stream.writePiece(piece, _ -> unsentPieces--);
    return true;
  }

  @Override
  public boolean isOpen() {
    return !ended;
  }

  @Override
  public void end() {
    stream.loop().requireInLoop();
    if (!ended) {
      ended = true;
      stream.writeEnd();
    }
  }

  /** The stream is closed. */
  void abandon() {
    ended = true;
  }
}
