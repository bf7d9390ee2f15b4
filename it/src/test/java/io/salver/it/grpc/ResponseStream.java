package io.salver.it.grpc;

import io.grpc.testing.integration.Messages.ResponseParameters;
import io.grpc.testing.integration.Messages.StreamingOutputCallRequest;
import io.grpc.testing.integration.Messages.StreamingOutputCallResponse;
import io.netty.buffer.ByteBuf;
import io.salver.server.grpc.StreamCall;
import io.salver.server.grpc.StreamListener;
import java.util.ArrayDeque;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Sends the responses that requests ask for, each after its interval and no faster than read. */
final class ResponseStream implements StreamListener {
  private final StreamCall call;
  private final ScheduledExecutorService timer;
  private final boolean waitForEnd;
  private final ArrayDeque<ResponseParameters> wanted = new ArrayDeque<>();
  private boolean intervalPassed;
  private boolean timing;
  private boolean requestEnded;

  ResponseStream(StreamCall call, ScheduledExecutorService timer, boolean waitForEnd) {
    this.call = call;
    this.timer = timer;
    this.waitForEnd = waitForEnd;
    InteropService.echoMetadata(call);
    call.request(1);
  }

  @Override
  public void onMessage(ByteBuf message) {
    StreamingOutputCallRequest request =
        InteropService.parse(StreamingOutputCallRequest.parser(), message);
    if (request.hasResponseStatus()) {
      wanted.clear();
      InteropService.fail(call, request.getResponseStatus());
      return;
    }
    wanted.addAll(request.getResponseParametersList());
    call.request(1);
    pump();
  }

  @Override
  public void onHalfClose() {
    requestEnded = true;
    pump();
  }

  @Override
  public void onReady() {
    pump();
  }

  private void pump() {
    if (waitForEnd && !requestEnded) {
      return;
    }
    while (!wanted.isEmpty() && !timing && !call.isCancelled()) {
      if (!intervalPassed && wanted.peek().getIntervalUs() > 0) {
        awaitInterval(wanted.peek().getIntervalUs());
      } else if (call.isReady()) {
        send(wanted.remove());
      } else {
        return;
      }
    }
    if (wanted.isEmpty() && requestEnded) {
      call.close();
    }
  }

  private void send(ResponseParameters parameters) {
    intervalPassed = false;
    call.compressReplies(parameters.getCompressed().getValue());
    call.send(
        InteropService.frame(
            call,
            StreamingOutputCallResponse.newBuilder()
                .setPayload(InteropService.payload(parameters.getSize()))
                .build()));
  }

  private void awaitInterval(int intervalUs) {
    timing = true;
    var unused =
        timer.schedule(
            () -> call.loop().execute(this::intervalPassed), intervalUs, TimeUnit.MICROSECONDS);
  }

  private void intervalPassed() {
    timing = false;
    intervalPassed = true;
    pump();
  }
}
