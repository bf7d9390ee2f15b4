package io.salver.server.grpc.services;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import io.salver.server.grpc.GrpcMethod;
import io.salver.server.grpc.GrpcService;
import io.salver.server.grpc.services.proto.HealthCheckRequest;
import io.salver.server.grpc.services.proto.HealthCheckResponse;
import io.salver.server.grpc.services.proto.HealthCheckResponse.ServingStatus;
import io.salver.server.grpc.services.proto.reflection.FileDescriptorResponse;
import io.salver.server.grpc.services.proto.reflection.ServerReflectionRequest;
import io.salver.server.grpc.services.proto.reflection.ServerReflectionResponse;
import io.salver.server.grpc.services.proto.reflection.ServiceResponse;
import io.salver.server.http.HttpLimits;
import io.salver.server.http.HttpProtocols;
import io.salver.server.net.Listener;
import io.salver.server.net.ListenerConfig;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
final class GrpcServicesTest {
  private volatile boolean ready = true;
  private final HealthService health = new HealthService(() -> ready, Set.of("PredictionService"));
  private final ReflectionService reflection =
      new ReflectionService(List.of(HealthService.descriptor()));

  /** How calls failed. */
  private final BlockingQueue<Status.Code> ended = new LinkedBlockingQueue<>();

  private Listener listener;
  private ManagedChannel channel;

  @BeforeEach
  void start() throws IOException {
    List<GrpcMethod> methods = new ArrayList<>(health.methods());
    methods.addAll(reflection.methods());
    listener =
        Listener.start(
            ListenerConfig.onLoopback(0).withEventLoops(1),
            new HttpProtocols(
                exchange -> exchange.respond(404, "text/plain", exchange.newBody(0)),
                new GrpcService(methods, 1 << 20),
                HttpLimits.DEFAULT));
    channel = NettyChannelBuilder.forAddress("127.0.0.1", listener.port()).usePlaintext().build();
  }

  @AfterEach
  void stop() {
    channel.shutdownNow();
    listener.close();
    health.close();
  }

