package io.salver.server.grpc.services;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import io.netty.buffer.ByteBuf;
import io.salver.predict.ServingException;
import io.salver.server.grpc.GrpcCall;
import java.io.IOException;
import java.io.UncheckedIOException;

/** Between buffers and generated messages. Stateless. */
final class GrpcBuffers {
  private GrpcBuffers() {}

  /**
   * Reads a message.
   *
   * @throws ServingException INVALID_ARGUMENT if it is not one
   */
  static <T extends MessageLite> T parse(ByteBuf message, Parser<T> parser) {
    try {
      return parser.parseFrom(message.nioBuffer());
    } catch (InvalidProtocolBufferException e) {
      throw ServingException.invalid("protobuf: " + e.getMessage());
    }
  }

  /** A buffer of {@code call} that holds {@code message}. */
  static ByteBuf write(GrpcCall call, MessageLite message) {
    int size = message.getSerializedSize();
    ByteBuf out = call.newMessage(size);
    try {
      out.ensureWritable(size);
      CodedOutputStream coded =
          CodedOutputStream.newInstance(out.nioBuffer(out.writerIndex(), size));
      message.writeTo(coded);
      coded.flush();
      return out.writerIndex(out.writerIndex() + size);
    } catch (IOException e) {
      out.release();
      throw new UncheckedIOException(e);
    } catch (RuntimeException | Error e) {
      out.release();
      throw e;
    }
  }
}
