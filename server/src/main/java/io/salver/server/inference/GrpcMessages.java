package io.salver.server.inference;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import io.netty.buffer.ByteBuf;
import io.salver.lifecycle.LeaseWaiter;
import io.salver.model.ModelLease;
import io.salver.predict.Category;
import io.salver.predict.ServingException;
import io.salver.server.grpc.GrpcCall;
import io.salver.server.grpc.GrpcStatus;
import io.salver.server.grpc.UnaryCall;
import io.salver.wire.ProtoEncoder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Between buffers and messages. Stateless. */
public final class GrpcMessages {
  /** What a buffer holds at most, less what the layer below puts in front. */
  private static final long MAX_BYTES = Integer.MAX_VALUE - 64;

  private GrpcMessages() {}

  /** A message that writes itself. */
  public interface Answer {
    /** Its bytes. */
    long size();

    /** Writes exactly {@link #size()} bytes. */
    void write(ProtoEncoder out);
  }

  /** Answers {@code call} with {@code answer}, written straight into the buffer that is sent. */
  public static void reply(UnaryCall call, Answer answer) {
    call.reply(message(call, answer));
  }

  /** The message that {@code answer} is, in a buffer that {@code call} can send. */
  public static ByteBuf message(GrpcCall call, Answer answer) {
    long size = answer.size();
    if (size > MAX_BYTES) {
      throw new ServingException(
          Category.RESOURCE_EXHAUSTED,
          "answer: " + size + " bytes (expected: at most " + MAX_BYTES + ")");
    }
    ByteBuf out = call.newMessage((int) size);
    try {
      answer.write(new ProtoEncoder(BufferViews.writable(out, (int) size)));
      out.writerIndex(out.writerIndex() + (int) size);
      return out;
    } catch (RuntimeException | Error e) {
      out.release();
      throw e;
    }
  }

  /**
   * Reads a message that is not on the hot path.
   *
   * @throws ServingException INVALID_ARGUMENT if it is not one
   */
  public static <T extends MessageLite> T parse(ByteBuf message, Parser<T> parser) {
    try {
      return parser.parseFrom(message.nioBuffer());
    } catch (InvalidProtocolBufferException e) {
      throw ServingException.invalid("protobuf: " + e.getMessage());
    }
  }

  /** Answers {@code call} with a message that is not on the hot path. */
  public static void reply(UnaryCall call, MessageLite message) {
    int size = message.getSerializedSize();
    ByteBuf out = call.newMessage(size);
    try {
      out.ensureWritable(size);
      ByteBuffer space = out.nioBuffer(out.writerIndex(), size);
      CodedOutputStream coded = CodedOutputStream.newInstance(space);
      message.writeTo(coded);
      coded.flush();
      out.writerIndex(out.writerIndex() + size);
    } catch (IOException e) {
      out.release();
      throw new UncheckedIOException(e);
    } catch (RuntimeException | Error e) {
      out.release();
      throw e;
    }
    call.reply(out);
  }

  /** Holds a version, or has a waiter told when it has been loaded. */
  @FunctionalInterface
  public interface VersionOf {
    /**
     * As {@link VersionInquiry.Call#lease}.
     *
     * @throws ServingException if there is none
     */
    @Nullable ModelLease lease(LeaseWaiter waiter);
  }

  /** Answers {@code call}, now or later, with what a version says of itself. */
  public static void answer(
      UnaryCall call, VersionOf version, Function<ModelLease, ? extends MessageLite> answer) {
    VersionInquiry inquiry =
        new VersionInquiry(
            new VersionInquiry.Call() {
              @Override
              public @Nullable ModelLease lease(LeaseWaiter waiter) {
                return version.lease(waiter);
              }

              @Override
              public void answer(ModelLease lease) {
                reply(call, answer.apply(lease));
              }

              @Override
              public void fail(ServingException failure) {
                GrpcMessages.fail(call, failure);
              }
            },
            call.loop());
    if (!inquiry.start()) {
      call.onCancel(inquiry::abandon);
    }
  }

  /**
   * The priority that the caller asks for; 0 for the model's default.
   *
   * @throws ServingException INVALID_ARGUMENT if it is not a number
   */
  public static int priority(UnaryCall call) {
    return RequestHeaders.priority(call.requestMetadata().get(RequestHeaders.PRIORITY));
  }

  /** Ends {@code call} with {@code failure}. */
  public static void fail(GrpcCall call, ServingException failure) {
    call.fail(GrpcStatus.of(failure.category()), failure.getMessage());
  }
}
