package io.salver.server.oip;

import io.netty.buffer.ByteBuf;
import io.salver.predict.PredictRequest;
import io.salver.predict.ServingException;
import io.salver.server.grpc.GrpcStatus;
import io.salver.server.grpc.StreamCall;
import io.salver.server.grpc.StreamListener;
import io.salver.server.inference.BufferViews;
import io.salver.server.inference.GrpcMessages;
import io.salver.server.inference.Inference;
import io.salver.wire.ProtoEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * One call of {@code ModelStreamInfer}: requests run side by side and are answered in their order.
 * Confined to the call's loop.
 *
 * <p>What fails is told in its answer, and the stream goes on; a client that sends {@code
 * triton_grpc_error: true} has the stream ended by the failure's status instead. So many requests
 * are under way at once as {@link #WINDOW} says, and none is taken while the client does not read.
 */
final class StreamInfer implements StreamListener {
  private static final int WINDOW = 32;
  private static final String ENDS_ON_ERROR = "triton_grpc_error";

  private final Inference.Context context;
  private final GrpcInfer.Codec codec;
  private final StreamCall call;
  private final boolean endsOnError;
  private final ArrayDeque<Slot> slots = new ArrayDeque<>();
  private int owed;
  private boolean halfClosed;
  private boolean draining;
  private boolean ended;

  private StreamInfer(Inference.Context context, GrpcInfer.Codec codec, StreamCall call) {
    this.context = context;
    this.codec = codec;
    this.call = call;
    this.endsOnError = "true".equals(call.requestMetadata().get(ENDS_ON_ERROR));
  }

  static StreamListener open(Inference.Context context, GrpcInfer.Codec codec, StreamCall call) {
    StreamInfer stream = new StreamInfer(context, codec, call);
    call.request(WINDOW);
    return stream;
  }

  @Override
  public void onMessage(ByteBuf message) {
    Slot slot = new Slot(InferMessageReader.id(BufferViews.readable(message)));
    slots.add(slot);
    GrpcInfer.start(context, codec, call, slot, message);
  }

  @Override
  public void onHalfClose() {
    halfClosed = true;
    deliver();
  }

  @Override
  public void onDrain() {
    draining = true;
    deliver();
  }

  @Override
  public void onReady() {
    deliver();
  }

  @Override
  public void onCancel() {
    end();
  }

  private void end() {
    ended = true;
    for (Slot slot = slots.poll(); slot != null; slot = slots.poll()) {
      slot.drop();
    }
  }

  /** Sends what is next and done, and makes room for as many more. */
  private void deliver() {
    while (!ended && !slots.isEmpty() && slots.getFirst().isDone()) {
      slots.removeFirst().send();
      owed++;
    }
    if (ended) {
      return;
    }
    if (slots.isEmpty() && halfClosed) {
      ended = true;
      call.close();
    } else if (slots.isEmpty() && draining) {
      ended = true;
      call.fail(GrpcStatus.UNAVAILABLE, "the server shuts down");
    } else if (owed > 0 && !halfClosed && !draining && call.isReady()) {
      int more = owed;
      owed = 0;
      call.request(more);
    }
  }

  /** A request's place in the order of answers. */
  private final class Slot implements InferSink {
    private final byte[] id;
    private @Nullable ByteBuf answer;
    private @Nullable ServingException failure;
    private @Nullable Runnable onCancel;
    private boolean dropped;

    Slot(byte[] id) {
      this.id = id;
    }

    boolean isDone() {
      return answer != null || failure != null;
    }

    @Override
    public void answer(PredictRequest request, ReplyForm form) {
      answer =
          GrpcMessages.message(call, new Response(new InferMessageWriter(request, form, true)));
      deliver();
    }

    @Override
    public void fail(ServingException reason) {
      if (answer == null) {
        failure = reason;
        deliver();
      }
    }

    void send() {
      ServingException reason = failure;
      ByteBuf message = answer;
      answer = null;
      if (message != null) {
        call.send(message);
      } else if (reason != null && endsOnError) {
        GrpcMessages.fail(call, reason);
        end();
      } else if (reason != null) {
        call.send(GrpcMessages.message(call, new ErrorResponse(reason.getMessage(), id)));
      }
    }

    /** Nobody waits for it any more. */
    void drop() {
      dropped = true;
      if (answer != null) {
        answer.release();
        answer = null;
      } else if (onCancel != null) {
        onCancel.run();
      }
    }

    @Override
    public void onCancel(Runnable action) {
      onCancel = action;
      if (dropped) {
        action.run();
      }
    }

    @Override
    public boolean isCancelled() {
      return dropped;
    }
  }

  /** A {@code ModelStreamInferResponse} with an answer. */
  private record Response(InferMessageWriter answer) implements GrpcMessages.Answer {
    private static final int INFER_RESPONSE = 2;

    @Override
    public long size() {
      return ProtoEncoder.fieldSize(INFER_RESPONSE, answer.size());
    }

    @Override
    public void write(ProtoEncoder out) {
      out.begin(INFER_RESPONSE, answer.size());
      answer.write(out);
    }
  }

  /** A {@code ModelStreamInferResponse} with an error, and the id of the request that failed. */
  private static final class ErrorResponse implements GrpcMessages.Answer {
    private static final int ERROR_MESSAGE = 1;
    private static final int INFER_RESPONSE = 2;
    private static final int ID = 3;

    private final byte[] message;
    private final byte[] id;

    ErrorResponse(String message, byte[] id) {
      this.message = message.getBytes(StandardCharsets.UTF_8);
      this.id = id;
    }

    private long responseSize() {
      return id.length == 0 ? 0 : ProtoEncoder.fieldSize(ID, id.length);
    }

    @Override
    public long size() {
      return ProtoEncoder.fieldSize(ERROR_MESSAGE, message.length)
          + ProtoEncoder.fieldSize(INFER_RESPONSE, responseSize());
    }

    @Override
    public void write(ProtoEncoder out) {
      out.begin(ERROR_MESSAGE, message.length);
      out.raw(message);
      out.begin(INFER_RESPONSE, responseSize());
      if (id.length > 0) {
        out.begin(ID, id.length);
        out.raw(id);
      }
    }
  }
}
