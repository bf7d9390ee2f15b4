package io.salver.server.oip;

import io.netty.util.AsciiString;
import io.salver.predict.PredictRequest;
import io.salver.predict.ServingException;
import io.salver.server.grpc.UnaryCall;
import io.salver.server.inference.GrpcMessages;
import io.salver.server.inference.InferenceCall;

/** Where what comes of one {@code ModelInferRequest} goes. Confined to the call's loop. */
interface InferSink {
  /** Answers; sending is the last thing that it does. */
  void answer(PredictRequest request, ReplyForm form);

  /** As {@link InferenceCall#addHeader}. */
  default void addHeader(AsciiString lowerCaseName, AsciiString value) {}

  /** Answers with a failure. */
  void fail(ServingException failure);

  /** Runs {@code action} if the caller goes away before the answer. */
  void onCancel(Runnable action);

  /** Whether nobody waits for the answer any more. */
  boolean isCancelled();

  /** A call that is answered once. */
  record Unary(UnaryCall call) implements InferSink {
    @Override
    public void addHeader(AsciiString lowerCaseName, AsciiString value) {
      call.addInitialMetadata(lowerCaseName, value);
    }

    @Override
    public void answer(PredictRequest request, ReplyForm form) {
      GrpcMessages.reply(call, new InferMessageWriter(request, form, false));
    }

    @Override
    public void fail(ServingException failure) {
      GrpcMessages.fail(call, failure);
    }

    @Override
    public void onCancel(Runnable action) {
      call.onCancel(action);
    }

    @Override
    public boolean isCancelled() {
      return call.isCancelled();
    }
  }
}