  @Test
  void tellsTheHealthOfTheServerAndOfItsServices() {
    assertThat(check("")).isEqualTo(ServingStatus.SERVING);
    assertThat(check("PredictionService")).isEqualTo(ServingStatus.SERVING);
    ready = false;
    assertThat(check("")).isEqualTo(ServingStatus.NOT_SERVING);
    assertThatThrownBy(() -> check("Nobody"))
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.NOT_FOUND));
  }

  @Test
  void tellsWatchersOfEachChange() throws InterruptedException {
    BlockingQueue<ServingStatus> seen = watch("");
    assertThat(seen.take()).isEqualTo(ServingStatus.SERVING);
    ready = false;
    assertThat(seen.take()).isEqualTo(ServingStatus.NOT_SERVING);
    ready = true;
    assertThat(seen.take()).isEqualTo(ServingStatus.SERVING);
    assertThat(watch("Nobody").take()).isEqualTo(ServingStatus.SERVICE_UNKNOWN);
  }

  @Test
  void endsWatchesAndReflectionWhenTheServerDrains() throws Exception {
    BlockingQueue<ServingStatus> seen = watch("");
    BlockingQueue<ServingStatus> unknown = watch("Nobody");
    assertThat(seen.take()).isEqualTo(ServingStatus.SERVING);
    assertThat(unknown.take()).isEqualTo(ServingStatus.SERVICE_UNKNOWN);
    BlockingQueue<ServerReflectionResponse> answers = new LinkedBlockingQueue<>();
    converse("v1", observer(answers::add))
        .onNext(ServerReflectionRequest.newBuilder().setListServices("*").build());
    assertThat(answers.take().getListServicesResponse().getServiceCount()).isEqualTo(3);

    health.close();
    assertThat(listener.drain(Duration.ofMinutes(5))).isTrue();

    assertThat(seen.take()).isEqualTo(ServingStatus.NOT_SERVING);
    assertThat(ended.take()).isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(ended.take()).isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(ended.take()).isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(unknown).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"v1", "v1alpha"})
  void listsTheServices(String version) throws InterruptedException {
    ServerReflectionResponse response =
        ask(version, ServerReflectionRequest.newBuilder().setListServices("*").build());
    assertThat(response.getListServicesResponse().getServiceList())
        .extracting(ServiceResponse::getName)
        .containsExactly(
            "grpc.health.v1.Health",
            "grpc.reflection.v1.ServerReflection",
            "grpc.reflection.v1alpha.ServerReflection");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "grpc.health.v1.Health",
        "grpc.health.v1.Health.Check",
        "grpc.health.v1.HealthCheckResponse.ServingStatus"
      })
  void findsTheFileOfASymbol(String symbol) throws Exception {
    ServerReflectionResponse response =
        ask("v1", ServerReflectionRequest.newBuilder().setFileContainingSymbol(symbol).build());
    assertThat(files(response.getFileDescriptorResponse()))
        .containsExactly("grpc/health/v1/health.proto");
  }

  @Test
  void findsAFileByItsName() throws Exception {
    ServerReflectionRequest.Builder request =
        ServerReflectionRequest.newBuilder().setFileByFilename("grpc/health/v1/health.proto");
    assertThat(files(ask("v1", request.build()).getFileDescriptorResponse()))
        .containsExactly("grpc/health/v1/health.proto");
    ServerReflectionResponse missing = ask("v1", request.setFileByFilename("none.proto").build());
    assertThat(missing.getErrorResponse().getErrorCode()).isEqualTo(5);
    assertThat(missing.getErrorResponse().getErrorMessage()).isEqualTo("unknown file");
  }

  private static List<String> files(FileDescriptorResponse response)
      throws InvalidProtocolBufferException {
    List<String> names = new ArrayList<>();
    for (ByteString file : response.getFileDescriptorProtoList()) {
      names.add(FileDescriptorProto.parseFrom(file).getName());
    }
    return names;
  }

  private ServingStatus check(String service) {
    MethodDescriptor<Message, HealthCheckResponse> method =
        method(
            MethodDescriptor.MethodType.UNARY,
            "grpc.health.v1.Health/Check",
            HealthCheckResponse.parser());
    return ClientCalls.blockingUnaryCall(channel, method, CallOptions.DEFAULT, request(service))
        .getStatus();
  }

  private static HealthCheckRequest request(String service) {
    return HealthCheckRequest.newBuilder().setService(service).build();
  }

  private BlockingQueue<ServingStatus> watch(String service) {
    MethodDescriptor<Message, HealthCheckResponse> method =
        method(
            MethodDescriptor.MethodType.SERVER_STREAMING,
            "grpc.health.v1.Health/Watch",
            HealthCheckResponse.parser());
    BlockingQueue<ServingStatus> seen = new LinkedBlockingQueue<>();
    ClientCalls.asyncServerStreamingCall(
        channel.newCall(method, CallOptions.DEFAULT),
        request(service),
        observer(response -> seen.add(response.getStatus())));
    return seen;
  }

  private ServerReflectionResponse ask(String version, ServerReflectionRequest request)
      throws InterruptedException {
    BlockingQueue<ServerReflectionResponse> responses = new LinkedBlockingQueue<>();
    StreamObserver<Message> requests = converse(version, observer(responses::add));
    requests.onNext(request);
    ServerReflectionResponse response = responses.take();
    requests.onCompleted();
    return response;
  }

  private StreamObserver<Message> converse(
      String version, StreamObserver<ServerReflectionResponse> responses) {
    MethodDescriptor<Message, ServerReflectionResponse> method =
        method(
            MethodDescriptor.MethodType.BIDI_STREAMING,
            "grpc.reflection." + version + ".ServerReflection/ServerReflectionInfo",
            ServerReflectionResponse.parser());
    return ClientCalls.asyncBidiStreamingCall(
        channel.newCall(method, CallOptions.DEFAULT), responses);
  }

  private <T> StreamObserver<T> observer(java.util.function.Consumer<T> onNext) {
    return new StreamObserver<>() {
      @Override
      public void onNext(T value) {
        onNext.accept(value);
      }

      @Override
      public void onError(Throwable failure) {
        ended.add(Status.fromThrowable(failure).getCode());
      }

      @Override
      public void onCompleted() {}
    };
  }

  private static <T extends Message> MethodDescriptor<Message, T> method(
      MethodDescriptor.MethodType type, String name, Parser<T> parser) {
    return MethodDescriptor.<Message, T>newBuilder()
        .setType(type)
        .setFullMethodName(name)
        .setRequestMarshaller(new Marshaller<>(HealthCheckRequest.parser()))
        .setResponseMarshaller(new Marshaller<>(parser))
        .build();
  }

  private record Marshaller<T extends Message>(Parser<? extends T> parser)
      implements MethodDescriptor.Marshaller<T> {
    @Override
    public InputStream stream(T value) {
      return new ByteArrayInputStream(value.toByteArray());
    }

    @Override
    public T parse(InputStream stream) {
      try {
        return parser.parseFrom(stream);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
