package io.salver.server.oip;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Message;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Status;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import io.salver.server.oip.proto.InferParameter;
import io.salver.server.oip.proto.ModelInferRequest;
import io.salver.server.oip.proto.ModelStreamInferResponse;
import io.salver.tensor.NativeMemory;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class StreamInferTest {
  private final long liveBytesBefore = NativeMemory.liveBytes();
  private final OipFixture server = new OipFixture();
  private final BlockingQueue<Object> events = new LinkedBlockingQueue<>();

  @AfterEach
  void everythingIsGivenBack() {
    assertThat(server.models.openLeases()).isZero();
    server.close();
    assertThat(NativeMemory.liveBytes()).isEqualTo(liveBytesBefore);
  }

  private StreamObserver<Message> open(Channel channel) {
    return ClientCalls.asyncBidiStreamingCall(
        channel.newCall(
            OipFixture.method(
                MethodType.BIDI_STREAMING, "ModelStreamInfer", ModelStreamInferResponse.parser()),
            CallOptions.DEFAULT),
        new StreamObserver<ModelStreamInferResponse>() {
          @Override
          public void onNext(ModelStreamInferResponse value) {
            events.add(value);
          }

          @Override
          public void onError(Throwable t) {
            events.add(Status.fromThrowable(t));
          }

          @Override
          public void onCompleted() {
            events.add("completed");
          }
        });
  }

  private Object event() throws InterruptedException {
    Object event = events.poll(30, TimeUnit.SECONDS);
    assertThat(event).as("an event").isNotNull();
    return event;
  }

  private ModelStreamInferResponse response() throws InterruptedException {
    return (ModelStreamInferResponse) event();
  }

  private static ModelInferRequest request(int i) {
    return InferGrpcTest.half(2 * i).setId("r" + i).build();
  }

  @Test
  void answersInTheOrderOfTheRequests() throws Exception {
    StreamObserver<Message> requests = open(server.channel());
    for (int i = 0; i < 200; i++) {
      requests.onNext(request(i));
    }
    for (int i = 0; i < 200; i++) {
      ModelStreamInferResponse response = response();
      assertThat(response.getErrorMessage()).isEmpty();
      assertThat(response.getInferResponse().getId()).isEqualTo("r" + i);
      assertThat(response.getInferResponse().getParametersCount()).isZero();
      assertThat(response.getInferResponse().getRawOutputContents(0))
          .isEqualTo(InferGrpcTest.floats(i + 2));
    }
    requests.onCompleted();
    assertThat(event()).isEqualTo("completed");
  }

  @Test
  void tellsOfAFailureAndGoesOn() throws Exception {
    StreamObserver<Message> requests = open(server.channel());
    requests.onNext(request(1).toBuilder().setModelName("nobody").build());
    requests.onNext(request(2).toBuilder().setModelVersion("x").build());
    requests.onNext(request(3));
    requests.onCompleted();

    ModelStreamInferResponse unknown = response();
    assertThat(unknown.getErrorMessage())
        .isEqualTo("Request for unknown model: 'nobody' is not found");
    assertThat(unknown.getInferResponse().getId()).isEqualTo("r1");
    assertThat(response().getErrorMessage()).contains("version string 'x'");
    assertThat(response().getInferResponse().getId()).isEqualTo("r3");
    assertThat(event()).isEqualTo("completed");
  }

  @Test
  void endsAtAFailureIfTheClientAsksForThat() throws Exception {
    Metadata metadata = new Metadata();
    metadata.put(Metadata.Key.of("triton_grpc_error", Metadata.ASCII_STRING_MARSHALLER), "true");
    StreamObserver<Message> requests =
        open(
            ClientInterceptors.intercept(
                server.channel(), MetadataUtils.newAttachHeadersInterceptor(metadata)));
    requests.onNext(request(1));
    requests.onNext(request(2).toBuilder().setModelName("nobody").build());

    assertThat(response().getInferResponse().getId()).isEqualTo("r1");
    Status status = (Status) event();
    assertThat(status.getCode()).isEqualTo(Status.Code.NOT_FOUND);
    assertThat(status.getDescription()).contains("'nobody' is not found");
  }

  @Test
  void marksTheLastAnswerIfTheClientAsksForThat() throws Exception {
    StreamObserver<Message> requests = open(server.channel());
    requests.onNext(
        request(1).toBuilder()
            .putParameters(
                "triton_enable_empty_final_response",
                InferParameter.newBuilder().setBoolParam(true).build())
            .build());
    assertThat(
            response()
                .getInferResponse()
                .getParametersOrThrow("triton_final_response")
                .getBoolParam())
        .isTrue();
    requests.onCompleted();
    assertThat(event()).isEqualTo("completed");
  }

  @Test
  void endsWhenTheServerShutsDown() throws Exception {
    StreamObserver<Message> requests = open(server.channel());
    requests.onNext(request(1));
    assertThat(response().getInferResponse().getId()).isEqualTo("r1");
    assertThat(server.drain()).isTrue();
    assertThat(((Status) event()).getCode()).isEqualTo(Status.Code.UNAVAILABLE);
  }
}
