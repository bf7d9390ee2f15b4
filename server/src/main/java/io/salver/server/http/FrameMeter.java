package io.salver.server.http;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.codec.http2.Http2FrameTypes;

/**
 * Walks over what a client sends from frame to frame and counts those that carry nothing of a
 * request. The codec does not show all of them: it drops some for streams that are closed. Confined
 * to the loop.
 */
final class FrameMeter {
  private static final int HEADER_BYTES = 9;
  private static final int END_STREAM = 1;
  private static final int ACK = 1;

  /** Of the frame that is being read, or of the preface. */
  private int bytesToCome = Http2CodecUtil.connectionPrefaceBuf().readableBytes();

  /** The first five bytes of a frame's header that did not come whole: length, type and flags. */
  private long header;

  private int headerBytes;
  private int pings;
  private int others;

  /** Looks at all that is readable, and leaves it there. */
  void read(ByteBuf in) {
    int index = in.readerIndex();
    int end = in.writerIndex();
    while (index < end) {
      if (bytesToCome > 0) {
        int count = Math.min(bytesToCome, end - index);
        bytesToCome -= count;
        index += count;
      } else if (headerBytes == 0 && end - index >= HEADER_BYTES) {
        begin(in.getInt(index), in.getByte(index + 4));
        index += HEADER_BYTES;
      } else {
        add(in.getByte(index++));
      }
    }
  }

  private void add(byte next) {
    if (headerBytes < 5) {
      header = header << 8 | next & 0xff;
    }
    if (++headerBytes == HEADER_BYTES) {
      headerBytes = 0;
      begin((int) (header >>> 8), (byte) header);
      header = 0;
    }
  }

  private void begin(int lengthAndType, byte flags) {
    bytesToCome = lengthAndType >>> 8;
    switch ((byte) lengthAndType) {
      case Http2FrameTypes.HEADERS -> {}
      case Http2FrameTypes.DATA -> others += bytesToCome == 0 && (flags & END_STREAM) == 0 ? 1 : 0;
      case Http2FrameTypes.PING -> {
        boolean isAck = (flags & ACK) != 0;
        pings += isAck ? 0 : 1;
        others += isAck ? 1 : 0;
      }
      default -> others++;
    }
  }

  /** Pings since this was asked before, answers to ours not among them. */
  int takePings() {
    int taken = pings;
    pings = 0;
    return taken;
  }

  /** All other frames that carry nothing, since this was asked before. */
  int takeOthers() {
    int taken = others;
    others = 0;
    return taken;
  }
}
